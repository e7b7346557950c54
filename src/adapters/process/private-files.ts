import {
  chmodSync,
  closeSync,
  constants,
  fstatSync,
  fsync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  type Stats,
  writeSync,
} from 'node:fs';
import { promisify } from 'node:util';
import { DroasError } from '../../core/errors.ts';

/**
 * Files and directories that only we may have made: nobody else's, no symbolic link, writable by no one else. What is
 * found otherwise is a FOREIGN entry: it is never followed, believed or changed.
 */

const othersMayWrite = 0o022;

export const errnoOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException | null)?.code;

/** An entry that we did not make, or not like this. The message says which and why, for people. */
export class Foreign extends Error {
  override readonly name = 'Foreign';
}

function requireOurs(path: string, stats: Stats, kind: 'file' | 'directory'): void {
  const wrong = (what: string): never => {
    throw new Foreign(`${path} ${what}; it was left alone`);
  };
  if (stats.isSymbolicLink()) wrong('is a symbolic link');
  if (kind === 'file' ? !stats.isFile() : !stats.isDirectory()) wrong(`is not a ${kind}`);
  if (stats.uid !== process.geteuid?.()) wrong(`belongs to user ${stats.uid}`);
  if ((stats.mode & othersMayWrite) !== 0) wrong('can be written by others');
}

/** @throws Foreign, or the system's error (ENOENT …). */
export const requireOurDirectory = (path: string): void => requireOurs(path, lstatSync(path), 'directory');

/**
 * Makes the directory with its parents, or checks the one that exists; 0700 in the end.
 * @throws Foreign, or the system's error.
 */
export function ensureOurDirectory(path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  const stats = lstatSync(path);
  requireOurs(path, stats, 'directory');
  if ((stats.mode & 0o777) !== 0o700) chmodSync(path, 0o700);
}

/** A descriptor for reading. @throws Foreign, or the system's error (ENOENT …). */
export function openOurFile(path: string): number {
  let descriptor: number;
  try {
    // O_NONBLOCK: a planted FIFO must not hang us.
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (cause) {
    if (errnoOf(cause) === 'ELOOP') throw new Foreign(`${path} is a symbolic link; it was left alone`);
    throw cause;
  }
  try {
    requireOurs(path, fstatSync(descriptor), 'file');
    return descriptor;
  } catch (cause) {
    closeSync(descriptor);
    throw cause;
  }
}

/** The text of a small file of ours, at most `maxBytes` of it; null when there is none. @throws as `openOurFile` */
export function readOurFile(path: string, maxBytes: number): string | null {
  let descriptor: number;
  try {
    descriptor = openOurFile(path);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return null;
    throw error;
  }
  try {
    const buffer = Buffer.allocUnsafe(maxBytes);
    return buffer.toString('utf8', 0, readSync(descriptor, buffer, 0, maxBytes, 0));
  } finally {
    closeSync(descriptor);
  }
}

/** Makes a 0600 file that did not exist. @throws the system's error (EEXIST …) */
export function writeNewFile(path: string, content: string | Buffer, durable = false): void {
  const descriptor = openSync(path, 'wx', 0o600);
  try {
    const bytes = typeof content === 'string' ? Buffer.from(content) : content;
    for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at);
    if (durable) fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Puts a 0600 file in place whole or not at all; replaces an older one. */
export function replaceFile(path: string, text: string): void {
  const draft = `${path}.new`;
  rmSync(draft, { force: true });
  try {
    writeNewFile(draft, text);
    renameSync(draft, path);
  } catch (cause) {
    rmSync(draft, { force: true });
    throw cause;
  }
}

/** Overwrites a small file of ours where it stands, or makes it: for words that are all equally long. */
export function overwriteFile(path: string, text: string): void {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const descriptor = openSync(path, flags, 0o600);
  try {
    requireOurs(path, fstatSync(descriptor), 'file');
    writeSync(descriptor, text, 0);
  } finally {
    closeSync(descriptor);
  }
}

/** Does what can be done: whatever the system refuses stays as it is, and nobody is told. */
export function attempt(act: () => void): void {
  try {
    act();
  } catch {
    // It is left.
  }
}

export function syncDirectory(path: string): void {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Resolves when the file or directory outlives a power loss; waits for the disk beside this thread. */
export async function sync(path: string): Promise<void> {
  const descriptor = openSync(path, constants.O_RDONLY);
  try {
    await promisify(fsync)(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** The state directory refuses: full, read-only, or not ours. */
export function unwritable(cause: unknown, what: string): DroasError {
  const why = cause instanceof Error ? cause.message : String(cause);
  const remedies: Readonly<Record<string, string>> = {
    ENOSPC: 'Free some space on that file system.',
    EDQUOT: 'Free some space or raise the quota.',
    EROFS: 'Mount that file system writable, or choose another state directory.',
  };
  const remedy = remedies[errnoOf(cause) ?? ''] ?? 'Make the state directory writable for this user, and only for it.';
  return new DroasError('STATE_UNWRITABLE', `${what}: ${why}`, { cause, remedy });
}
