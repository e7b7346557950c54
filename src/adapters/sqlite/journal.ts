import { DroasError } from '../../core/errors.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Journal } from '../../ports/journal.ts';
import { bootId as readBootId } from '../system/boot-id.ts';
import { applyStep } from './apply-step.ts';
import { journalQueries } from './journal-queries.ts';
import { journalUnavailable } from './journal-unavailable.ts';
import { inTransaction } from './migrations.ts';
import { Reserve } from './reserve.ts';
import { defaultRetention, pruneStep, type Retention } from './retention.ts';
import { isDamage, isEnvironment, isFull } from './sqlite-error.ts';
import { markSuspect, openStateDatabase, type Recovery } from './state-database.ts';
import { prepareStateDirectory, stateUnwritable } from './state-directory.ts';
import { Statements } from './statements.ts';

/** A standing problem, for status; `sentence` null: it is over. */
export type JournalProblem = (problem: 'disk-full', sentence: string | null) => void;

export type JournalOptions = {
  readonly stateDirectory: string;
  readonly clock: Clock;
  readonly onProblem?: JournalProblem;
  readonly bootId?: string;
  readonly retention?: Retention;
};

/** How often the reserve is tried to be taken again once it was spent. */
const restoreEveryMs = 30_000;

/**
 * The journal in `state.db`. The caller holds the lock of the state directory.
 * `recovered` is not null when a damaged database was set aside for a new one.
 * @throws DroasError STATE_UNWRITABLE: read-only, full, or written by a newer version.
 */
export function openJournal(options: JournalOptions): {
  readonly journal: Journal;
  readonly recovered: Recovery | null;
} {
  const { stateDirectory, clock, onProblem = () => {}, retention = defaultRetention } = options;
  const bootId = options.bootId ?? readBootId();
  const reserve = new Reserve(stateDirectory);
  let reserved = true;
  let restoreAtMs = 0;

  /** Does it, and once more with the reserve released when the disk is full. */
  function withReserve<T>(action: () => T): T {
    try {
      return action();
    } catch (error) {
      if (!isFull(error) || !reserve.release()) throw error;
      return action();
    }
  }

  /** Called after each success, which is when space may be back. */
  function takeReserve(): void {
    const nowMs = clock.monotonicMs();
    if (reserve.exists() || nowMs < restoreAtMs) return;
    restoreAtMs = nowMs + restoreEveryMs;
    const restored = reserve.restore();
    if (restored === reserved) return;
    reserved = restored;
    const sentence = `The disk of ${stateDirectory} is full or nearly so: make room, or soon nothing can be recorded.`;
    onProblem('disk-full', restored ? null : sentence);
  }

  function open() {
    try {
      return withReserve(() => openStateDatabase(stateDirectory, { bootId, nowWallMs: clock.wallMs() }));
    } catch (error) {
      throw error instanceof DroasError ? error : stateUnwritable(stateDirectory, error);
    }
  }

  prepareStateDirectory(stateDirectory);
  const { db, recovered } = open();
  takeReserve();

  function failed(error: unknown): unknown {
    if (!isEnvironment(error)) return error;
    if (isDamage(error)) markSuspect(stateDirectory);
    return journalUnavailable(stateDirectory, error);
  }

  const statements = new Statements(db, failed);

  function write<T>(action: () => T): T {
    try {
      const result = withReserve(() => inTransaction(db, action));
      takeReserve();
      return result;
    } catch (error) {
      throw failed(error);
    }
  }

  const journal: Journal = {
    ...journalQueries(statements),
    commit: (step) => write(() => applyStep(statements, step)),
    setMeta: (key, value) =>
      write(() => {
        statements.run('INSERT INTO meta VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value', key, value);
      }),
    prune: () => write(() => pruneStep(statements, retention, clock.wallMs())),
    close: () => db.close(),
  };
  return { journal, recovered };
}
