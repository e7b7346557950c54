import type { Clock } from '../ports/clock.ts';

/** Resolves when the work is done, or when the time is over; then the work goes on by itself. */
export async function within(clock: Clock, limitMs: number, work: Promise<unknown>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = clock.setTimer(clock.monotonicMs() + limitMs, resolve);
  try {
    await Promise.race([work, promise]);
  } finally {
    timer.cancel();
  }
}
