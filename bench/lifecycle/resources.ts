import { setTimeout as pause } from 'node:timers/promises';
import { createProcessStats } from '../../src/adapters/proc-stats/index.ts';
import { latestRun, memoryOf } from '../support/processes.ts';
import type { Row } from '../support/row.ts';
import type { Findings } from '../support/section.ts';
import { type Assistants, ask } from './assistants.ts';

const questionsEach = 3;
const quietMs = 10_000;

/** What the supervisor and ten assistants take when nothing happens, after each assistant has answered some messages. */
export async function resources({ emulator, fleet, bots }: Assistants): Promise<Findings> {
  for (let n = 0; n < questionsEach; n++) {
    await Promise.all(bots.map((bot) => ask(emulator, bot, `How are you, for the ${n + 1}. time?`)));
  }
  const { pid } = fleet.supervisor;
  const cpuRatio = await cpuRatioWhileQuiet(pid);
  const supervisor = memoryOf(pid);
  const assistants = bots.map(({ name }) => {
    const run = latestRun(fleet.stateDirectory, name);
    if (run === null) throw new Error(`${name} has no process`);
    return memoryOf(run.pid);
  });
  return {
    rows: [
      {
        what: 'supervisor with 10 assistants: RSS',
        unit: 'MB',
        samples: [supervisor.rss],
        target: { statistic: 'max', relation: '≤', limit: 90 },
      },
      { what: 'supervisor with 10 assistants: PSS', unit: 'MB', samples: [supervisor.pss] },
      { what: 'supervisor with 10 assistants: CPU, nothing happens', unit: '%', samples: [cpuRatio * 100] },
      memoryRow(
        'RSS',
        assistants.map(({ rss }) => rss),
      ),
      memoryRow(
        'PSS',
        assistants.map(({ pss }) => pss),
      ),
    ],
    notes: [`memory is read after ${quietMs / 1e3} s of quiet; each assistant had answered ${questionsEach} messages`],
  };
}

/** The supervisor's memory once more, when it has been through something. */
export const memoryAfterwards = async ({ fleet }: Assistants): Promise<Findings> => ({
  rows: [{ what: 'supervisor RSS after these crashes', unit: 'MB', samples: [memoryOf(fleet.supervisor.pid).rss] }],
});

const memoryRow = (kind: string, samples: readonly number[]): Row => ({
  what: `each assistant: ${kind}`,
  unit: 'MB',
  samples,
  target: { statistic: 'max', relation: '<', limit: 100 },
});

/** The kernel counts in hundredths of a second, so this is exact to 0.1 % of a core. */
async function cpuRatioWhileQuiet(pid: number): Promise<number> {
  const stats = createProcessStats();
  try {
    const before = stats.sample([pid]).cpuSeconds;
    const startedMs = performance.now();
    await pause(quietMs);
    return (stats.sample([pid]).cpuSeconds - before) / ((performance.now() - startedMs) / 1e3);
  } finally {
    stats.close();
  }
}
