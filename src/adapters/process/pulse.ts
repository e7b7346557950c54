import type { Clock, Timer } from '../../ports/clock.ts';

/** How late a death may be noticed when inotify failed to tell of it. */
const periodMs = 250;

/** One timer for the slow looks of all children; it runs only while somebody wants them. */
export class Pulse {
  readonly #clock: Clock;
  readonly #looks = new Set<() => void>();
  #timer: Timer | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Calls `look` every 250 ms until the returned function is called. */
  add(look: () => void): () => void {
    this.#looks.add(look);
    this.#timer ??= this.#next();
    return () => {
      this.#looks.delete(look);
      if (this.#looks.size > 0) return;
      this.#timer?.cancel();
      this.#timer = null;
    };
  }

  #next(): Timer {
    return this.#clock.setTimer(this.#clock.monotonicMs() + periodMs, () => {
      this.#timer = this.#next();
      for (const look of [...this.#looks]) look();
    });
  }
}
