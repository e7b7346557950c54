import { chmodSync, lstatSync, mkdirSync, unlinkSync } from 'node:fs';
import { createConnection } from 'node:net';
import { dirname } from 'node:path';
import { DroasError } from '../core/errors.ts';

/** The address of a Unix socket is a field of 108 bytes (macOS: 104), the last of them zero; see unix(7). */
const maxPathBytes = process.platform === 'darwin' ? 103 : 107;

/**
 * Makes the place for a Unix socket: a directory that only we can write to, and no socket in the way. A socket file is
 * replaced only after a connection to it was refused, which proves that nobody listens; anything else that lies there
 * is not ours and stays.
 * @throws DroasError ALREADY_RUNNING when somebody answers, NOT_ALLOWED, STATE_UNWRITABLE
 */
export async function clearWay(path: string): Promise<void> {
  if (Buffer.byteLength(path) > maxPathBytes) {
    throw new DroasError(
      'STATE_UNWRITABLE',
      `The socket path ${path} is longer than the ${maxPathBytes} bytes of a Unix socket.`,
      {
        remedy: 'Choose a shorter state directory with --state.',
      },
    );
  }
  privateDirectory(dirname(path));
  const there = lstatSync(path, { throwIfNoEntry: false });
  if (there === undefined) return;
  if (!there.isSocket()) {
    throw new DroasError('STATE_UNWRITABLE', `${path} exists and is no socket.`, {
      remedy: 'Move it away, or choose another state directory with --state.',
    });
  }
  if (await answers(path)) {
    throw new DroasError('ALREADY_RUNNING', `Another supervisor answers on ${path}.`, {
      remedy: 'Use it, end it with `droas down`, or choose another state directory with --state.',
    });
  }
  unlinkSync(path);
}

/** Only the owner may connect. The socket was bound in a directory that nobody else can write to. */
export const makePrivate = (path: string): void => chmodSync(path, 0o600);

function privateDirectory(directory: string): void {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new DroasError('STATE_UNWRITABLE', `The directory ${directory} cannot be made: ${(cause as Error).message}`, {
      cause,
      remedy: 'Choose a writable state directory with --state.',
    });
  }
  const { uid, mode } = lstatSync(directory);
  if (uid !== process.getuid?.() || (mode & 0o022) !== 0) {
    throw new DroasError(
      'NOT_ALLOWED',
      `The directory ${directory} belongs to another user, or others may write to it.`,
      {
        remedy: `Run: chmod 700 ${directory} — or choose another state directory with --state.`,
      },
    );
  }
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED' || error.code === 'ENOENT') resolve(false);
      else reject(error);
    });
  });
}
