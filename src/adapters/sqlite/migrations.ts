import type { DatabaseSync } from 'node:sqlite';

/**
 * Migration n takes `PRAGMA user_version` from n − 1 to n. Published ones never change: a state directory may be at any
 * of them. Plain SQL in strings, so that a bundle contains them.
 */
export const migrations: readonly string[] = [
  `
  CREATE TABLE bot (
    name TEXT PRIMARY KEY,
    child TEXT NOT NULL -- JSON of core/lifecycle/state.ts, Child
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE event (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, -- never used again, even when the newest events were pruned
    at_wall_ms INTEGER NOT NULL,
    bot TEXT,
    incarnation INTEGER,
    type TEXT NOT NULL,
    severity TEXT NOT NULL CHECK (severity IN ('info', 'warning', 'error')),
    sentence TEXT NOT NULL,
    detail TEXT NOT NULL -- JSON object
  ) STRICT;
  CREATE INDEX event_at ON event (at_wall_ms);
  CREATE INDEX event_bot ON event (bot, seq);
  CREATE INDEX event_type ON event (type, seq);

  CREATE TABLE operation (
    id TEXT PRIMARY KEY,
    bot TEXT NOT NULL,
    kind TEXT NOT NULL,
    accepted_at_wall_ms INTEGER NOT NULL,
    finished_at_wall_ms INTEGER,
    outcome TEXT,
    sentence TEXT
  ) STRICT;
  CREATE INDEX operation_finished ON operation (finished_at_wall_ms);

  CREATE TABLE identify (
    id INTEGER PRIMARY KEY,
    owner TEXT NOT NULL,
    at_wall_ms INTEGER NOT NULL,
    automatic INTEGER NOT NULL CHECK (automatic IN (0, 1))
  ) STRICT;
  CREATE INDEX identify_at ON identify (at_wall_ms);

  CREATE TABLE meta (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
];

export function schemaVersion(db: DatabaseSync): number {
  return Number(db.prepare('PRAGMA user_version').get()?.['user_version']);
}

/** Applies what is missing, each migration whole or not at all. Returns the version reached. */
export function migrate(db: DatabaseSync, known: readonly string[] = migrations): number {
  for (let version = schemaVersion(db); version < known.length; version += 1) {
    inTransaction(db, () => db.exec(`${known[version]}; PRAGMA user_version = ${version + 1};`));
  }
  return schemaVersion(db);
}

/** All or nothing. An error of SQLite may have ended the transaction already. */
export function inTransaction<T>(db: DatabaseSync, body: () => T): T {
  db.exec('BEGIN IMMEDIATE');
  try {
    const result = body();
    db.exec('COMMIT');
    return result;
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK');
    throw error;
  }
}
