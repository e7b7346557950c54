import { DroasError } from '../../core/errors.ts';
import type { OperationView } from '../../protocol/api.ts';
import type { Context } from '../context.ts';
import { report } from '../report.ts';
import { botPath, selectBots } from '../select.ts';
import type { Terminal } from '../terminal.ts';
import { type WaitOptions, waitQuery } from '../waiting.ts';

export async function rm(
  context: Context,
  patterns: readonly string[],
  options: WaitOptions & { yes?: true },
): Promise<number> {
  const names = await selectBots(context.client, patterns, false);
  if (options.yes !== true) await confirm(context.terminal, names);
  const attempts = names.map((name) => ({
    name,
    operation: context.client.ask<OperationView>('DELETE', botPath(name, waitQuery(options))),
  }));
  return report(context.output, attempts, options);
}

/** Removing cannot be undone: the name must be typed, or `--yes` given where nobody sits. @throws DroasError USAGE */
async function confirm({ input, err }: Terminal, names: readonly string[]): Promise<void> {
  if (input.isTTY !== true) {
    throw new DroasError(
      'USAGE',
      `Removing ${names.join(', ')} needs a confirmation, and there is no terminal to ask on.`,
      {
        remedy: 'Say --yes.',
      },
    );
  }
  const { createInterface } = await import('node:readline');
  const prompt = createInterface({ input });
  const expected = names.join(' ');
  err.write(`This stops and removes ${names.join(', ')}. Type "${expected}" to go on: `);
  for await (const typed of prompt) {
    if (typed.trim() === expected) return;
    break;
  }
  throw new DroasError('USAGE', 'Not confirmed; nothing was removed.');
}
