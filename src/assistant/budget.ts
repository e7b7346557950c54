import type { BudgetLimits, Spent } from '../protocol/assistant.ts';
import { Windows } from './windows.ts';

export type Asker = {
  readonly user: string;
  /** null in direct messages. */
  readonly guild: string | null;
  readonly channel: string;
};

export type Refusal = {
  readonly scope: 'user' | 'guild' | 'day';
  readonly againAtMs: number;
  /** Nobody who reads this place was told so in this window. */
  readonly first: boolean;
};

const dayMs = 86_400_000;
const maxTold = 1_000;

/**
 * What the model may be asked. People and guilds have sliding windows, which are about fairness and forgotten at a
 * restart. The day, which is about money, is the calendar's in UTC: so providers bill it, and people can be told when it
 * ends. Its two numbers outlive the process: they go out with each heartbeat, and the next incarnation is told the last.
 *
 * A question counts when it is taken, whatever becomes of it. Tokens count when the model has answered, so answers that
 * are under way at once can exceed the day's tokens by what they cost.
 */
export class Budget {
  readonly #limits: BudgetLimits;
  readonly #nowMs: () => number;
  readonly #users: Windows | null;
  readonly #guilds: Windows | null;
  #spent: Spent;
  /** Until when whom was told. */
  readonly #told = new Map<string, number>();

  constructor(limits: BudgetLimits, spent: Spent | null, nowMs: () => number = Date.now) {
    this.#limits = limits;
    this.#nowMs = nowMs;
    this.#users = limits.user && new Windows(limits.user);
    this.#guilds = limits.guild && new Windows(limits.guild);
    this.#spent = spent ?? { day: 0, requests: 0, tokens: 0 };
  }

  /** In this day. */
  get spent(): Spent {
    const day = Math.floor(this.#nowMs() / dayMs);
    if (day !== this.#spent.day) this.#spent = { day, requests: 0, tokens: 0 };
    return this.#spent;
  }

  /** Why the model is not asked now; null: it may be. */
  refusal({ user, guild, channel }: Asker): Refusal | null {
    const nowMs = this.#nowMs();
    const userFreeMs = this.#users?.freeAtMs(user, nowMs) ?? null;
    if (userFreeMs !== null) {
      return this.#refused('user', userFreeMs, `user ${user}`, nowMs + (this.#limits.user?.windowMs ?? 0));
    }
    const guildFreeMs = guild === null ? null : (this.#guilds?.freeAtMs(guild, nowMs) ?? null);
    if (guildFreeMs !== null) {
      return this.#refused('guild', guildFreeMs, `guild ${channel}`, nowMs + (this.#limits.guild?.windowMs ?? 0));
    }
    const { day, requests, tokens } = this.spent;
    const { requestsPerDay, tokensPerDay } = this.#limits;
    const isUsedUp = requests >= (requestsPerDay ?? Infinity) || tokens >= (tokensPerDay ?? Infinity);
    const tomorrowMs = (day + 1) * dayMs;
    return isUsedUp ? this.#refused('day', tomorrowMs, `day ${channel}`, tomorrowMs) : null;
  }

  /** One question is taken. */
  take({ user, guild }: Asker): void {
    const nowMs = this.#nowMs();
    this.#users?.take(user, nowMs);
    if (guild !== null) this.#guilds?.take(guild, nowMs);
    const { spent } = this;
    this.#spent = { ...spent, requests: spent.requests + 1 };
  }

  spend(tokens: number): void {
    const { spent } = this;
    this.#spent = { ...spent, tokens: spent.tokens + tokens };
  }

  #refused(scope: Refusal['scope'], againAtMs: number, whom: string, silentUntilMs: number): Refusal {
    const first = (this.#told.get(whom) ?? 0) <= this.#nowMs();
    if (first) {
      this.#told.delete(whom);
      this.#told.set(whom, silentUntilMs);
      const [earliest] = this.#told.keys();
      if (this.#told.size > maxTold && earliest !== undefined) this.#told.delete(earliest);
    }
    return { scope, againAtMs, first };
  }
}
