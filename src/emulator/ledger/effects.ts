import type { LedgerEntry } from './entry.ts';
import type { Distribution } from './histogram.ts';
import { Histogram } from './histogram.ts';

/** What became of the numbered messages to one application, counted by the bot's answers: by effect, not by delivery. */
export type Effects = {
  readonly posted: number;
  readonly once: number;
  /** Answered more than once. */
  readonly twice: number;
  /** Not answered so far: lost, once enough time has passed. */
  readonly never: number;
  /** From the message to its first answer, in milliseconds; null before any answer. */
  readonly latencyMs: Distribution | null;
  /** The lowest thousand of them. */
  readonly twiceNumbers: readonly number[];
  readonly neverNumbers: readonly number[];
  readonly lastNumber: number;
};

/** Higher ones are not counted. */
export const highestNumber = 1_000_000;
const mostListed = 1_000;

/** Ten bytes per number, whatever was written. */
class Count {
  readonly #latency = new Histogram();
  /** 0 not posted, otherwise answers + 1, at most 3. */
  #states = new Uint8Array(1_024);
  #postedMs = new Float64Array(1_024);
  #last = 0;
  #posted = 0;
  #once = 0;
  #twice = 0;

  post(number: number, atMs: number): void {
    if (number >= this.#states.length) this.#grow(number);
    if (this.#states[number] !== 0) return;
    this.#states[number] = 1;
    this.#postedMs[number] = atMs;
    this.#last = Math.max(this.#last, number);
    this.#posted++;
  }

  #grow(number: number): void {
    const size = Math.max(number + 1, this.#states.length * 2);
    const [states, postedMs] = [new Uint8Array(size), new Float64Array(size)];
    states.set(this.#states);
    postedMs.set(this.#postedMs);
    [this.#states, this.#postedMs] = [states, postedMs];
  }

  answer(number: number, atMs: number): void {
    const state = this.#states[number] ?? 0;
    if (state === 0 || state === 3) return;
    this.#states[number] = state + 1;
    if (state === 1) {
      this.#once++;
      this.#latency.add(atMs - (this.#postedMs[number] ?? atMs));
    } else {
      this.#once--;
      this.#twice++;
    }
  }

  view(): Effects {
    const listed = (state: number): number[] => {
      const numbers: number[] = [];
      for (let number = 1; number <= this.#last && numbers.length < mostListed; number++)
        if (this.#states[number] === state) numbers.push(number);
      return numbers;
    };
    return {
      posted: this.#posted,
      once: this.#once,
      twice: this.#twice,
      never: this.#posted - this.#once - this.#twice,
      latencyMs: this.#latency.distribution(),
      twiceNumbers: listed(3),
      neverNumbers: listed(1),
      lastNumber: this.#last,
    };
  }
}

/** Matches numbered messages with their answers as the ledger grows: exact, whatever the ledger forgets. */
export class EffectsBook {
  readonly #counts = new Map<string, Count>();

  fold({ type, number, addressedTo, applicationId, atMs }: LedgerEntry): void {
    if (type !== 'message' || number === undefined || number > highestNumber) return;
    if (addressedTo !== undefined) {
      const count = this.#counts.get(addressedTo) ?? new Count();
      this.#counts.set(addressedTo, count);
      count.post(number, atMs);
    } else if (applicationId !== undefined) this.#counts.get(applicationId)?.answer(number, atMs);
  }

  of(applicationId: string): Effects {
    return (this.#counts.get(applicationId) ?? new Count()).view();
  }
}
