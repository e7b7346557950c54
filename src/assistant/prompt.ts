import type { AssistantSettings } from '../protocol/assistant.ts';
import type { Incoming } from './address.ts';
import type { Conversations, Turn } from './conversation.ts';
import { estimateTokens, tokensPerMessage } from './tokens.ts';

export type Message = Turn | { readonly role: 'system'; readonly content: string };

export type Prompts = Pick<AssistantSettings, 'systemPrompt' | 'prompts' | 'conversationTokens'>;

/** The system prompt of the guild, as much of what was said before as there is room for, and the question: these two always. */
export function promptFor(
  { channel_id, guild_id = '' }: Pick<Incoming, 'channel_id' | 'guild_id'>,
  question: string,
  { systemPrompt, prompts, conversationTokens }: Prompts,
  conversations: Conversations,
): readonly Message[] {
  const content = Object.hasOwn(prompts, guild_id) ? (prompts[guild_id] ?? systemPrompt) : systemPrompt;
  const system: readonly Message[] = content === '' ? [] : [{ role: 'system', content }];
  const asked: Message = { role: 'user', content: question };
  const room = conversationTokens - tokensOf([...system, asked]);
  return [...system, ...conversations.of(channel_id, room), asked];
}

/** An estimate. */
export const tokensOf = (messages: readonly Message[]): number =>
  messages.reduce((sum, { content }) => sum + estimateTokens(content) + tokensPerMessage, 0);
