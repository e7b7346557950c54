import { lstatSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { DroasError } from '../../core/errors.ts';

/** sun_path holds 108 bytes with the terminating zero, on macOS 104. */
const maxSocketPathBytes = process.platform === 'darwin' ? 103 : 107;

type Environment = Readonly<Record<string, string | undefined>>;
export type User = { readonly uid: number; readonly home: string };
export const currentUser = (): User => ({ uid: process.getuid?.() ?? -1, home: homedir() });

/** An XDG directory: the variable when it is an absolute path (as the specification asks), else the default. */
const xdg = (value: string | undefined, fallback: string): string => (value?.startsWith('/') ? value : fallback);

/**
 * Where the supervisor keeps everything: `--state`, $DROAS_STATE, /var/lib/droas for root, else $XDG_STATE_HOME/droas.
 * Never a runtime directory: those vanish at logout.
 */
export function stateDirectory(flag: string | undefined, env: Environment, user: User): string {
  const chosen = flag ?? env['DROAS_STATE'];
  if (chosen !== undefined && chosen !== '') return resolve(chosen);
  if (user.uid === 0) return '/var/lib/droas';
  return join(xdg(env['XDG_STATE_HOME'], join(user.home, '.local/state')), 'droas');
}

export const cacheDirectory = (env: Environment, user: User): string =>
  join(xdg(env['XDG_CACHE_HOME'], join(user.home, '.cache')), 'droas');

/**
 * The supervisor's socket: in the state directory, or under a short name derived from it where that path would be too
 * long. The fallback depends on nothing but state directory and user, so that daemon and command line agree on it.
 */
export function socketPath(stateDirectory: string, user: User): string {
  const own = join(stateDirectory, 'droas.sock');
  if (Buffer.byteLength(own) <= maxSocketPathBytes) return own;
  // Hardly ever needed, and loaded by every command otherwise.
  const { createHash } = process.getBuiltinModule('node:crypto');
  const name = createHash('sha256').update(stateDirectory).digest('hex').slice(0, 16);
  return join(shortDirectory(user), `${name}.sock`);
}

const shortDirectory = ({ uid }: User): string => `/tmp/droas-${uid}`;

/**
 * Everybody may make a directory in /tmp: one that is not ours could hold somebody else's socket.
 * @throws DroasError NOT_ALLOWED
 */
export function trustSocket(path: string, user: User): void {
  const directory = shortDirectory(user);
  if (!path.startsWith(`${directory}/`)) return;
  const there = lstatSync(directory, { throwIfNoEntry: false });
  if (there === undefined || (there.isDirectory() && there.uid === user.uid)) return;
  throw new DroasError(
    'NOT_ALLOWED',
    `The directory ${directory} belongs to somebody else; its sockets cannot be trusted.`,
    {
      remedy: 'Remove it, or choose a shorter state directory with --state.',
    },
  );
}
