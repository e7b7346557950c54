import { once } from 'node:events';
import { chmodSync, lstatSync, renameSync, rmSync } from 'node:fs';
import type { Server } from 'node:net';
import { DroasError } from '../../core/errors.ts';
import type { SocketPaths } from './path.ts';

/**
 * Listens on a Unix socket that only we may open, and that is at no moment missing or open to others: it is made under
 * another name and moved over what an earlier supervisor left. Returns how to end that, which never throws: a socket
 * that cannot be removed is left, and nobody answers there.
 *
 * @throws DroasError STATE_UNWRITABLE
 */
export async function listenAt(server: Server, { path, staging }: SocketPaths, bot: string): Promise<() => void> {
  let inode: number;
  try {
    rmSync(staging, { force: true });
    server.listen(staging);
    await once(server, 'listening');
    chmodSync(staging, 0o600);
    inode = lstatSync(staging).ino;
    renameSync(staging, path);
  } catch (error) {
    server.close();
    throw new DroasError('STATE_UNWRITABLE', `the socket ${path} of ${bot} cannot be made`, {
      cause: error,
      remedy: 'Check that the disk is not full, and that nothing but a socket has that name.',
    });
  }
  // A connection that cannot be accepted (no descriptor left) is lost to the child, which tries again.
  server.on('error', () => {});
  return () => {
    server.close();
    try {
      if (lstatSync(path).ino !== inode) return;
      rmSync(path);
    } catch {
      // It is gone already, or out of reach.
    }
  };
}
