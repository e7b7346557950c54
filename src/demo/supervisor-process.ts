import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { currentUser, socketPath } from '../adapters/system/paths.ts';
import { Client } from '../cli/client.ts';
import type { BotView, EventView, InfoView } from '../protocol/api.ts';
import { packageDirectory, supervisorFlags } from '../version.ts';
import type { Home } from './home.ts';

const readyWithinMs = 15_000;

/** A supervisor in a process of its own, as `droas up -d` makes it, so that it can be killed like any process. */
export class SupervisorProcess {
  readonly client: Client;
  readonly #child: ChildProcess;
  readonly #logPath: string;

  private constructor(child: ChildProcess, client: Client, logPath: string) {
    this.#child = child;
    this.client = client;
    this.#logPath = logPath;
  }

  /** @throws Error with the supervisor's own words when it does not come up */
  static async start(home: Home): Promise<SupervisorProcess> {
    mkdirSync(home.stateDirectory, { recursive: true, mode: 0o700 });
    const logPath = join(home.stateDirectory, 'daemon.log');
    const log = openSync(logPath, 'a', 0o600);
    const program = join(packageDirectory, 'dist/main.js');
    const args = [
      ...supervisorFlags,
      program,
      'daemon',
      '--json',
      '--state',
      home.stateDirectory,
      '--config',
      home.configPath,
    ];
    const { PATH = '', HOME = '' } = process.env;
    const env = { PATH, HOME, XDG_CACHE_HOME: join(home.stateDirectory, 'cache'), ...home.environment };
    const child = spawn(process.execPath, args, { detached: true, stdio: ['ignore', log, log], cwd: '/', env });
    closeSync(log);
    const client = new Client(socketPath(home.stateDirectory, currentUser()));
    const supervisor = new SupervisorProcess(child, client, logPath);
    await supervisor.#ready();
    return supervisor;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  bot(name: string): Promise<BotView> {
    return this.client.get(`/api/v1/bots/${name}`);
  }

  async bots(): Promise<readonly BotView[]> {
    return (await this.client.get<{ items: BotView[] }>('/api/v1/bots')).items;
  }

  async events(query = ''): Promise<readonly EventView[]> {
    return (await this.client.get<{ items: EventView[] }>(`/api/v1/events?limit=1000${query}`)).items;
  }

  info(): Promise<InfoView> {
    return this.client.get('/api/v1/info');
  }

  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** Stops every bot, then itself. Returns its exit code. */
  async drain(): Promise<number | null> {
    await this.#end('SIGTERM');
    return this.#child.exitCode;
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    this.client.close();
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill(signal);
    await ended;
  }

  async #ready(): Promise<void> {
    const deadlineMs = performance.now() + readyWithinMs;
    while (performance.now() < deadlineMs && this.#child.exitCode === null) {
      if ((await this.client.info()) !== null) return;
      await pause(25);
    }
    this.#child.kill('SIGKILL');
    throw new Error(`the supervisor did not come up; it said:\n${readFileSync(this.#logPath, 'utf8')}`);
  }
}
