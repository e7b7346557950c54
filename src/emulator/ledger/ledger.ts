import type { Clock } from '../clock.ts';
import type { Effects } from './effects.ts';
import { EffectsBook } from './effects.ts';
import type { EntryType, Fact, LedgerEntry, LedgerFilter, Shard } from './entry.ts';
import { matches } from './entry.ts';
import type { Owners } from './ownership.ts';
import { OwnershipBook } from './ownership.ts';

/**
 * What really happened, seen from Discord's side: append-only, in the order in which it happened. Claims about a bot or
 * its supervisor are read from here. Memory is bounded: beyond `capacity` the oldest entries are forgotten (`forgotten`
 * says how many), while counts, owners and effects stay exact.
 */
export class Ledger {
  readonly #clock: Clock;
  readonly #startedMs: number;
  readonly #capacity: number;
  readonly #listeners = new Set<(entry: LedgerEntry) => void>();
  readonly #counts = new Map<string, number>();
  readonly #ownership = new OwnershipBook(100_000);
  readonly #effects = new EffectsBook();
  #entries: LedgerEntry[] = [];
  #lastSeq = 0;

  constructor(clock: Clock, capacity: number) {
    this.#clock = clock;
    this.#startedMs = clock.monotonicMs();
    this.#capacity = capacity;
  }

  record(fact: Fact): LedgerEntry {
    const entry: LedgerEntry = {
      seq: ++this.#lastSeq,
      atMs: this.#nowMs(),
      at: new Date(this.#clock.wallMs()).toISOString(),
      ...fact,
    };
    this.#entries.push(entry);
    if (this.#entries.length >= this.#capacity * 1.25) this.#entries = this.#entries.slice(-this.#capacity);
    this.#addOne(fact.type);
    if (fact.applicationId) this.#addOne(`${fact.type} ${fact.applicationId}`);
    this.#ownership.fold(entry);
    this.#effects.fold(entry);
    for (const listener of this.#listeners) listener(entry);
    return entry;
  }

  #nowMs(): number {
    return this.#clock.monotonicMs() - this.#startedMs;
  }

  #addOne(key: string): void {
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
  }

  /** `seq` of the newest entry; give it as `after` to see only what follows. */
  get lastSeq(): number {
    return this.#lastSeq;
  }

  /** How many of the oldest entries are no longer held. */
  get forgotten(): number {
    return this.#lastSeq - this.#entries.length;
  }

  entries(filter: LedgerFilter = {}): readonly LedgerEntry[] {
    return this.#after(filter.after ?? 0, this.#entries.length).filter((entry) => matches(entry, filter));
  }

  /**
   * The next entries behind `after`, oldest first, from a look at no more than `limit`. `upTo` is how far it looked: give
   * it as the next `after`; when it stays the same there is nothing new yet.
   */
  page(filter: LedgerFilter, after: number, limit: number): { entries: readonly LedgerEntry[]; upTo: number } {
    const looked = this.#after(after, limit);
    return { entries: looked.filter((entry) => matches(entry, filter)), upTo: looked.at(-1)?.seq ?? after };
  }

  #after(seq: number, limit: number): readonly LedgerEntry[] {
    const from = Math.max(0, seq - this.forgotten);
    return this.#entries.slice(from, from + limit);
  }

  /** Exact since the start, forgotten entries included. */
  count(type: EntryType, applicationId?: string): number {
    return this.#counts.get(applicationId === undefined ? type : `${type} ${applicationId}`) ?? 0;
  }

  /** Who was connected and served, and how many at once. Without a shard, all shards are counted together. */
  owners(applicationId: string, shard?: Shard): Owners {
    return this.#ownership.owners(applicationId, this.#nowMs(), shard);
  }

  /** What became of the numbered messages to an application: see `Emulator.count`. */
  effects(applicationId: string): Effects {
    return this.#effects.of(applicationId);
  }

  /** Called for each entry, synchronously and in order; it must not throw. Returns how to stop it. */
  onEntry(listener: (entry: LedgerEntry) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * The first entry that matches, at once when it is already there; with `count`, the one that makes it so many.
   * @throws Error after `timeoutMs` of real time (10 s unless told), naming what was waited for
   */
  waitFor(filter: LedgerFilter, options: { count?: number; timeoutMs?: number } = {}): Promise<LedgerEntry> {
    const { count = 1, timeoutMs = 10_000 } = options;
    const known = this.entries(filter);
    const found = known[count - 1];
    if (found) return Promise.resolve(found);
    let missing = count - known.length;
    return new Promise((resolve, reject) => {
      const stop = this.onEntry((entry) => {
        if (!matches(entry, filter) || --missing > 0) return;
        clearTimeout(timer);
        stop();
        resolve(entry);
      });
      const timer = setTimeout(() => {
        stop();
        reject(new Error(`the ledger still lacks ${missing} of ${JSON.stringify(filter)} after ${timeoutMs} ms`));
      }, timeoutMs);
    });
  }
}
