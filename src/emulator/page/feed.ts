import { randomBytes } from 'node:crypto';
import type { Change } from './views.ts';

/** Made when it is sent, so that nothing is written out for a page that nobody has open. */
type Note = () => Change;

const capacity = 2_000;

/**
 * What changes on the emulated Discord, for whoever watches. Each change has a number; the newest are held, so that a page
 * that lost its connection goes on where it was. Who missed more than that reads everything anew.
 */
export class Feed {
  /** Tells the numbers of this emulator from those of one that ran before it at the same address. */
  readonly #run = randomBytes(4).toString('hex');
  readonly #listeners = new Set<() => void>();
  #notes: Note[] = [];
  /** How many came before the first one that is held. */
  #forgotten = 0;

  add(note: Note): void {
    this.#notes.push(note);
    if (this.#notes.length >= capacity * 1.25) {
      const held = this.#notes.slice(-capacity);
      this.#forgotten += this.#notes.length - held.length;
      this.#notes = held;
    }
    for (const listener of this.#listeners) listener();
  }

  /** Where the next change will be. */
  get end(): number {
    return this.#forgotten + this.#notes.length;
  }

  /** What followed a position, at most `count` changes; null when some of it is forgotten. */
  since(position: number, count: number): readonly Change[] | null {
    const index = position - this.#forgotten;
    return index < 0 ? null : this.#notes.slice(index, index + count).map((note) => note());
  }

  idOf(position: number): string {
    return `${this.#run}-${position}`;
  }

  /** The position that an id stands for; null when it is not from here. */
  positionOf(id: string): number | null {
    const [run, digits = ''] = id.split('-');
    const position = Number(digits);
    return run === this.#run && /^\d{1,15}$/.test(digits) && position <= this.end ? position : null;
  }

  /** Called after each change, synchronously. Returns how to stop it. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
