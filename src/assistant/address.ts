import { type GatewayMessageCreateDispatchData, MessageType } from 'discord-api-types/v10';
import type { AssistantSettings } from '../protocol/assistant.ts';

/** The parts of a message that are looked at. */
export type Incoming = Pick<
  GatewayMessageCreateDispatchData,
  | 'id'
  | 'channel_id'
  | 'content'
  | 'attachments'
  | 'author'
  | 'guild_id'
  | 'mentions'
  | 'referenced_message'
  | 'type'
  | 'webhook_id'
>;

/** Whether a person speaks to us: in a direct message, by mentioning us, or by replying to one of our messages. */
export function isForUs(message: Incoming, ourId: string): boolean {
  if (message.author.bot || message.author.system || message.webhook_id) return false;
  if (message.type !== MessageType.Default && message.type !== MessageType.Reply) return false;
  return (
    message.guild_id === undefined ||
    message.mentions.some(({ id }) => id === ourId) ||
    message.referenced_message?.author.id === ourId
  );
}

/** Whether we may speak where it was said. Elsewhere the bot is as if it were not there. */
export function isWelcome(
  { guild_id }: Incoming,
  { guilds, directMessages }: Pick<AssistantSettings, 'guilds' | 'directMessages'>,
): boolean {
  if (guild_id === undefined) return directMessages;
  return guilds === null || guilds.includes(guild_id);
}
