import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { packageDirectory } from '../../src/version.ts';
import type { Fleet } from '../support/fleet.ts';
import type { Ground } from '../support/ground.ts';
import type { Row } from '../support/row.ts';
import type { Findings } from '../support/section.ts';
import { serviceNames } from './services.ts';

const run = promisify(execFile);
const launcher = join(packageDirectory, 'bin/droas');

/** Whole processes, from the launcher to their end, as a person waits for them; the compile cache is filled by one run before. */
export async function commandLine(ground: Ground, fleet: Fleet, runs: number): Promise<Findings> {
  const cache = ground.folder('command-line-cache');
  const { PATH = '', HOME = '' } = process.env;
  const env = { PATH, HOME, XDG_CACHE_HOME: cache };
  const measured = async (command: string, isRight: (output: string) => boolean): Promise<Row> => {
    const samples: number[] = [];
    for (let n = -1; n < runs; n++) {
      const startedMs = performance.now();
      const { stdout } = await run(launcher, ['--state', fleet.stateDirectory, command], { env });
      if (n >= 0) samples.push(performance.now() - startedMs);
      if (!isRight(stdout)) throw new Error(`droas ${command} printed: ${stdout}`);
    }
    return {
      what: `droas ${command}, cold start to end`,
      unit: 'ms',
      samples,
      target: { statistic: 'p95', relation: '≤', limit: 150 },
    };
  };
  return {
    rows: [
      await measured('version', (output) => /\d+\.\d+\.\d+/.test(output)),
      await measured('ps', (output) => serviceNames.every((name) => output.includes(name))),
    ],
  };
}
