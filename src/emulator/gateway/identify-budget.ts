import type { Limits } from '../limits.ts';

export type SessionStartLimit = {
  readonly total: number;
  readonly remaining: number;
  readonly reset_after: number;
  readonly max_concurrency: number;
};

/**
 * What one token may start: so many IDENTIFYs per day over all shards, refused ones included, and one per key
 * (`shard_id % max_concurrency`) every five seconds. The day begins with its first IDENTIFY.
 */
export class IdentifyBudget {
  readonly #limits: Limits;
  readonly #lastGrantMs = new Map<number, number>();
  #spent = 0;
  #resetsAtMs = 0;

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  /** Counts one IDENTIFY. False when none was left. */
  spend(nowMs: number): boolean {
    if (nowMs >= this.#resetsAtMs) {
      this.#spent = 0;
      this.#resetsAtMs = nowMs + this.#limits.identifyBudgetMs;
    }
    if (this.#spent >= this.#limits.identifyBudget) return false;
    this.#spent++;
    return true;
  }

  /** Leaves so many, at most the whole budget. */
  setRemaining(remaining: number, nowMs: number): void {
    if (nowMs >= this.#resetsAtMs) this.#resetsAtMs = nowMs + this.#limits.identifyBudgetMs;
    this.#spent = this.#limits.identifyBudget - Math.min(remaining, this.#limits.identifyBudget);
  }

  /** Whether the shard may identify now; a grant closes its window for five seconds, a refusal changes nothing. */
  enterWindow(shardId: number, nowMs: number): boolean {
    const key = shardId % this.#limits.maxConcurrency;
    const last = this.#lastGrantMs.get(key);
    if (last !== undefined && nowMs < last + this.#limits.identifyWindowMs) return false;
    this.#lastGrantMs.set(key, nowMs);
    return true;
  }

  limitAt(nowMs: number): SessionStartLimit {
    const { identifyBudget: total, maxConcurrency } = this.#limits;
    const isOver = nowMs >= this.#resetsAtMs;
    return {
      total,
      remaining: isOver ? total : total - this.#spent,
      reset_after: isOver ? 0 : Math.ceil(this.#resetsAtMs - nowMs),
      max_concurrency: maxConcurrency,
    };
  }
}
