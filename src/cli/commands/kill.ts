import { constants } from 'node:os';
import { DroasError } from '../../core/errors.ts';
import type { Context } from '../context.ts';
import { botPath } from '../select.ts';

export async function kill({ client, output }: Context, bot: string, options: { signal: string }): Promise<number> {
  const signal = signalName(options.signal);
  await client.ask('POST', botPath(bot, '/kill'), { signal });
  output.data({ apiVersion: 'v1', name: bot, signal });
  output.line(`${output.mark('done')} ${bot} sent ${signal}`);
  return 0;
}

/** `KILL`, `sigkill`, `9` → `SIGKILL`. @throws DroasError USAGE */
function signalName(text: string): string {
  const upper = text.toUpperCase();
  const name = /^\d+$/.test(text)
    ? Object.entries(constants.signals).find(([, number]) => number === Number(text))?.[0]
    : upper.startsWith('SIG')
      ? upper
      : `SIG${upper}`;
  if (name !== undefined && Object.hasOwn(constants.signals, name)) return name;
  throw new DroasError('USAGE', `There is no signal '${text}'.`, {
    remedy: 'Name one as kill -l does, e.g. TERM, KILL or USR1.',
  });
}
