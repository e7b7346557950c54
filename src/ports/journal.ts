import type { Child, Desired } from '../core/lifecycle/state.ts';

export type Severity = 'info' | 'warning' | 'error';

/** An appended fact. `seq` rises by one for each event and never repeats. */
export type JournalEvent = {
  readonly seq: number;
  readonly atWallMs: number;
  readonly bot: string | null;
  readonly incarnation: number | null;
  readonly type: string;
  readonly severity: Severity;
  /** One sentence for people. */
  readonly sentence: string;
  readonly detail: Readonly<Record<string, unknown>>;
};
export type NewEvent = Omit<JournalEvent, 'seq'>;

export type StoredBot = { readonly name: string; readonly child: Child };

export type OperationKind = 'start' | 'stop' | 'restart' | 'delete' | 'reset';
export type StoredOperation = {
  readonly id: string;
  readonly bot: string;
  readonly kind: OperationKind;
  readonly acceptedAtWallMs: number;
  readonly finishedAtWallMs: number | null;
  readonly outcome: 'done' | 'failed' | 'superseded' | null;
  readonly sentence: string | null;
};

export type EventQuery = {
  readonly afterSeq?: number;
  readonly sinceWallMs?: number;
  readonly bot?: string;
  readonly type?: string;
  /** The newest `limit` events that match, returned oldest first. With `afterSeq`: the oldest `limit` after it. */
  readonly limit: number;
};

/** One durable step: all of it or nothing. Returns the events with their sequence numbers. */
export type Step = {
  readonly bots?: readonly StoredBot[];
  readonly forget?: readonly string[];
  readonly events?: readonly NewEvent[];
  readonly operations?: readonly StoredOperation[];
  /** IDENTIFYs spent (or presumed spent) per token owner, monotonic milliseconds of `boot`. */
  readonly identifies?: readonly StoredIdentify[];
};
export type StoredIdentify = { readonly owner: string; readonly atWallMs: number; readonly automatic: boolean };

export interface Journal {
  /** Synchronous and durable (fsync) when it returns. @throws DroasError JOURNAL_UNAVAILABLE (full disk, I/O error). */
  commit(step: Step): readonly JournalEvent[];
  bots(): readonly StoredBot[];
  openOperations(): readonly StoredOperation[];
  operation(id: string): StoredOperation | null;
  identifies(sinceWallMs: number): readonly StoredIdentify[];
  events(query: EventQuery): readonly JournalEvent[];
  /** Small facts about the journal itself: the time anchor of the last run. */
  getMeta(key: string): string | null;
  setMeta(key: string, value: string): void;
  /** Deletes a little of what is older or larger than kept. True when more is left: call again soon. */
  prune(): boolean;
  close(): void;
}

/** What can be read beside a supervisor, or after its death. */
export type JournalReader = Pick<
  Journal,
  'bots' | 'openOperations' | 'operation' | 'identifies' | 'events' | 'getMeta' | 'close'
>;

/** Wishes survive the loss of the database: one small file per bot beside its run directories. */
export interface WishFile {
  read(bot: string): Desired | null;
  write(bot: string, desired: Desired): void;
  remove(bot: string): void;
}
