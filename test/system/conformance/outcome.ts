import type { Application, Emulator, LedgerEntry } from '../../../src/emulator/index.ts';
import type { Bot } from './bot.ts';

/** What became of a bot: it goes on with its session, begins a new one, ended, or lives without a connection. */
export type Outcome = 'resumes' | 'identifies' | `exit ${number | string}` | 'alive, disconnected for ever';

/**
 * "For ever" is judged after so long without an attempt: longer than any delay after which these libraries try again
 * the first time (5 s between IDENTIFYs, 1 s and up to 3 s more in oceanic.js, 2 s in discord.py).
 */
const foreverMs = 8_000;

/** Who ends first decides: a session in the ledger, the process, or the patience after the last attempt to connect. */
export async function outcomeOf(bot: Bot, emulator: Emulator, { id }: Application, after: number): Promise<Outcome> {
  const { ledger } = emulator;
  const { promise, resolve } = Promise.withResolvers<Outcome>();
  let patience: NodeJS.Timeout | undefined;
  const wait = () => {
    clearTimeout(patience);
    patience = setTimeout(() => resolve('alive, disconnected for ever'), foreverMs);
  };
  const notice = ({ applicationId, type, connectionId }: LedgerEntry) => {
    if (applicationId === id && type === 'resumed') resolve('resumes');
    if (applicationId === id && type === 'ready') resolve('identifies');
    if (connectionId !== undefined && type === 'connect') wait();
  };
  wait();
  const stop = ledger.onEntry(notice);
  for (const entry of ledger.entries({ after })) notice(entry);
  void bot.exited.then((code) => resolve(`exit ${code}`));
  try {
    return await promise;
  } finally {
    stop();
    clearTimeout(patience);
  }
}
