import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { Application, Emulator } from '../../../src/emulator/index.ts';
import { commandOf, type Library } from './libraries.ts';

/** What a bot says that it heard. */
export type Told = { readonly event: string; readonly [field: string]: unknown };
export type BotOptions = {
  /** Whether something else, such as a database, keeps its event loop alive. */
  readonly timer?: boolean;
  /** Asks for members and message content. */
  readonly privileged?: boolean;
  /** Further intent bits. */
  readonly intents?: number;
  readonly compress?: 'zlib' | 'zstd';
  /** Only discord.py: after so many seconds of silence it reconnects. */
  readonly heartbeatTimeout?: number;
  /** Instead of the application's own. */
  readonly token?: string;
};

const patienceMs = 30_000;

/** A bot as a child process, as its author would start it. Disposing kills it and waits for its end. */
export class Bot {
  readonly library: Library;
  readonly told: Told[] = [];
  /** Exit code, or the signal. */
  readonly exited: Promise<number | string>;
  readonly errors: Promise<string>;
  readonly #child: ChildProcessByStdio<null, Readable, Readable>;
  #wake: (() => void) | null = null;
  #read = 0;

  constructor(library: Library, emulator: Emulator, application: Application, options: BotOptions = {}) {
    const { program, file, environment } = commandOf(library);
    const { token = application.token, ...told } = options;
    this.library = library;
    this.#child = spawn(program, [file, JSON.stringify(told)], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...environment,
        PATH: process.env['PATH'],
        HOME: process.env['HOME'],
        TMPDIR: process.env['TMPDIR'],
        DISCORD_TOKEN: token,
        DISCORD_API: emulator.url,
        DISCORD_GATEWAY: emulator.gatewayUrl,
      },
    });
    this.errors = text(this.#child.stderr);
    this.exited = once(this.#child, 'exit').then(([code, signal]) => {
      this.#wake?.();
      return code ?? signal;
    });
    createInterface(this.#child.stdout).on('line', (line) => {
      this.told.push(JSON.parse(line));
      this.#wake?.();
    });
  }

  get isAlive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** The next thing of that kind that it tells, skipping others. @throws Error when it ends first, or after 30 s */
  tells(event: string): Promise<Told> {
    return this.#until(event, () => {
      while (this.#read < this.told.length) {
        const told = this.told[this.#read++];
        if (told?.event === event) return told;
      }
      return null;
    });
  }

  /** All of that kind since its start, at least so many of them. @throws Error as above */
  all(event: string, count = 1): Promise<readonly Told[]> {
    return this.#until(event, () => {
      const told = this.told.filter((one) => one.event === event);
      return told.length >= count ? told : null;
    });
  }

  /** Connected, and its commands registered, in whatever order: from here on it starts nothing by itself. */
  async serves(): Promise<void> {
    await this.all('ready');
    await this.all('registered');
  }

  async #until<Found>(event: string, look: () => Found | null): Promise<Found> {
    const deadline = AbortSignal.timeout(patienceMs);
    for (;;) {
      const found = look();
      if (found) return found;
      if (!this.isAlive) throw new Error(`${this.library} ended before ${event}: ${(await this.errors).slice(-2000)}`);
      if (deadline.aborted) throw new Error(`${this.library} did not tell ${event}, but ${JSON.stringify(this.told)}`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        deadline.addEventListener('abort', () => resolve(), { once: true });
      });
    }
  }

  kill(signal: NodeJS.Signals = 'SIGKILL'): void {
    this.#child.kill(signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.kill();
    await this.exited;
  }
}
