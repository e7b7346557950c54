import { setTimeout as pause } from 'node:timers/promises';
import type { Emulator } from '../../src/emulator/index.ts';
import type { EventView } from '../../src/protocol/api.ts';
import { recorded } from '../support/processes.ts';
import type { Row } from '../support/row.ts';
import type { Findings } from '../support/section.ts';
import type { AssistantBot, Assistants } from './assistants.ts';

/**
 * Bots are killed in turn, one at a time, so that starts do not compete for the cores. A turn takes at least this long: then
 * ten turns are longer than the 5 s that Discord wants between two IDENTIFYs of one token, and no start waits for that.
 */
const turnMs = 600;
const readyWithinMs = 60_000;

const parts = {
  noticed: '  kill -9 → noticed (bot.exited on the event stream)',
  spawned: '  noticed → process started',
  connected: '  process started → connected to the gateway',
  ready: '  connected → READY',
} as const;
type Part = keyof typeof parts;
type Crash = Readonly<Record<Part | 'total', number>> & { readonly wait: string };

/** From the death of a connected assistant to READY of its successor, in parts. Discord's side is read from its ledger. */
export async function recovery(assistants: Assistants, crashes: number): Promise<Findings> {
  const times = followConnections(assistants.emulator);
  const found: Crash[] = [];
  try {
    for (let n = 0; n < crashes; n++) {
      const bot = assistants.bots[n % assistants.bots.length] as AssistantBot;
      const [crash] = await Promise.all([recover(assistants, bot, times), pause(turnMs)]);
      found.push(crash);
    }
  } finally {
    times.stop();
  }
  const row = (part: Part | 'total', what: string): Row => ({
    what,
    unit: 'ms',
    samples: found.map((crash) => crash[part]),
  });
  const named = Object.entries(parts) as readonly (readonly [Part, string])[];
  return {
    rows: [row('total', 'assistant: kill -9 → READY, direct'), ...named.map(([part, what]) => row(part, what))],
    notes: [
      `assistants are killed in turn, each with its restart history forgotten before, so that every crash is the first one; the wait before the restart: ${tally(found.map(({ wait }) => wait))}`,
    ],
  };
}

async function recover({ emulator, fleet }: Assistants, bot: AssistantBot, times: ConnectionTimes): Promise<Crash> {
  const { name, application } = bot;
  const { feed, stateDirectory } = fleet;
  await fleet.client.ask('POST', `/api/v1/bots/${name}/reset?wait=10s`);
  const { pid, incarnation } = await recorded(stateDirectory, name, 1);
  const count = emulator.ledger.count('ready', application.id) + 1;
  const killedMs = performance.now();
  process.kill(pid, 'SIGKILL');
  const exited = await feed.when(name, 'bot.exited', incarnation);
  const scheduled = await feed.when(name, 'bot.restart-scheduled', incarnation);
  await recorded(stateDirectory, name, incarnation + 1);
  const spawnedMs = performance.now();
  const ready = await emulator.ledger.waitFor(
    { type: 'ready', applicationId: application.id },
    { count, timeoutMs: readyWithinMs },
  );
  const connection = times.of(ready.connectionId);
  await feed.when(name, 'bot.ready', incarnation + 1);
  return {
    noticed: exited.atMs - killedMs,
    spawned: spawnedMs - exited.atMs,
    connected: connection.connectedMs - spawnedMs,
    ready: connection.readyMs - connection.connectedMs,
    total: connection.readyMs - killedMs,
    wait: waitOf(scheduled.event),
  };
}

type Times = { connectedMs: number; readyMs: number };
type ConnectionTimes = { of(connectionId: string | undefined): Times; stop(): void };

/** When each connection was opened and READY, on the clock of `performance.now()`; the ledger counts from its own start. */
function followConnections({ ledger }: Emulator): ConnectionTimes {
  const times = new Map<string, Times>();
  const stop = ledger.onEntry(({ type, connectionId }) => {
    if (connectionId === undefined) return;
    if (type === 'connect') times.set(connectionId, { connectedMs: performance.now(), readyMs: Number.NaN });
    const known = times.get(connectionId);
    if (type === 'ready' && known !== undefined) known.readyMs = performance.now();
  });
  return {
    of(connectionId = '') {
      const known = times.get(connectionId);
      if (known === undefined) throw new Error(`connection ${connectionId} was READY without having been opened`);
      return known;
    },
    stop,
  };
}

const waitOf = ({ detail }: EventView): string => {
  const { delayMs, reason } = detail as { delayMs: number; reason: string };
  return delayMs === 0 ? 'none' : `${(delayMs / 1e3).toFixed(1)} s (${reason})`;
};

function tally(words: readonly string[]): string {
  const counted = Map.groupBy(words, (word) => word);
  return [...counted].map(([word, all]) => `${all.length} × ${word}`).join(', ');
}
