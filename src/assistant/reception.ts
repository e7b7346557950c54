import type { API } from '@discordjs/core';
import { type Incoming, isForUs, isWelcome } from './address.ts';
import { say } from './answer.ts';
import type { Budget } from './budget.ts';
import { questionOf } from './question.ts';
import type { ChannelQueues } from './queue.ts';
import { overBudget, sentences } from './sentences.ts';
import type { Settings } from './settings.ts';

export type Reception = {
  readonly api: API;
  readonly settings: Pick<Settings, 'guilds' | 'directMessages'>;
  readonly budget: Budget;
  readonly queues: ChannelQueues;
  /** Must not reject. */
  readonly answer: (message: Incoming, question: string) => Promise<void>;
};

const maxSeen = 500;

/**
 * Decides what becomes of a message: nothing, one sentence, or an answer. Whoever is over budget is told once in a window
 * and then not heard: a reaction to each further message would let them use up what the bot may do on Discord, too.
 */
export function createReception({ api, settings, budget, queues, answer }: Reception) {
  /** The same message never gets two answers, even if Discord delivers it twice. */
  const seen = new Set<string>();
  /** Channels that were told about the restart. */
  const told = new Set<string>();

  function isNew({ id }: Incoming): boolean {
    if (seen.has(id)) return false;
    seen.add(id);
    const [oldest] = seen;
    if (seen.size > maxSeen && oldest !== undefined) seen.delete(oldest);
    return true;
  }

  /** Has it answered, or returns what to say instead; null: nothing. */
  function admit(message: Incoming, question: string): string | null {
    const { channel_id: channel, guild_id: guild = null, author } = message;
    const asker = { user: author.id, guild, channel };
    const refusal = budget.refusal(asker);
    if (refusal) return refusal.first ? overBudget(refusal) : null;
    const admission = queues.offer(channel, () => answer(message, question));
    if (admission === 'accepted') budget.take(asker);
    if (admission === 'full') return sentences.full;
    if (admission !== 'closed' || told.has(channel)) return null;
    told.add(channel);
    return sentences.restarting;
  }

  return (message: Incoming, ourId: string): void => {
    if (!isForUs(message, ourId) || !isWelcome(message, settings) || !isNew(message)) return;
    const question = questionOf(message, ourId);
    const sentence = question === '' ? sentences.empty : admit(message, question);
    if (sentence !== null) void say(message, sentence, api);
  };
}
