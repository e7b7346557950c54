import type { OperationView } from '../../src/protocol/api.ts';
import type { Fleet } from '../support/fleet.ts';
import { executing, isAlive, latestRun, recorded } from '../support/processes.ts';
import type { Row } from '../support/row.ts';
import type { Findings } from '../support/section.ts';
import { serviceNames, serviceProgram } from './services.ts';

const verbs = ['start', 'restart', 'stop'] as const;
type Verb = (typeof verbs)[number];
type Way = (fleet: Fleet, verb: Verb) => Promise<readonly number[]>;

const oneAfterTheOther: Way = async (fleet, verb) => {
  const samples: number[] = [];
  for (const name of serviceNames) samples.push(await operate(fleet, name, verb));
  return samples;
};
const allAtOnce: Way = (fleet, verb) => Promise.all(serviceNames.map((name) => operate(fleet, name, verb)));

const warmUpRounds = 3;

/** Start, restart and stop of ten bots. Ends with all of them stopped. */
export async function operations(fleet: Fleet, rounds: number): Promise<Findings> {
  return {
    rows: [
      ...(await measured(fleet, rounds, oneAfterTheOther, 'one after the other')),
      ...(await measured(fleet, rounds, allAtOnce, 'all ten at once')),
    ],
  };
}

async function measured(fleet: Fleet, rounds: number, way: Way, words: string): Promise<readonly Row[]> {
  const samples: Record<Verb, number[]> = { start: [], restart: [], stop: [] };
  for (let round = -warmUpRounds; round < rounds; round++) {
    for (const verb of verbs) {
      const taken = await way(fleet, verb);
      if (round >= 0) samples[verb].push(...taken);
    }
  }
  return verbs.map((verb) => ({
    what: `${verb} → ${verb === 'stop' ? 'tree empty' : 'program running'}, ${words}`,
    unit: 'ms',
    samples: samples[verb],
    target: { statistic: 'p99', relation: '<', limit: 50 },
  }));
}

/**
 * Milliseconds from sending the request until both are true: the supervisor answered that it is done, and /proc shows it:
 * the program itself is executing, not the shell that starts it, and its predecessor is gone.
 */
async function operate({ client, stateDirectory }: Fleet, name: string, verb: Verb): Promise<number> {
  const before = latestRun(stateDirectory, name);
  const startedMs = performance.now();
  const answer = await client.ask<OperationView>('POST', `/api/v1/bots/${name}/${verb}?wait=10s`);
  if (answer.outcome !== 'done' || !answer.changed)
    throw new Error(`${name}: ${verb} was not done: ${answer.sentence}`);
  if (before !== null && isAlive(before.pid)) throw new Error(`${name}: ${verb} is done and ${before.pid} still lives`);
  if (verb !== 'stop') {
    const { pid } = await recorded(stateDirectory, name, (before?.incarnation ?? 0) + 1);
    await executing(pid, serviceProgram);
  }
  return performance.now() - startedMs;
}
