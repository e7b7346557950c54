import { setTimeout as pause } from 'node:timers/promises';
import { createEmulator } from '../emulator/index.ts';
import type { EventView } from '../protocol/api.ts';
import { packageDirectory } from '../version.ts';
import { type Character, characters, type DemoHome, makeHome, names } from './home.ts';
import { SupervisorProcess } from './supervisor-process.ts';

const heartbeatIntervalMs = 5_000;
const misfortunes: readonly {
  readonly name: Character;
  readonly signal: string;
  readonly firstMs: number;
  readonly everyMs: number;
}[] = [
  { name: 'moody', signal: 'SIGKILL', firstMs: 15_000, everyMs: 45_000 },
  { name: 'sleepy', signal: 'SIGSTOP', firstMs: 30_000, everyMs: 60_000 },
];

/** Ctrl-C, a service that ends, a terminal that is closed. */
const endings = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export type Narrator = { line(text: string): void; event(event: EventView): void };

/** The demo for people: runs until Ctrl-C, or until nobody reads it any more, then removes everything it made. */
export async function play(narrator: Narrator): Promise<number> {
  const over = new AbortController();
  const end = (): void => over.abort();
  for (const signal of endings) process.on(signal, end);
  process.stdout.once('error', end);
  await using stack = new AsyncDisposableStack();
  stack.defer(() => {
    for (const signal of endings) process.off(signal, end);
    process.stdout.off('error', end);
  });
  const emulator = await createEmulator({ heartbeatIntervalMs });
  stack.defer(() => emulator.close());
  const home = makeHome(emulator);
  stack.defer(() => home.remove());
  const supervisor = await SupervisorProcess.start(home);
  stack.defer(async () => {
    narrator.line('Stopping the bots and removing everything …');
    await supervisor.drain();
  });
  introduce(narrator, emulator.pageUrl, home);
  await Promise.all([
    follow(supervisor, narrator, over.signal),
    ...misfortunes.map(({ name, signal, firstMs, everyMs }) =>
      strike(supervisor, name, signal, firstMs, everyMs, over.signal),
    ),
  ]);
  return 0;
}

function introduce({ line }: Narrator, pageUrl: string, { stateDirectory, bots, absent }: DemoHome): void {
  line(`Emulated Discord   ${pageUrl}   talk to the bots here: no token, no account, nothing leaves this machine`);
  line('Three bots, each the built-in assistant in a process of its own:');
  for (const name of names) line(`  ${name.padEnd(8)} ${characters[name]}`);
  line('Ordinary bots, each on a library that knows nothing of DROAS:');
  for (const { name, guest } of bots)
    if (guest !== null)
      line(`  ${name.padEnd(8)} ${guest.library}, one of the examples; try /${guest.command} on the page`);
  for (const { name, library, why } of absent) line(`  ${name.padEnd(8)} ${library}, left out here: ${why}`);
  const droas = process.cwd() === packageDirectory ? './bin/droas' : 'npx droas';
  line('Try in another terminal, in this folder:');
  for (const command of ['ps', 'status moody', 'logs -f', 'kill -s KILL echo', 'restart echo']) {
    line(`  ${droas} --state ${stateDirectory} ${command}`);
  }
  line('Ctrl-C ends it and removes everything it made.');
  line('');
}

/** Tells every event as it comes, until the end. */
async function follow(supervisor: SupervisorProcess, narrator: Narrator, over: AbortSignal): Promise<void> {
  let after = 0;
  while (!over.aborted) {
    for (const event of await supervisor.events(`&after=${after}`)) {
      after = event.seq;
      narrator.event(event);
    }
    await pause(250, undefined, { signal: over }).catch(() => {});
  }
}

async function strike(
  supervisor: SupervisorProcess,
  name: Character,
  signal: string,
  firstMs: number,
  everyMs: number,
  over: AbortSignal,
): Promise<void> {
  for (let waitMs = firstMs; !over.aborted; waitMs = everyMs) {
    await pause(waitMs, undefined, { signal: over }).catch(() => {});
    const { state } = over.aborted ? { state: 'stopped' } : await supervisor.bot(name);
    if (state === 'running') await supervisor.client.ask('POST', `/api/v1/bots/${name}/kill`, { signal });
  }
}
