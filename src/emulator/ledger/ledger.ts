import type { Clock } from '../clock.ts';
import type { EntryType, Fact, LedgerEntry, LedgerFilter, Shard } from './entry.ts';
import { matches } from './entry.ts';
import type { Owners } from './ownership.ts';
import { OwnershipBook } from './ownership.ts';

/**
 * What really happened, seen from Discord's side: append-only, in the order in which it happened. Claims about a bot or
 * its supervisor are read from here. Memory is bounded: beyond `capacity` the oldest entries are forgotten (`forgotten`
 * says how many), while counts and owners stay exact.
 */
export class Ledger {
  readonly #clock: Clock;
  readonly #startedMs: number;
  readonly #capacity: number;
  readonly #listeners = new Set<(entry: LedgerEntry) => void>();
  readonly #counts = new Map<string, number>();
  readonly #ownership = new OwnershipBook(100_000);
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
      atMs: this.#clock.monotonicMs() - this.#startedMs,
      at: new Date(this.#clock.wallMs()).toISOString(),
      ...fact,
    };
    this.#entries.push(entry);
    if (this.#entries.length >= this.#capacity * 1.25) this.#entries = this.#entries.slice(-this.#capacity);
    this.#addOne(fact.type);
    if (fact.applicationId) this.#addOne(`${fact.type} ${fact.applicationId}`);
    this.#ownership.fold(entry);
    for (const listener of this.#listeners) listener(entry);
    return entry;
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
    return this.#entries.filter((entry) => matches(entry, filter));
  }

  /** Exact since the start, forgotten entries included. */
  count(type: EntryType, applicationId?: string): number {
    return this.#counts.get(applicationId === undefined ? type : `${type} ${applicationId}`) ?? 0;
  }

  /** Who was connected and served, and how many at once. Without a shard, all shards are counted together. */
  owners(applicationId: string, shard?: Shard): Owners {
    return this.#ownership.owners(applicationId, shard);
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
