/** So many within a window that begins with the first and ends for all at once. */
export class RateWindow {
  readonly #most: number;
  readonly #windowMs: number;
  #startsMs = Number.NEGATIVE_INFINITY;
  #taken = 0;

  constructor(most: number, windowMs: number) {
    this.#most = most;
    this.#windowMs = windowMs;
  }

  /** Counts one. False when it was one too many. */
  take(nowMs: number): boolean {
    if (nowMs >= this.#startsMs + this.#windowMs) {
      this.#startsMs = nowMs;
      this.#taken = 0;
    }
    return ++this.#taken <= this.#most;
  }
}
