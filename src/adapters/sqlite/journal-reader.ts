import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { DroasError } from '../../core/errors.ts';
import type { JournalReader } from '../../ports/journal.ts';
import { journalQueries } from './journal-queries.ts';
import { journalUnavailable } from './journal-unavailable.ts';
import { migrations, schemaVersion } from './migrations.ts';
import { databasePath, refuseNewer } from './state-database.ts';
import { Statements } from './statements.ts';

/**
 * Reads the journal without changing it: with the supervisor down, or beside a running one. Null when none was ever
 * written there. Never opened as `immutable`: what is only in the -wal would be missing.
 * @throws DroasError JOURNAL_UNAVAILABLE, STATE_UNWRITABLE (written by a newer version)
 */
export function openJournalReader(stateDirectory: string): JournalReader | null {
  const path = databasePath(stateDirectory);
  if (!existsSync(path)) return null;
  let db: DatabaseSync | null = null;
  try {
    db = new DatabaseSync(path, { readOnly: true, timeout: 250 });
    refuseNewer(db, stateDirectory);
    if (schemaVersion(db) < migrations.length) throw new Error('it was written by an older version');
  } catch (error) {
    db?.close();
    throw error instanceof DroasError ? error : journalUnavailable(stateDirectory, error);
  }
  const statements = new Statements(db, (error) => journalUnavailable(stateDirectory, error));
  return { ...journalQueries(statements), close: db.close.bind(db) };
}
