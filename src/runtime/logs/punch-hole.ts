import { spawn } from 'node:child_process';
import type { FileHandle } from 'node:fs/promises';

const timeoutMs = 10_000;

/**
 * Gives the blocks of a stretch of an open file back to the file system; sizes and places stay as they are.
 * Node cannot do this itself: `fallocate` of util-linux does, on the descriptor, so that no path can be exchanged.
 * @throws Error when there is no such program (busybox, macOS) or the file system cannot do it.
 */
export async function punchHole(file: FileHandle, offset: number, length: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const child = spawn(
    'fallocate',
    ['--punch-hole', '--offset', String(offset), '--length', String(length), '/proc/self/fd/3'],
    { stdio: ['ignore', 'ignore', 'pipe', file.fd], timeout: timeoutMs, env: { PATH: process.env['PATH'] } },
  );
  let said = '';
  child.stderr?.on('data', (data: Buffer) => {
    said = (said + data).slice(0, 200);
  });
  child.once('error', reject);
  child.once('close', (code, signal) => {
    if (code === 0) resolve();
    else reject(new Error(`fallocate: ${said.trim() || (signal ?? `exit ${code}`)}`));
  });
  return promise;
}
