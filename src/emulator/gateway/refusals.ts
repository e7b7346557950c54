import type { Clock } from '../clock.ts';

/** Stands for every application, also those not known yet. */
export const everyone = '*';

export type Refusal = { readonly count: number } | { readonly ms: number };

/** Connections to turn away: so many, or for so long, per application or for all. */
export class Refusals {
  readonly #clock: Clock;
  readonly #left = new Map<string, { count: number; untilMs: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Replaces what was set before; `{ count: 0 }` ends it. */
  set(target: string, refusal: Refusal): void {
    this.#left.set(
      target,
      'ms' in refusal
        ? { count: Number.POSITIVE_INFINITY, untilMs: this.#clock.monotonicMs() + refusal.ms }
        : { count: refusal.count, untilMs: Number.POSITIVE_INFINITY },
    );
  }

  /** Whether this attempt is to be turned away; uses up one of the count. */
  take(target: string): boolean {
    const left = this.#left.get(target);
    if (!left || left.count < 1 || this.#clock.monotonicMs() >= left.untilMs) return false;
    left.count--;
    return true;
  }
}
