import type { Fleet } from '../support/fleet.ts';
import { executing, recorded } from '../support/processes.ts';
import type { Findings } from '../support/section.ts';
import { serviceNames, serviceProgram } from './services.ts';

const warmUpRounds = 2;

/**
 * Kills the running services one by one, from here, so that the supervisor learns of it as of any death. Before each
 * kill the restart history is forgotten: every death is the first one, which the policy answers at once.
 */
export async function deaths(fleet: Fleet, rounds: number): Promise<Findings> {
  const noticed: number[] = [];
  const replaced: number[] = [];
  for (let round = -warmUpRounds; round < rounds; round++) {
    for (const name of serviceNames) {
      const death = await die(fleet, name);
      if (round < 0) continue;
      noticed.push(death.noticedMs);
      replaced.push(death.replacedMs);
    }
  }
  return {
    rows: [
      {
        what: 'kill -9 → bot.exited on the event stream',
        unit: 'ms',
        samples: noticed,
        target: { statistic: 'p99', relation: '≤', limit: 10 },
      },
      { what: 'kill -9 → replacement running, without backoff', unit: 'ms', samples: replaced },
    ],
  };
}

async function die({ client, feed, stateDirectory }: Fleet, name: string) {
  await client.ask('POST', `/api/v1/bots/${name}/reset?wait=10s`);
  const { pid, incarnation } = await recorded(stateDirectory, name, 1);
  await feed.when(name, 'bot.ready', incarnation);
  const killedMs = performance.now();
  process.kill(pid, 'SIGKILL');
  const exited = await feed.when(name, 'bot.exited', incarnation);
  await feed.when(name, 'bot.ready', incarnation + 1);
  const next = await recorded(stateDirectory, name, incarnation + 1);
  await executing(next.pid, serviceProgram);
  return { noticedMs: exited.atMs - killedMs, replacedMs: performance.now() - killedMs };
}
