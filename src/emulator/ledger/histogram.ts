/** Each bucket is so much wider than the one before: a percentile is at most 2 % too high. */
const growth = 1.02;
const logOfGrowth = Math.log(growth);

export type Distribution = { readonly p50: number; readonly p95: number; readonly p99: number; readonly max: number };

/** Durations in milliseconds, any number of them in little memory. */
export class Histogram {
  readonly #buckets: number[] = [];
  #count = 0;
  #maxMs = 0;

  add(ms: number): void {
    const bucket = Math.floor(Math.log(ms + 1) / logOfGrowth);
    this.#buckets[bucket] = (this.#buckets[bucket] ?? 0) + 1;
    this.#count++;
    this.#maxMs = Math.max(this.#maxMs, ms);
  }

  /** Null when there was none. */
  distribution(): Distribution | null {
    if (this.#count === 0) return null;
    return { p50: this.#at(0.5), p95: this.#at(0.95), p99: this.#at(0.99), max: this.#maxMs };
  }

  #at(share: number): number {
    let left = Math.ceil(this.#count * share);
    const bucket = this.#buckets.findIndex((count = 0) => {
      left -= count;
      return left <= 0;
    });
    return Math.min(growth ** (bucket + 1) - 1, this.#maxMs);
  }
}
