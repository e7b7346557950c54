import type { ServerResponse } from 'node:http';
import { setImmediate as turn } from 'node:timers/promises';
import type { Clock } from '../clock.ts';

/** Waits, but not for a client that has gone. */
export function pause(clock: Clock, delayMs: number, response: ServerResponse): Promise<void> {
  if (delayMs <= 0 || response.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    const end = () => {
      timer.cancel();
      response.off('close', end);
      resolve();
    };
    const timer = clock.setTimer(clock.monotonicMs() + delayMs, end);
    response.once('close', end);
  });
}

/** The body of an answer that ends in the middle: these bytes, and then the end of TCP. */
export async function* cutAfter(bytes: Buffer, response: ServerResponse): AsyncGenerator<Buffer> {
  yield bytes;
  // By then the bytes have been written: what is still buffered would be lost with the connection.
  await turn();
  await turn();
  response.destroy();
}
