import { readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { DroasError } from '../../core/errors.ts';
import { isBusy, isDamage } from './sqlite-error.ts';
import { createPrivateFile, prepareStateDirectory, stateUnwritable } from './state-directory.ts';

export type StateLock = { release(): void };

/** Held until released, whatever becomes of the caller's reference: a collected connection would give its lock away. */
const held = new Set<DatabaseSync>();

/**
 * One supervisor per state directory. The kernel holds the lock for as long as the process lives, whatever ends it; the
 * file is empty and opened by nobody else, because closing any other descriptor of it would give the lock away (fcntl).
 * @throws DroasError ALREADY_RUNNING, STATE_UNWRITABLE
 */
export function lockState(stateDirectory: string): StateLock {
  prepareStateDirectory(stateDirectory);
  const path = join(stateDirectory, 'lock.db');
  const pidPath = join(stateDirectory, 'lock.pid');
  let db: DatabaseSync;
  try {
    db = lock(path);
  } catch (error) {
    throw isBusy(error)
      ? alreadyRunning(stateDirectory, livingPid(pidPath), error)
      : stateUnwritable(stateDirectory, error);
  }
  held.add(db);
  notePid(pidPath);
  return {
    release() {
      rmSync(pidPath, { force: true });
      held.delete(db);
      db.close();
    },
  };
}

function lock(path: string): DatabaseSync {
  createPrivateFile(path);
  const db = new DatabaseSync(path, { timeout: 0 });
  try {
    db.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
    return db;
  } catch (error) {
    db.close();
    if (!isDamage(error)) throw error;
    // Somebody wrote into it, so that nobody can hold it: empty, it is a lock again.
    truncateSync(path);
    return lock(path);
  }
}

function alreadyRunning(stateDirectory: string, pid: number | null, cause: unknown): DroasError {
  const who = pid === null ? 'Another supervisor' : `A supervisor (pid ${pid})`;
  return new DroasError('ALREADY_RUNNING', `${who} owns the state directory ${stateDirectory}.`, {
    cause,
    remedy: 'Use it (`droas status`), end it first (`droas down`), or choose another state directory.',
  });
}

/** For messages only: the lock decides. */
function notePid(path: string): void {
  try {
    writeFileSync(path, `${process.pid}\n`, { mode: 0o600 });
  } catch {
    // A full disk: the message to a second supervisor will not know our pid.
  }
}

function livingPid(path: string): number | null {
  try {
    const pid = Number.parseInt(readFileSync(path, 'utf8'), 10);
    process.kill(pid, 0);
    return pid;
  } catch {
    return null;
  }
}
