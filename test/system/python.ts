import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

export const clientDirectory = join(import.meta.dirname, '../../clients/python');

/** The Python that has discord.py, and where it has it. @throws Error when nobody said so */
export function python(): { readonly program: string; readonly path: string } {
  const { DROAS_TEST_PYTHON: program, DROAS_TEST_PYTHONPATH: path = '' } = process.env;
  if (program === undefined)
    throw new Error('DROAS_TEST_PYTHON does not name a Python: `npm run test:system` finds or fetches one');
  return { program, path };
}

/** A Python program that knows `droas`, with everything that it printed. Errors go to the test's own output. */
export class PythonProgram {
  readonly child: ChildProcess;
  /** Exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>;
  #out = '';
  #err = '';

  constructor(args: readonly string[], env: Readonly<Record<string, string>>) {
    const { program, path } = python();
    const PYTHONPATH = [clientDirectory, path].filter((part) => part !== '').join(':');
    this.child = spawn(program, args, {
      env: { PATH: process.env['PATH'], PYTHONPATH, PYTHONDONTWRITEBYTECODE: '1', PYTHONUNBUFFERED: '1', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#out += text;
    });
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#err += text;
    });
    this.ended = once(this.child, 'close').then(([code, signal]) => code ?? signal);
  }

  get out(): string {
    return this.#out;
  }

  get err(): string {
    return this.#err;
  }

  async says(text: string): Promise<void> {
    while (!this.#out.includes(text)) {
      const news = this.child.stdout ? once(this.child.stdout, 'data') : Promise.reject(new Error('no output'));
      const ended = await Promise.race([news.then(() => null), this.ended]);
      if (ended !== null && !this.#out.includes(text))
        throw new Error(`ended (${ended}) without saying ${text}: ${this.#err}`);
    }
  }
}
