import type { OperationView } from '../../protocol/api.ts';
import type { Context } from '../context.ts';
import { type Attempt, report } from '../report.ts';
import { botPath, selectBots } from '../select.ts';
import { type WaitOptions, waitQuery } from '../waiting.ts';

export type Verb = 'start' | 'stop' | 'restart' | 'reset';
export async function operate(
  context: Context,
  verb: Verb,
  patterns: readonly string[],
  options: WaitOptions & { all?: true },
): Promise<number> {
  const names = await selectBots(context.client, patterns, options.all === true);
  const attempts = names.map(
    (name): Attempt => ({
      name,
      operation: context.client.ask<OperationView>('POST', botPath(name, `/${verb}${waitQuery(options)}`)),
    }),
  );
  return report(context.output, attempts, options);
}
