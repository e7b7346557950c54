import { DroasError } from '../../core/errors.ts';
import type { Clock } from '../../ports/clock.ts';
import { notice } from './notice.ts';
import type { RunDirectory } from './run-directory.ts';
import type { ShimStart, Started, Starter } from './starter.ts';

/** Until the shim has recorded the bot's pid: 5 ms on an idle machine. */
const patienceMs = 10_000;
const backstopMs = 50;

export type Launch = {
  readonly bot: string;
  readonly incarnation: number;
  readonly shim: ShimStart;
  readonly starter: Starter;
  readonly directory: RunDirectory;
  readonly clock: Clock;
};

/**
 * Starts the shim; resolves when `pid` is recorded, so that whoever looks into the run directory finds the process.
 * @throws DroasError SPAWN_FAILED when nothing was started, nor ever will be by this shim.
 */
export async function launch(order: Launch): Promise<void> {
  const { bot, incarnation, directory } = order;
  const { why, started } = await untilRecorded(order);
  if (why === null || !gaveUp(directory)) return;
  started.kill();
  const complaint = directory.complaint();
  const reason = why instanceof Error ? `the system refused (${why.message})` : why;
  const said = complaint === '' ? reason : `${reason}, saying "${complaint}"`;
  throw new DroasError('SPAWN_FAILED', `${bot}: incarnation ${incarnation} was not started: ${said}.`, {
    cause: why,
    remedy: 'Check memory, `ulimit -u`, `ulimit -n` and the free space of the state directory; then try again.',
  });
}

type Outcome = { readonly why: Error | string | null; readonly started: Started };

/** `why` is null when `pid` is there; otherwise why it is not: the system's error, or a sentence. */
function untilRecorded({ directory, clock, starter, shim }: Launch): Promise<Outcome> {
  return new Promise((resolve) => {
    const settle = (why: Error | string | null): void => {
      stopNoticing();
      timer.cancel();
      started.forget();
      resolve({ why, started });
    };
    const look = (): void => {
      if (directory.pidRecorded()) settle(null);
    };
    const tick = (): void => {
      timer = clock.setTimer(clock.monotonicMs() + backstopMs, tick);
      if (clock.monotonicMs() > deadlineMs) settle(`its shim recorded nothing within ${patienceMs / 1e3} s`);
      else look();
    };
    const deadlineMs = clock.monotonicMs() + patienceMs;
    const stopNoticing = notice(directory.path, look);
    let timer = clock.setTimer(clock.monotonicMs() + backstopMs, tick);
    const started = starter.start(shim, (why) => settle(directory.pidRecorded() ? null : why));
  });
}

/**
 * Whoever makes `pid` first decides. If it was the shim, or nobody can tell (a full disk), then the incarnation is taken as
 * started, and finds out itself.
 */
function gaveUp(directory: RunDirectory): boolean {
  try {
    return directory.giveUp();
  } catch {
    return false;
  }
}
