import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import { DroasError } from '../../core/errors.ts';
import type { Clock } from '../../ports/clock.ts';
import type { SpawnOrder } from '../../ports/spawner.ts';
import { notice } from './notice.ts';
import type { RunDirectory } from './run-directory.ts';
import type { Invocation } from './shim.ts';

/** Until the shim has recorded the bot's pid: 5 ms on an idle machine. */
const patienceMs = 10_000;
const backstopMs = 50;

export type Launch = {
  readonly order: SpawnOrder;
  readonly run: string;
  readonly invocation: Invocation;
  readonly directory: RunDirectory;
  readonly clock: Clock;
};

/**
 * Starts the shim; resolves when `pid` is recorded, so that whoever looks into the run directory finds the process.
 * @throws DroasError SPAWN_FAILED when nothing was started, nor ever will be by this shim.
 */
export async function launch({ order, run, invocation, directory, clock }: Launch): Promise<void> {
  const failed = (why: string, cause?: unknown): DroasError =>
    new DroasError('SPAWN_FAILED', `${order.bot}: incarnation ${order.incarnation} was not started: ${why}.`, {
      cause,
      remedy: 'Check memory, `ulimit -u`, `ulimit -n` and the free space of the state directory; then try again.',
    });
  const refused = (cause: unknown) => failed(`the system refused (${(cause as Error).message})`, cause);

  let shim: ChildProcess;
  try {
    shim = spawnShim(order, run, invocation, directory);
  } catch (cause) {
    throw refused(cause);
  }
  const why = await untilRecorded(shim, directory, clock);
  if (why === null) return;
  if (why instanceof Error) throw refused(why);
  if (!gaveUp(directory)) return;
  shim.kill('SIGKILL');
  const complaint = directory.complaint();
  throw failed(complaint === '' ? why : `${why}, saying "${complaint}"`);
}

/** Null when `pid` is there; otherwise why it is not: the system's error, or a sentence. */
function untilRecorded(shim: ChildProcess, directory: RunDirectory, clock: Clock): Promise<Error | string | null> {
  return new Promise((resolve) => {
    const settle = (outcome: Error | string | null): void => {
      stopNoticing();
      timer.cancel();
      resolve(outcome);
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
    shim.on('error', settle);
    shim.on('exit', (code, signal) => {
      settle(directory.pidRecorded() ? null : `its shim ended (${signal ?? `exit ${code}`})`);
    });
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

/** In a session of its own, not holding our event loop open, with nothing of ours but the spools. */
function spawnShim(order: SpawnOrder, run: string, invocation: Invocation, directory: RunDirectory): ChildProcess {
  const { out, err } = directory.openSpools();
  try {
    const shim = spawn(invocation.file, invocation.args, {
      cwd: order.cwd,
      env: { ...order.env, ...invocation.env, DROAS_RUN: run },
      detached: true,
      stdio: ['ignore', out, err],
    });
    shim.unref();
    return shim;
  } finally {
    closeSync(out);
    closeSync(err);
  }
}
