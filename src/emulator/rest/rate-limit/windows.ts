import type { Clock } from '../../clock.ts';

export type Standing = { readonly granted: boolean; readonly remaining: number; readonly resetAfterMs: number };

/** Windows that ran out are forgotten once this many are held. */
const sweepAbove = 10_000;

/** Counts calls in fixed windows: the first call opens one, which ends so long after it. A refused call costs nothing. */
export class Windows {
  readonly #clock: Clock;
  readonly #windows = new Map<string, { used: number; endsAtMs: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How many are held. */
  get size(): number {
    return this.#windows.size;
  }

  take(key: string, calls: number, windowMs: number): Standing {
    const nowMs = this.#clock.monotonicMs();
    let window = this.#windows.get(key);
    if (!window || nowMs >= window.endsAtMs) {
      if (this.#windows.size > sweepAbove) this.#sweep(nowMs);
      window = { used: 0, endsAtMs: nowMs + windowMs };
      this.#windows.set(key, window);
    }
    const granted = window.used < calls;
    if (granted) window.used++;
    return { granted, remaining: calls - window.used, resetAfterMs: Math.ceil(window.endsAtMs - nowMs) };
  }

  #sweep(nowMs: number): void {
    for (const [key, { endsAtMs }] of this.#windows) if (nowMs >= endsAtMs) this.#windows.delete(key);
  }
}
