import { existsSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { DroasError } from '../../core/errors.ts';
import { migrate, migrations, schemaVersion } from './migrations.ts';
import { isDamage } from './sqlite-error.ts';
import { createPrivateFile } from './state-directory.ts';

export const databasePath = (stateDirectory: string): string => join(stateDirectory, 'state.db');
/** Damage was met while running: the next start looks at every page. */
const suspectPath = (stateDirectory: string): string => join(stateDirectory, 'state.db.suspect');

export type Recovery = {
  /** Path of the damaged database; its -wal and -shm are beside it. */
  readonly keptAs: string;
  /** What happened and the way back, for people. */
  readonly reason: string;
};

/** The database cannot be used, and no other program or setting would change that. */
class Damage extends Error {}

/**
 * Opens the state, newest schema, in WAL mode with synchronous FULL. A damaged one is set aside for a new one: what bots
 * run is known from their run directories, so that history is all that is missing.
 *
 * Every page is checked (`quick_check`, about a second for each 200 MB) only when there is a reason: the database was not
 * closed *and* the machine has booted since, or damage was met before. A killed supervisor alone cannot tear a page, since
 * the kernel holds what was written; so the start after it, which has bots to adopt, is not delayed.
 */
export function openStateDatabase(
  stateDirectory: string,
  options: { readonly bootId: string; readonly nowWallMs: number },
): { readonly db: DatabaseSync; readonly recovered: Recovery | null } {
  try {
    return { db: open(stateDirectory, options.bootId), recovered: null };
  } catch (error) {
    if (!(error instanceof Damage) && !isDamage(error)) throw error;
    const keptAs = setAside(stateDirectory, options.nowWallMs);
    const db = open(stateDirectory, options.bootId);
    continueSequence(db, options.nowWallMs);
    const reason =
      `${databasePath(stateDirectory)} was damaged (${(error as Error).message}). It is kept as ${keptAs} and a new one was ` +
      'begun; no bot was touched. Earlier events and restart counts are only in the kept file. To read them: ' +
      `sqlite3 ${keptAs} .recover; to go back: stop the supervisor and put a repaired file in the place of state.db.`;
    return { db, recovered: { keptAs, reason } };
  }
}

/** @throws DroasError STATE_UNWRITABLE for a schema that this version does not know. */
export function refuseNewer(db: DatabaseSync, stateDirectory: string): void {
  const version = schemaVersion(db);
  if (version <= migrations.length) return;
  throw new DroasError(
    'STATE_UNWRITABLE',
    `The state in ${stateDirectory} was written by a newer DROAS (schema ${version}; this one knows up to ${migrations.length}).`,
    { remedy: 'Run the newer version again, or choose another state directory.' },
  );
}

export function markSuspect(stateDirectory: string): void {
  try {
    writeFileSync(suspectPath(stateDirectory), '', { mode: 0o600 });
  } catch {
    // The disk fails in more than one way: the error that brought us here says so.
  }
}

function open(stateDirectory: string, bootId: string): DatabaseSync {
  const path = databasePath(stateDirectory);
  const suspect = existsSync(suspectPath(stateDirectory));
  const wasOpen = (statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0;
  const size = statSync(path, { throwIfNoEntry: false })?.size;
  if (size === 0) throw new Damage('the file is empty');
  if (size === undefined && wasOpen) throw new Damage('the file is missing beside its -wal');
  createPrivateFile(path);
  const db = new DatabaseSync(path, { timeout: 250 });
  try {
    db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 4194304');
    refuseNewer(db, stateDirectory);
    if (suspect || (wasOpen && bootOf(db) !== bootId)) checkPages(db);
    migrate(db);
    if (!db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'meta'").get())
      throw new Damage('it has no tables of DROAS');
    db.prepare("INSERT INTO meta VALUES ('boot', ?) ON CONFLICT DO UPDATE SET value = excluded.value").run(bootId);
    if (db.prepare('SELECT 1 FROM bot WHERE NOT json_valid(child)').get())
      throw new Damage('the state of a bot is no JSON');
    if (suspect) rmSync(suspectPath(stateDirectory));
    return db;
  } catch (error) {
    db.close();
    if (statSync(path).size === 0) rmSync(path); // ours, of a moment ago: it would pass for damage
    throw error;
  }
}

/** The boot of the machine during which the database was last opened. */
function bootOf(db: DatabaseSync): string | null {
  if (schemaVersion(db) === 0) return null;
  return (db.prepare("SELECT value FROM meta WHERE key = 'boot'").get()?.['value'] ?? null) as string | null;
}

function checkPages(db: DatabaseSync): void {
  const found = db.prepare('PRAGMA quick_check(1)').get()?.['quick_check'];
  if (found !== 'ok') throw new Damage(String(found));
}

function setAside(stateDirectory: string, nowWallMs: number): string {
  const path = databasePath(stateDirectory);
  const time = new Date(nowWallMs).toISOString().replaceAll(/[-:]|\.\d+/g, '');
  let keptAs = `${path}.corrupt-${time}`;
  for (let copy = 2; existsSync(keptAs); copy += 1) keptAs = `${path}.corrupt-${time}-${copy}`;
  for (const suffix of ['', '-wal', '-shm']) {
    if (existsSync(path + suffix)) renameSync(path + suffix, keptAs + suffix);
  }
  rmSync(suspectPath(stateDirectory), { force: true });
  return keptAs;
}

/**
 * Sequence numbers never repeat, and the lost ones are unknown: go on from the seconds since 1970, which no journal
 * reaches by counting.
 */
function continueSequence(db: DatabaseSync, nowWallMs: number): void {
  db.prepare("INSERT INTO sqlite_sequence (name, seq) VALUES ('event', ?)").run(Math.floor(nowWallMs / 1000));
}
