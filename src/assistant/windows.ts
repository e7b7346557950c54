import type { Rate } from '../protocol/assistant.ts';

/** Who was quiet for longest is forgotten first, which can only be to their advantage. */
const maxKeys = 10_000;

/**
 * So many per key within a sliding window. The times themselves are kept: a window that slides cannot be filled twice
 * around the full hour, as one of the calendar can.
 */
export class Windows {
  readonly #rate: Rate;
  /** Times per key, oldest first; keys in order of use. */
  readonly #taken = new Map<string, readonly number[]>();

  constructor(rate: Rate) {
    this.#rate = rate;
  }

  /** When the key is free again; null: it is free. */
  freeAtMs(key: string, nowMs: number): number | null {
    const taken = this.#recent(key, nowMs);
    const oldest = taken[taken.length - this.#rate.count];
    return oldest === undefined ? null : oldest + this.#rate.windowMs;
  }

  take(key: string, nowMs: number): void {
    const taken = [...this.#recent(key, nowMs), nowMs];
    this.#taken.delete(key);
    this.#taken.set(key, taken);
    const [quietest] = this.#taken.keys();
    if (this.#taken.size > maxKeys && quietest !== undefined) this.#taken.delete(quietest);
  }

  /** What lies in the future was taken before somebody set the clock back. */
  #recent(key: string, nowMs: number): readonly number[] {
    const { windowMs } = this.#rate;
    return (this.#taken.get(key) ?? []).filter((atMs) => atMs > nowMs - windowMs && atMs <= nowMs);
  }
}
