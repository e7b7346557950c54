import type { LedgerEntry, Shard } from './entry.ts';
import type { OwnerCount } from './owner-tally.ts';
import { OwnerTally } from './owner-tally.ts';

/** One connection that served one (application, shard), from READY or RESUMED until it ended or lost its session. */
export type Ownership = {
  readonly connectionId: string;
  readonly sessionId: string;
  readonly shard: Shard;
  readonly fromSeq: number;
  readonly fromMs: number;
  /** Null while it serves. */
  toSeq: number | null;
  toMs: number | null;
};

export type Owners = OwnerCount & {
  /** Oldest first. */
  readonly intervals: readonly Ownership[];
  /** Each shard that was ever served, by itself. */
  readonly shards: readonly (OwnerCount & { readonly shard: Shard })[];
};

type Book = {
  intervals: Ownership[];
  readonly open: Map<string, Ownership>;
  readonly all: OwnerTally;
  readonly byShard: Map<string, { readonly shard: Shard; readonly tally: OwnerTally }>;
};

const nobody: OwnerCount = { max: 0, now: 0, sharedMs: 0 };
const keyOf = (shard: Shard): string => shard.join('/');

/** Folds the ledger into owners as it grows, so that forgetting old entries never forgets a double owner. */
export class OwnershipBook {
  readonly #books = new Map<string, Book>();
  readonly #bound: number;

  /** Keeps at most `bound` intervals per application; the counts outlive the forgotten ones. */
  constructor(bound: number) {
    this.#bound = bound;
  }

  fold(entry: LedgerEntry): void {
    const { type, applicationId, connectionId, sessionId, shard } = entry;
    if (!applicationId || !connectionId) return;
    if (type === 'close' || type === 'invalid-session') this.#end(applicationId, connectionId, entry);
    else if ((type === 'ready' || type === 'resumed') && sessionId && shard)
      this.#begin(applicationId, {
        connectionId,
        sessionId,
        shard,
        fromSeq: entry.seq,
        fromMs: entry.atMs,
        toSeq: null,
        toMs: null,
      });
  }

  #begin(applicationId: string, ownership: Ownership): void {
    const book: Book = this.#books.get(applicationId) ?? {
      intervals: [],
      open: new Map(),
      all: new OwnerTally(),
      byShard: new Map(),
    };
    this.#books.set(applicationId, book);
    book.open.set(ownership.connectionId, ownership);
    book.intervals.push(ownership);
    if (book.intervals.length > this.#bound) {
      const newest = book.intervals.length - Math.ceil(this.#bound / 2);
      book.intervals = book.intervals.filter((held, index) => index >= newest || held.toSeq === null);
    }
    const { shard, fromMs } = ownership;
    const counted = book.byShard.get(keyOf(shard)) ?? { shard, tally: new OwnerTally() };
    book.byShard.set(keyOf(shard), counted);
    for (const tally of [book.all, counted.tally]) tally.change(1, fromMs);
  }

  #end(applicationId: string, connectionId: string, { seq, atMs }: LedgerEntry): void {
    const book = this.#books.get(applicationId);
    const ownership = book?.open.get(connectionId);
    if (!book || !ownership) return;
    book.open.delete(connectionId);
    ownership.toSeq = seq;
    ownership.toMs = atMs;
    for (const tally of [book.all, book.byShard.get(keyOf(ownership.shard))?.tally]) tally?.change(-1, atMs);
  }

  /** Without a shard, all connections of the application are counted together. */
  owners(applicationId: string, nowMs: number, shard?: Shard): Owners {
    const book = this.#books.get(applicationId);
    if (!book) return { ...nobody, intervals: [], shards: [] };
    const key = shard && keyOf(shard);
    const counts = shard ? book.byShard.get(keyOf(shard))?.tally : book.all;
    return {
      ...(counts?.at(nowMs) ?? nobody),
      intervals: book.intervals.filter((held) => !key || keyOf(held.shard) === key).map((held) => ({ ...held })),
      shards: [...book.byShard.values()]
        .filter((counted) => !key || keyOf(counted.shard) === key)
        .map((counted) => ({ shard: counted.shard, ...counted.tally.at(nowMs) })),
    };
  }
}
