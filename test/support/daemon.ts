import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { stringify } from 'yaml';
import { currentUser, socketPath } from '../../src/adapters/system/paths.ts';
import { Client } from '../../src/cli/client.ts';
import { type Daemon, startDaemon } from '../../src/daemon.ts';
import type { BotView, EventView, InfoView, LogLineView, OperationView } from '../../src/protocol/api.ts';
import { supervisorFlags } from '../../src/version.ts';

/** The bundle: what people run, and it starts in a tenth of the time that the sources take. */
const program = join(import.meta.dirname, '../../dist/main.js');
export type Document = Readonly<Record<string, unknown>>;

/** A service with a native process: nothing about Discord, so that no start waits for an IDENTIFY window. */
export const service = (script: string, more: Document = {}): Document => ({
  kind: 'service',
  command: ['sh', '-c', script],
  restart: { jitter: 0, ...(more['restart'] as object | undefined) },
  stop: { grace: '2s', hungGrace: '500ms', ...(more['stop'] as object | undefined) },
  ...Object.fromEntries(Object.entries(more).filter(([key]) => key !== 'restart' && key !== 'stop')),
});
export const lives = 'exec sleep 1000';

/** A configuration and a state directory of its own; everything that ran from it is gone after `dispose`. */
export class TestFleet {
  readonly directory: string;
  readonly stateDirectory: string;
  readonly configPath: string;
  readonly client: Client;
  environment: Readonly<Record<string, string>> = {};
  #daemon: ChildProcess | null = null;
  #here: Daemon | null = null;
  #output = '';

  constructor(bots: Readonly<Record<string, Document>>, fleet: Document = {}, stateDirectory?: string) {
    this.directory = mkdtempSync(join(tmpdir(), 'droas-test-'));
    this.stateDirectory = stateDirectory ?? join(this.directory, 'state');
    this.configPath = join(this.directory, 'droas.yaml');
    mkdirSync(join(this.directory, 'bots.d'), { mode: 0o700 });
    this.configure(bots, fleet);
    this.client = new Client(socketPath(this.stateDirectory, currentUser()));
  }

  configure(bots: Readonly<Record<string, Document>>, fleet: Document = {}): void {
    writeFileSync(this.configPath, stringify({ version: 1, ...fleet }), { mode: 0o600 });
    for (const file of readdirSync(join(this.directory, 'bots.d'))) rmSync(join(this.directory, 'bots.d', file));
    for (const [name, document] of Object.entries(bots)) {
      writeFileSync(join(this.directory, 'bots.d', `${name}.yaml`), stringify(document), { mode: 0o600 });
    }
  }

  get pid(): number {
    return this.#daemon?.pid ?? process.pid;
  }

  /** What the last supervisor wrote to its standard error. */
  get output(): string {
    return this.#output;
  }

  /** A supervisor in this process, from the sources: quick, and counted in the coverage. */
  async here(): Promise<void> {
    Object.assign(process.env, this.environment);
    const { configPath, stateDirectory } = this;
    this.#here = await startDaemon({ configPath, stateDirectory, foreground: true });
  }

  /** Ends the supervisor gracefully, wherever it runs; returns its exit code. */
  async end(): Promise<number | null> {
    const here = this.#here;
    this.#here = null;
    if (here === null) return this.signal('SIGTERM');
    here.stop('the test is over');
    const code = await here.done;
    this.client.close();
    return code;
  }

  /** Starts a supervisor in a process of its own, as people run it, and waits until it answers. */
  async up(): Promise<void> {
    const daemon = this.launch();
    for (;;) {
      if (daemon.exitCode !== null || daemon.signalCode !== null)
        throw new Error(`the supervisor ended: ${this.#output}`);
      if ((await this.client.info()) !== null) return;
      await pause(10);
    }
  }

