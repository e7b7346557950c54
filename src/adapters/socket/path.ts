import { createHash } from 'node:crypto';
import { chmodSync, lstatSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DroasError } from '../../core/errors.ts';
import type { ChannelAddress } from '../../ports/channel.ts';

/** Where a socket is found, and the name under which it is made before it is moved there. Equally long. */
export type SocketPaths = { readonly path: string; readonly staging: string };

/** sun_path holds 108 bytes with the terminating zero; Linux and macOS (104) cut or refuse what is longer. */
const maxPathBytes = process.platform === 'darwin' ? 103 : 107;

/**
 * The socket is `<bot>.<incarnation>` in `directory`, or, where that path is too long for the kernel, has a name derived
 * from it in a private directory with a short one. The same address always gives the same path, so that a child finds the
 * next supervisor too. Makes the directory when it is missing.
 */
export function placeSocket(directory: string, { bot, incarnation }: ChannelAddress): SocketPaths {
  const own = named(directory, `${bot}.${incarnation}`);
  if (Buffer.byteLength(own.path) <= maxPathBytes) {
    ensurePrivate(directory, bot);
    return own;
  }
  const short = createHash('sha256').update(own.path).digest('hex').slice(0, 16);
  for (const fallback of fallbackDirectories()) {
    const there = named(fallback, `${short}.s`);
    if (Buffer.byteLength(there.path) > maxPathBytes) continue;
    ensurePrivate(fallback, bot);
    return there;
  }
  throw new DroasError('STATE_UNWRITABLE', `no directory for the socket of ${bot} has a path short enough`);
}

/** No name of a bot holds a dot or a tilde. */
const named = (directory: string, name: string): SocketPaths => ({
  path: join(directory, name),
  staging: join(directory, name.replace('.', '~')),
});

function fallbackDirectories(): readonly string[] {
  const runtime = process.env['XDG_RUNTIME_DIR'];
  const shared = `/tmp/droas-${process.getuid?.()}`;
  return runtime ? [join(runtime, 'droas'), shared] : [shared];
}

/** Somebody else's directory, or a link to it, would let them take the socket's place. */
function ensurePrivate(directory: string, bot: string): void {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const stat = lstatSync(directory);
    if (!stat.isDirectory() || stat.uid !== process.getuid?.()) {
      throw new DroasError(
        'STATE_UNWRITABLE',
        `${directory}, the directory for the socket of ${bot}, is not ours alone`,
        {
          remedy: `Remove it, or give it to the user that runs the supervisor.`,
        },
      );
    }
    if ((stat.mode & 0o777) !== 0o700) chmodSync(directory, 0o700);
  } catch (error) {
    if (error instanceof DroasError) throw error;
    throw new DroasError('STATE_UNWRITABLE', `the directory ${directory} for the socket of ${bot} cannot be made`, {
      cause: error,
      remedy: 'Check that the disk is not full and that the supervisor may write there.',
    });
  }
}
