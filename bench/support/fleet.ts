import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { Client } from '../../src/cli/client.ts';
import { SupervisorProcess } from '../../src/demo/supervisor-process.ts';
import { EventFeed } from './event-feed.ts';
import type { Ground } from './ground.ts';
import { isAlive } from './processes.ts';

const drainsWithinMs = 8_000;
const lastWordsBytes = 1_000;

/** A supervisor (`dist/main.js`, a process of its own) and its bots, in a directory of its own. */
export class Fleet {
  readonly stateDirectory: string;
  readonly supervisor: SupervisorProcess;
  readonly feed: EventFeed;
  readonly #end: () => Promise<void>;

  private constructor(stateDirectory: string, supervisor: SupervisorProcess, end: () => Promise<void>) {
    this.stateDirectory = stateDirectory;
    this.supervisor = supervisor;
    this.feed = new EventFeed(supervisor.client);
    this.#end = end;
  }

  /** `document` becomes droas.yaml; `tokens` are the variables that it asks for. @throws Error when it does not come up */
  static async start(
    ground: Ground,
    name: string,
    document: object,
    tokens: Readonly<Record<string, string>> = {},
  ): Promise<Fleet> {
    const directory = ground.folder(name);
    const stateDirectory = join(directory, 'state');
    const configPath = writeConfig(directory, document);
    const environment = {
      ...tokens,
      XDG_CACHE_HOME: join(directory, 'cache'),
      XDG_RUNTIME_DIR: ground.runtimeDirectory,
    };
    const home = { directory, stateDirectory, configPath, environment, bots: [], remove: () => {} };
    const starting = SupervisorProcess.start(home);
    const end = ground.defer(async () => endSupervisor(await starting, stateDirectory));
    return new Fleet(stateDirectory, await starting, end);
  }

  get client(): Client {
    return this.supervisor.client;
  }

  /** Stops the bots and the supervisor. @throws Error with its last words when the supervisor had died before */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#end();
  }
}

/** A supervisor that takes too long to drain is killed; its bots are swept up with the ground. */
async function endSupervisor(supervisor: SupervisorProcess, stateDirectory: string): Promise<void> {
  if (!isAlive(supervisor.pid)) {
    const lastWords = readFileSync(join(stateDirectory, 'daemon.log'), 'utf8').slice(-lastWordsBytes);
    throw new Error(`the supervisor died by itself; it said:\n${lastWords}`);
  }
  const impatience = setTimeout(() => void supervisor.kill(), drainsWithinMs);
  await supervisor.drain();
  clearTimeout(impatience);
}

/** `droas.yaml` in the directory, with the empty `bots.d/` beside it. */
export function writeConfig(directory: string, document: object): string {
  const path = join(directory, 'droas.yaml');
  mkdirSync(join(directory, 'bots.d'), { mode: 0o700 });
  writeFileSync(path, stringify({ version: 1, ...document }), { mode: 0o600 });
  return path;
}
