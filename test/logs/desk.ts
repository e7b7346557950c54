import { appendFileSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createClock } from '../../src/adapters/system/clock.ts';
import type { LogLine, LogSource, LogSpool } from '../../src/ports/logs.ts';
import { createLogSpool } from '../../src/runtime/log-spool.ts';
import type { LogLimits } from '../../src/runtime/logs/limits.ts';
import { makeDirectory } from './scratch.ts';

/** One state directory with a log spool on it, and bots that are only files to append to. */
export class Desk {
  readonly logsDirectory: string;
  readonly problems: [string, string | null][] = [];
  readonly #root: string;
  #spool: LogSpool;

  constructor(root: string, limits: Partial<LogLimits> = {}) {
    this.#root = root;
    this.logsDirectory = makeDirectory(root, 'logs');
    this.#spool = this.#open(limits);
  }

  get spool(): LogSpool {
    return this.#spool;
  }

  /** Another supervisor takes over. */
  async reopen(limits: Partial<LogLimits> = {}): Promise<void> {
    await this.#spool.close();
    this.#spool = this.#open(limits);
  }

  source(bot: string, incarnation = 1, root = this.#root): LogSource {
    const directory = makeDirectory(root, 'run', bot, String(incarnation));
    const spools = { out: join(directory, 'out'), err: join(directory, 'err') };
    for (const path of Object.values(spools)) appendFileSync(path, '');
    return { bot, incarnation, spools };
  }

  /** Everything that `current.log` and its elders hold, oldest first. */
  kept(bot: string): string {
    const directory = join(this.logsDirectory, bot);
    const age = (name: string) => Number(name.split('.').at(2) ?? 0);
    if (!existsSync(directory)) return '';
    const names = readdirSync(directory).sort((a, b) => age(b) - age(a));
    return names.map((name) => readFileSync(join(directory, name), 'utf8')).join('');
  }

  async lines(bot: string, limit = 10_000): Promise<readonly LogLine[]> {
    return this.spool.read(bot, { limit });
  }

  async texts(bot: string): Promise<readonly string[]> {
    return (await this.lines(bot)).map(({ text }) => text);
  }

  #open(limits: Partial<LogLimits>): LogSpool {
    return createLogSpool({
      logsDirectory: this.logsDirectory,
      clock: createClock(),
      limits,
      onProblem: (problem, sentence) => this.problems.push([problem, sentence]),
    });
  }
}
