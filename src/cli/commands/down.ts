import { readFileSync } from 'node:fs';
import { DroasError } from '../../core/errors.ts';
import { formatDuration } from '../../core/units.ts';
import type { Context } from '../context.ts';
import { exitCode } from '../exit-code.ts';
import { pause } from '../waiting.ts';

const lookEveryMs = 25;

export async function down({ client, output }: Context, { timeout }: { timeout: number }): Promise<number> {
  const startedMs = performance.now();
  const info = await client.info();
  if (info === null) {
    output.data({ apiVersion: 'v1', changed: false });
    output.line(`${output.mark('done')} no supervisor runs on ${client.socketPath}`);
    return exitCode.done;
  }
  await client.ask('POST', '/api/v1/shutdown');
  output.progress(`Stopping ${info.capacity.used} bots, then the supervisor (pid ${info.pid}).`);
  client.close();
  while (isAlive(info.pid)) {
    if (performance.now() - startedMs > timeout) {
      throw new DroasError(
        'NOT_FINISHED',
        `The supervisor (pid ${info.pid}) is still stopping its bots after ${formatDuration(timeout)}.`,
        {
          remedy: 'It goes on by itself. Look with: droas ps',
        },
      );
    }
    await pause(lookEveryMs);
  }
  output.data({ apiVersion: 'v1', changed: true, pid: info.pid });
  output.line(
    `${output.mark('done')} supervisor (pid ${info.pid}) ended in ${formatDuration(performance.now() - startedMs)}`,
  );
  return exitCode.done;
}

/** A zombie, which a container without an init keeps for ever, is not alive. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return true;
  }
}
