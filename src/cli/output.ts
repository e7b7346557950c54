import { styleText } from 'node:util';
import type { ErrorCode } from '../core/errors.ts';
import { errorEntry } from '../core/errors.ts';
import type { Problem } from '../protocol/api.ts';
import { jsonLine, printable } from './printable.ts';
import type { Terminal } from './terminal.ts';

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow';
export type OutputOptions = { readonly json: boolean; readonly quiet: boolean; readonly color: boolean };
export type Failure = {
  readonly code: ErrorCode;
  readonly message: string;
  readonly remedy: string | null;
  readonly details: Problem['errors'];
};

/**
 * Results go to stdout; progress and errors to stderr. With `--json` stdout carries JSON only: one document of a finite
 * command, one line per item of a stream; a problem is one line of JSON on stderr.
 */
export class Output {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly #terminal: Terminal;
  readonly #color: boolean;
  readonly #utf8: boolean;

  constructor(options: OutputOptions, terminal: Terminal) {
    const { env, out } = terminal;
    this.#terminal = terminal;
    this.json = options.json;
    this.quiet = options.quiet;
    this.#color = options.color && wantsColor(env, out.isTTY === true);
    this.#utf8 = /utf-?8/i.test(env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'] || '');
  }

  /** A line of the result, for people. The caller made foreign text printable. */
  line(text = ''): void {
    if (!this.json) this.#terminal.out.write(`${text}\n`);
  }

  /** The document of a finite command, or an item of a stream. */
  data(value: unknown): void {
    if (this.json) this.#terminal.out.write(`${jsonLine(value)}\n`);
  }

  /** What goes on meanwhile, for people. */
  progress(text: string): void {
    if (!this.json && !this.quiet) this.#terminal.err.write(`${text}\n`);
  }

  /** What is wrong with the command line itself, as it is. */
  complain(text: string): void {
    this.#terminal.err.write(`${text}\n`);
  }

  /** What people must know although the command goes on; not silenced by `-q`. */
  warning(text: string): void {
    this.#terminal.err.write(this.json ? `${jsonLine({ warning: text })}\n` : `${this.mark('warning')} ${text}\n`);
  }

  failure({ code, message, remedy, details }: Failure): void {
    if (this.json) {
      const { status, meaning } = errorEntry(code);
      const problem: Problem = {
        type: `urn:droas:error:${code}`,
        title: meaning,
        status,
        detail: message,
        code,
        remedy,
        errors: details,
      };
      this.#terminal.err.write(`${jsonLine(problem)}\n`);
      return;
    }
    const lines = [`${this.mark('failed')} ${printable(message)}`];
    for (const { pointer, detail } of details) lines.push(`    ${printable(`${pointer}: ${detail}`)}`);
    if (remedy !== null) lines.push(`    ${this.#utf8 ? '→' : '->'} ${printable(remedy)}`);
    this.#terminal.err.write(`${lines.join('\n')}\n`);
  }

  /** A symbol before a line; words where the terminal cannot show symbols. */
  mark(kind: 'done' | 'failed' | 'warning'): string {
    if (kind === 'done') return this.paint('green', this.#utf8 ? '✔' : 'ok');
    if (kind === 'failed') return this.paint('red', this.#utf8 ? '✖' : 'FAIL');
    return this.paint('yellow', '!');
  }

  arrow(): string {
    return this.#utf8 ? '→' : '->';
  }

  paint(style: Style, text: string): string {
    return this.#color ? styleText(style, text, { validateStream: false }) : text;
  }
}

/** FORCE_COLOR beats NO_COLOR beats the terminal, as in Node itself; a dumb terminal has no colours. */
function wantsColor(env: NodeJS.ProcessEnv, terminal: boolean): boolean {
  const forced = env['FORCE_COLOR'];
  if (forced !== undefined) return forced !== '0' && forced !== 'false';
  if (env['NO_COLOR'] !== undefined && env['NO_COLOR'] !== '') return false;
  return terminal && env['TERM'] !== 'dumb';
}
