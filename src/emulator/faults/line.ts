import type { Clock, Timer } from '../clock.ts';

/** Things that happen later, strictly in the order in which they were put in, as on a slow TCP connection. */
export class Line {
  readonly #clock: Clock;
  readonly #queue: { readonly atMs: number; readonly act: () => void }[] = [];
  #timer: Timer | null = null;
  #lastMs = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get isEmpty(): boolean {
    return this.#queue.length === 0;
  }

  /** At the earliest `delayMs` from now and `gapMs` after the one before; at once when nothing asks for waiting. */
  push(delayMs: number, gapMs: number, act: () => void): void {
    const nowMs = this.#clock.monotonicMs();
    this.#lastMs = Math.max(nowMs + delayMs, Math.max(nowMs, this.#lastMs) + gapMs);
    if (this.isEmpty && this.#lastMs <= nowMs) act();
    else {
      this.#queue.push({ atMs: this.#lastMs, act });
      this.#wait();
    }
  }

  /** Nothing of what still waits will happen. */
  clear(): void {
    this.#queue.length = 0;
    this.#timer?.cancel();
    this.#timer = null;
  }

  #wait(): void {
    const [next] = this.#queue;
    if (!next || this.#timer) return;
    this.#timer = this.#clock.setTimer(next.atMs, () => {
      this.#timer = null;
      const nowMs = this.#clock.monotonicMs();
      while (this.#queue[0] && this.#queue[0].atMs <= nowMs) this.#queue.shift()?.act();
      this.#wait();
    });
  }
}
