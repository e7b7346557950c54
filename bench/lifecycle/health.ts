import { join } from 'node:path';
import { startDaemon } from '../../src/daemon.ts';
import type { BotView, HealthView } from '../../src/protocol/api.ts';
import { Connection } from '../support/connection.ts';
import type { Fleet } from '../support/fleet.ts';
import { writeConfig } from '../support/fleet.ts';
import type { Ground } from '../support/ground.ts';
import type { Target } from '../support/row.ts';
import type { Findings } from '../support/section.ts';
import { serviceDocument, serviceNames } from './services.ts';

const warmUpRounds = 200;
const target: Target = { statistic: 'p99', relation: '<', limit: 2 };

/** What it costs to ask for the health of ten running bots over the interface: in one request, and in ten. */
export async function health({ client }: Fleet, rounds: number): Promise<Findings> {
  const connection = await Connection.open(client.socketPath);
  try {
    const list = await timed(rounds, async () => {
      const { items }: { items: BotView[] } = JSON.parse(await connection.get('/api/v1/bots'));
      if (items.length !== serviceNames.length) throw new Error(`${items.length} bots were listed`);
    });
    const each = await timed(rounds, async () => {
      for (const name of serviceNames) {
        const view: HealthView = JSON.parse(await connection.get(`/api/v1/bots/${name}/health`));
        if (view.name !== name) throw new Error(`${name} was asked for, ${view.name} was answered`);
      }
    });
    return {
      rows: [
        { what: 'health of 10 bots: GET /bots', unit: 'ms', samples: list, target },
        { what: 'health of 10 bots: 10 × GET /bots/{name}/health', unit: 'ms', samples: each, target },
      ],
    };
  } finally {
    connection.close();
  }
}

/** The same question without the interface, asked of a supervisor that lives in this process. */
export async function healthInProcess(ground: Ground, rounds: number): Promise<Findings> {
  const directory = ground.folder('in-process');
  const configPath = writeConfig(directory, serviceDocument(true));
  const starting = startDaemon({ configPath, stateDirectory: join(directory, 'state'), foreground: true });
  const end = ground.defer(async () => {
    const daemon = await starting;
    daemon.stop('the measurement is over');
    await daemon.done;
  });
  try {
    const { fleet } = await starting;
    const samples = await timed(rounds, async () => {
      for (const name of serviceNames) fleet.health(name);
    });
    return { rows: [{ what: "health of 10 bots: in the supervisor's own process", unit: 'ms', samples }] };
  } finally {
    await end();
  }
}

async function timed(rounds: number, ask: () => Promise<void>): Promise<readonly number[]> {
  const samples: number[] = [];
  for (let round = -warmUpRounds; round < rounds; round++) {
    const startedMs = performance.now();
    await ask();
    if (round >= 0) samples.push(performance.now() - startedMs);
  }
  return samples;
}
