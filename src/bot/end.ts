import type { Droas } from './connect.ts';
import type { StopIntent } from './messages.ts';

export type Ending = {
  finish(intent: StopIntent, graceMs: number): Promise<unknown>;
  leave(intent: StopIntent): Promise<unknown>;
};

/** Without a supervisor that says how long we have. */
const usualGraceMs = 30_000;
/** The announcement of a stop travels beside SIGTERM and may arrive after it. */
const announcementMs = 50;
const leavingMs = 1_000;
/** Before the end of the grace period we must be gone by ourselves. */
const marginMs = 2_000;

type Stop = { readonly intent: StopIntent; readonly graceMs: number };

/** Ends the process in order when the supervisor announces a stop, or on SIGTERM. Returns how to leave that to the bot again. */
export function endWhenStopped(droas: Pick<Droas, 'onStop' | 'close'>, ending: Ending): () => void {
  let active = true;
  let ended = false;
  let hear = (_: Stop): void => {};
  const announced = new Promise<Stop>((resolve) => {
    hear = resolve;
  });

  const end = async ({ intent, graceMs }: Stop): Promise<void> => {
    if (!active || ended) return;
    ended = true;
    const isAlone = process.listenerCount('SIGTERM') === 1;
    await within(Math.max(graceMs / 2, graceMs - marginMs), ending.finish(intent, graceMs));
    await within(leavingMs, ending.leave(intent));
    await droas.close();
    if (isAlone) process.exit();
  };
  const onSignal = (): void => {
    const unannounced = later(announcementMs).then((): Stop => ({ intent: 'offline', graceMs: usualGraceMs }));
    void Promise.race([announced, unannounced]).then(end);
  };

  droas.onStop((intent, graceMs) => {
    hear({ intent, graceMs });
    void end({ intent, graceMs });
  });
  process.on('SIGTERM', onSignal);
  return () => {
    active = false;
    process.off('SIGTERM', onSignal);
  };
}

/** Waits for the work, but no longer than that. What goes wrong in it is the bot's affair, and ends nothing here. */
async function within(limitMs: number, work: Promise<unknown>): Promise<void> {
  const limit = later(limitMs);
  await Promise.race([work.catch((error: unknown) => process.emitWarning(asError(error))), limit]);
  limit.cancel();
}

const asError = (error: unknown): Error | string => (error instanceof Error ? error : String(error));

function later(delayMs: number): Promise<void> & { cancel(): void } {
  let timer: NodeJS.Timeout;
  const promise = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, delayMs);
  });
  return Object.assign(promise, { cancel: () => clearTimeout(timer) });
}
