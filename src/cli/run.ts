import { CommanderError } from 'commander';
import { codeOf, errorEntry } from '../core/errors.ts';
import { type Context, createContext } from './context.ts';
import { exitCode } from './exit-code.ts';
import { failureOf } from './failure.ts';
import { Output } from './output.ts';
import { createProgram } from './program.ts';
import { ownTerminal, type Terminal } from './terminal.ts';
import type { Wiring } from './wiring.ts';

/** Runs one command line (without `node` and script) and returns its exit code. Reports every error itself. */
export async function run(
  argv: readonly string[],
  wiring: Wiring,
  terminal: Terminal = ownTerminal(),
): Promise<number> {
  const json = beforeDashes(argv).includes('--json');
  const complaints: string[] = [];
  let context: Context | undefined;
  let result: number = exitCode.done;
  const program = createProgram(wiring.version, {
    help: (text) => terminal.out.write(text),
    complain: (text) => complaints.push(text),
    begin: (options) => {
      context = createContext(options, wiring, terminal);
    },
    invoke: async (action) => {
      if (context !== undefined) result = await action(context);
    },
  });
  try {
    await program.parseAsync(argv, { from: 'user' });
    return result;
  } catch (error) {
    const output = context?.output ?? new Output({ json, quiet: false, color: true }, terminal);
    if (error instanceof CommanderError) return usage(error, complaints, output);
    output.failure(failureOf(error));
    return errorEntry(codeOf(error)).exit;
  } finally {
    context?.client.close();
  }
}

/** Commander has written help already; its complaints (with "did you mean") are held back for `--json`. */
function usage(error: CommanderError, complaints: readonly string[], output: Output): number {
  if (error.exitCode === 0) return exitCode.done;
  const said = complaints.join('').trim();
  if (output.json) {
    output.failure({ code: 'USAGE', message: said.replace(/^error: /, ''), remedy: 'See: droas --help', details: [] });
  } else {
    output.complain(said);
  }
  return exitCode.misused;
}

const beforeDashes = (argv: readonly string[]): readonly string[] => {
  const end = argv.indexOf('--');
  return end < 0 ? argv : argv.slice(0, end);
};
