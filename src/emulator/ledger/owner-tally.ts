export type OwnerCount = {
  /** Most owners at any one moment since the start. More than 1 for one shard means that events were answered twice. */
  readonly max: number;
  readonly now: number;
  /** How long, altogether, there was more than one. */
  readonly sharedMs: number;
};

/** How many owners there are, were at most, and for how long there was more than one. */
export class OwnerTally {
  #now = 0;
  #max = 0;
  #sharedMs = 0;
  #sinceMs = 0;

  change(by: 1 | -1, atMs: number): void {
    this.#sharedMs = this.at(atMs).sharedMs;
    this.#sinceMs = atMs;
    this.#now += by;
    this.#max = Math.max(this.#max, this.#now);
  }

  at(nowMs: number): OwnerCount {
    const sharedMs = this.#sharedMs + (this.#now > 1 ? nowMs - this.#sinceMs : 0);
    return { max: this.#max, now: this.#now, sharedMs };
  }
}
