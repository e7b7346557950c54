/**
 * Token bucket: `perSecond` lines are always allowed, bursts up to two seconds' worth. Time is given by the caller, in
 * milliseconds that never jump.
 */
export class FloodGate {
  readonly #perSecond: number;
  #level: number;
  #atMs: number;

  constructor(perSecond: number, nowMs: number) {
    this.#perSecond = perSecond;
    this.#level = perSecond * 2;
    this.#atMs = nowMs;
  }

  /** False when this line is one too many. */
  admit(nowMs: number): boolean {
    const refilled = this.#level + ((nowMs - this.#atMs) / 1000) * this.#perSecond;
    this.#level = Math.min(refilled, this.#perSecond * 2) - 1;
    this.#atMs = nowMs;
    return this.#level >= 0;
  }
}
