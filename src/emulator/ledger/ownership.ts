import type { LedgerEntry, Shard } from './entry.ts';

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

export type Owners = {
  /** Oldest first. */
  readonly intervals: readonly Ownership[];
  /** Most owners at any one moment since the start. More than 1 for one shard means that events were answered twice. */
  readonly max: number;
  readonly now: number;
};

type Book = { intervals: Ownership[]; readonly open: Map<string, Ownership>; readonly max: Map<string, number> };

const allShards = '*';
const keyOf = (shard: Shard | undefined): string => (shard ? shard.join('/') : allShards);

/** Folds the ledger into owners as it grows, so that forgetting old entries never forgets a double owner. */
export class OwnershipBook {
  readonly #books = new Map<string, Book>();
  readonly #bound: number;

  /** Keeps at most `bound` intervals per application; the maxima outlive the forgotten ones. */
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
    const book: Book = this.#books.get(applicationId) ?? { intervals: [], open: new Map(), max: new Map() };
    this.#books.set(applicationId, book);
    book.open.set(ownership.connectionId, ownership);
    book.intervals.push(ownership);
    if (book.intervals.length > this.#bound) {
      const newest = book.intervals.length - Math.ceil(this.#bound / 2);
      book.intervals = book.intervals.filter((held, index) => index >= newest || held.toSeq === null);
    }
    for (const shard of [undefined, ownership.shard]) {
      const key = keyOf(shard);
      book.max.set(key, Math.max(book.max.get(key) ?? 0, openOf(book, shard)));
    }
  }

  #end(applicationId: string, connectionId: string, entry: LedgerEntry): void {
    const book = this.#books.get(applicationId);
    const ownership = book?.open.get(connectionId);
    if (!book || !ownership) return;
    book.open.delete(connectionId);
    ownership.toSeq = entry.seq;
    ownership.toMs = entry.atMs;
  }

  /** Without a shard, all connections of the application are counted together. */
  owners(applicationId: string, shard?: Shard): Owners {
    const book = this.#books.get(applicationId);
    if (!book) return { intervals: [], max: 0, now: 0 };
    const key = keyOf(shard);
    const intervals = book.intervals.filter((ownership) => !shard || keyOf(ownership.shard) === key);
    return {
      intervals: intervals.map((ownership) => ({ ...ownership })),
      max: book.max.get(key) ?? 0,
      now: openOf(book, shard),
    };
  }
}

const openOf = (book: Book, shard: Shard | undefined): number =>
  shard
    ? [...book.open.values()].filter((ownership) => keyOf(ownership.shard) === keyOf(shard)).length
    : book.open.size;