  /** Starts a supervisor without waiting. */
  launch(): ChildProcess {
    const args = [
      ...supervisorFlags,
      program,
      'daemon',
      '--json',
      '--state',
      this.stateDirectory,
      '--config',
      this.configPath,
    ];
    const daemon = spawn(process.execPath, args, {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, ...this.environment },
    });
    this.#output = '';
    daemon.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#output += text;
    });
    this.#daemon = daemon;
    return daemon;
  }

  async signal(signal: NodeJS.Signals): Promise<number | null> {
    const daemon = this.#daemon;
    this.#daemon = null;
    if (daemon === null || daemon.exitCode !== null || daemon.signalCode !== null) return daemon?.exitCode ?? null;
    const ended = once(daemon, 'exit');
    daemon.kill(signal);
    await ended;
    this.client.close();
    return daemon.exitCode;
  }

  killSupervisor(): Promise<number | null> {
    return this.signal('SIGKILL');
  }

  bot(name: string): Promise<BotView> {
    return this.client.get(`/api/v1/bots/${name}`);
  }

  async bots(): Promise<readonly BotView[]> {
    return (await this.client.get<{ items: BotView[] }>('/api/v1/bots')).items;
  }

  info(): Promise<InfoView> {
    return this.client.get('/api/v1/info');
  }

  async events(bot: string, type?: string): Promise<readonly EventView[]> {
    const query = `bot=${bot}&limit=1000${type === undefined ? '' : `&type=${type}`}`;
    return (await this.client.get<{ items: EventView[] }>(`/api/v1/events?${query}`)).items;
  }

  async logs(bot: string): Promise<readonly LogLineView[]> {
    return (await this.client.get<{ items: LogLineView[] }>(`/api/v1/bots/${bot}/logs?limit=1000`)).items;
  }

  wish(name: string, kind: 'start' | 'stop' | 'restart' | 'reset'): Promise<OperationView> {
    return this.client.ask('POST', `/api/v1/bots/${name}/${kind}?wait=20s`);
  }

  /** Waits for the fact; fails with what there was instead. */
  async until(name: string, holds: (bot: BotView) => boolean, withinMs = 15_000): Promise<BotView> {
    const deadlineMs = performance.now() + withinMs;
    for (;;) {
      const bot = await this.bot(name);
      if (holds(bot)) return bot;
      if (performance.now() > deadlineMs) throw new Error(`${name} is still ${JSON.stringify(bot)}`);
      await pause(10);
    }
  }

  /** Live processes of the bot; its shims, and the naps that they take, left out. */
  processesOf(bot: string): readonly number[] {
    const own = (pid: number) =>
      !read(`/proc/${pid}/cmdline`).includes('\0droas\0') &&
      /\0DROAS_RUN=[0-9a-f]/.test(`\0${read(`/proc/${pid}/environ`)}`);
    return processesNaming(join(this.stateDirectory, 'sockets', `${bot}.`)).filter(own);
  }

  /** How many trees of the bot live: processes without a parent among them. */
  copiesOf(bot: string): number {
    const pids = this.processesOf(bot);
    return pids.filter((pid) => !pids.includes(parentOf(pid))).length;
  }

  async dispose(): Promise<void> {
    await this.end();
    this.client.close();
    for (const pid of processesNaming(this.directory)) process.kill(pid, 'SIGKILL');
    chmodSync(this.directory, 0o700);
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** Pids of live processes (no zombies) whose environment names `text`, the test itself and supervisors left out. */
export function processesNaming(text: string): readonly number[] {
  return readdirSync('/proc').flatMap((entry) => {
    const pid = Number(entry);
    if (!(pid > 0) || pid === process.pid) return [];
    const environment = read(`/proc/${pid}/environ`);
    return environment.includes(text) && !read(`/proc/${pid}/stat`).includes(') Z ') ? [pid] : [];
  });
}

const parentOf = (pid: number): number => Number(read(`/proc/${pid}/stat`).split(') ')[1]?.split(' ')[1] ?? 0);

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
