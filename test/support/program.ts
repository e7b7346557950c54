import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Compiled code that the programs of one test file share; gone with it. */
const cache = mkdtempSync(join(tmpdir(), 'droas-cache-'));
process.on('exit', () => rmSync(cache, { recursive: true, force: true }));

const main = join(import.meta.dirname, '../../src/main.ts');
export const program: readonly [string, ...string[]] = [process.execPath, main];

export type Ended = {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
};

/** The real program, in a process of its own. */
export class Program {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  #out = '';
  #err = '';
  #heard: () => void = () => {};

  constructor(
    argv: readonly string[],
    options: { env?: NodeJS.ProcessEnv; command?: readonly [string, ...string[]]; cwd?: string } = {},
  ) {
    const [file, ...before] = options.command ?? program;
    this.child = spawn(file, [...before, ...argv], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        XDG_CACHE_HOME: cache,
        LANG: 'C.UTF-8',
        TZ: 'UTC',
        NO_COLOR: undefined,
        FORCE_COLOR: undefined,
        ...options.env,
      },
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    });
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#out += text;
      this.#heard();
    });
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#err += text;
      this.#heard();
    });
    this.ended = once(this.child, 'close').then(([code, signal]) => ({ code, signal, out: this.#out, err: this.#err }));
  }

  /** Kills the process when the test is over, whatever came of it. */
  within(scope: { after(fn: () => Promise<unknown>): void }): this {
    scope.after(() => {
      this.child.kill('SIGKILL');
      return this.ended;
    });
    return this;
  }

  /** Resolves when the pattern stands in what was said; rejects when the program ended without. */
  async says(pattern: RegExp, on: 'out' | 'err' = 'out'): Promise<string> {
    let over = false;
    void this.ended.then(() => {
      over = true;
      this.#heard();
    });
    for (;;) {
      const text = on === 'out' ? this.#out : this.#err;
      if (pattern.test(text)) return text;
      if (over) throw new Error(`ended without saying ${pattern}: ${this.#out}${this.#err}`);
      await new Promise<void>((resolve) => {
        this.#heard = resolve;
      });
    }
  }
}

export const runProgram = (
  argv: readonly string[],
  options?: ConstructorParameters<typeof Program>[1],
): Promise<Ended> => new Program(argv, options).ended;
