/**
 * `npm run picture`: makes docs/picture.svg from the real thing. The fleet of the demo runs, one bot freezes and one
 * crashes twice; while that one waits for its restart, the real commands are asked what there is to see.
 * `npm run picture -- emulator`: makes docs/emulator.png, for which DROAS_TEST_CHROMIUM has to name a browser.
 */
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type Character, type Home, makeHome } from '../src/demo/home.ts';
import { SupervisorProcess } from '../src/demo/supervisor-process.ts';
import { createEmulator, type Emulator } from '../src/emulator/index.ts';
import type { BotView } from '../src/protocol/api.ts';
import { terminalSvg } from './picture/terminal-svg.ts';

const root = join(import.meta.dirname, '..');
const file = 'docs/picture.svg';
const title = 'droas ps, status and events: one bot froze and was restarted, one waits for its restart';
const commands = [['ps'], ['status', 'moody'], ['events', '-n', '16']] as const;
/** Between two IDENTIFYs of a token, as Discord has it: who crashes later than that may start again at once. */
const identifyWindowMs = 5_000;

if (process.argv[2] === 'emulator') {
  const { takeEmulatorPicture } = await import('./picture/emulator-page.ts');
  await takeEmulatorPicture(join(root, 'docs/emulator.png'));
  process.exit();
}

await using stack = new AsyncDisposableStack();
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => void stack.disposeAsync().finally(() => process.exit(130)));
const emulator = await createEmulator({ heartbeatIntervalMs: 5_000 });
stack.defer(() => emulator.close());
const home = makeHome(emulator);
stack.defer(() => home.remove());
const supervisor = await SupervisorProcess.start(home);
stack.defer(async () => void (await supervisor.drain()));

await misfortunes(emulator, supervisor, home);
const shown = await Promise.all(commands.map((command) => typed(home, command)));
if ((await supervisor.bot('moody')).state !== 'backoff') throw new Error('moody was back before its picture was taken');
writeFileSync(join(root, file), terminalSvg(title, shown.join('\n')));
console.log(`${file} is made.`);

/** sleepy freezes and is restarted; then moody crashes, is back, crashes again and waits. */
async function misfortunes({ ledger }: Emulator, fleet: SupervisorProcess, { bots }: Home): Promise<void> {
  const ready = (name: string, count: number) =>
    ledger.waitFor(
      { type: 'ready', applicationId: bots.find((bot) => bot.name === name)?.application.id },
      { count, timeoutMs: 30_000 },
    );
  const hit = (name: Character, signal: string) => fleet.client.ask('POST', `/api/v1/bots/${name}/kill`, { signal });
  await Promise.all(bots.map(({ name }) => ready(name, 1)));
  await pause(identifyWindowMs);
  await hit('sleepy', 'SIGSTOP');
  await ready('sleepy', 2);
  await reaches(fleet, 'sleepy', isSettled);
  await hit('moody', 'SIGKILL');
  await ready('moody', 2);
  await reaches(fleet, 'moody', ({ health }) => health === 'healthy');
  await hit('moody', 'SIGKILL');
  await reaches(fleet, 'moody', ({ state }) => state === 'backoff');
}

/** Healthy for as long as it takes to know all that `ps` has a column for. */
function isSettled({ health, memoryBytes, cpuRatio, gateway }: BotView): boolean {
  return health === 'healthy' && memoryBytes !== null && cpuRatio !== null && gateway?.latencySeconds != null;
}

async function reaches(fleet: SupervisorProcess, name: Character, holds: (bot: BotView) => boolean): Promise<void> {
  while (!holds(await fleet.bot(name))) await pause(10);
}

/** A command as people type it, and its answer. Exit codes other than 0 belong to the story: a bot does not serve. */
function typed({ stateDirectory }: Home, command: readonly string[]): Promise<string> {
  const env = { ...process.env, DROAS_STATE: stateDirectory, FORCE_COLOR: '1', LANG: 'C.UTF-8', TZ: 'UTC' };
  return new Promise((resolve) => {
    execFile(join(root, 'bin/droas'), command, { env }, (_error, out, complaint) =>
      resolve(`\x1b[36m$\x1b[39m \x1b[1mdroas ${command.join(' ')}\x1b[22m\n${out}${complaint}`),
    );
  });
}
