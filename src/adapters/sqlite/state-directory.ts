import { chmodSync, closeSync, mkdirSync, openSync, statSync } from 'node:fs';
import { DroasError } from '../../core/errors.ts';
import { isFull } from './sqlite-error.ts';

/** The directory exists and only its owner may look into it. @throws DroasError STATE_UNWRITABLE */
export function prepareStateDirectory(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    if (statSync(path).mode & 0o077) chmodSync(path, 0o700);
  } catch (error) {
    throw stateUnwritable(path, error);
  }
}

/** SQLite would create files that everybody may read; its -wal and -shm take over the mode of the database. */
export function createPrivateFile(path: string): void {
  closeSync(openSync(path, 'a', 0o600));
  if (statSync(path).mode & 0o077) chmodSync(path, 0o600);
}

export function stateUnwritable(path: string, cause: unknown): DroasError {
  const remedy = isFull(cause)
    ? `Make room on the file system of ${path}.`
    : `Let the user of the supervisor write to ${path} (it needs a directory of its own, mode 0700), or choose another state directory.`;
  return new DroasError('STATE_UNWRITABLE', `The state in ${path} cannot be written: ${(cause as Error).message}.`, {
    cause,
    remedy,
  });
}
