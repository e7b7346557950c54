import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';

export type Reading = {
  /** After so long without an event, something has to be sent. */
  readonly keepAliveMs: number;
  /** Aborted when the reader has left. */
  readonly signal: AbortSignal;
};

/**
 * Answers with server-sent events. They are made only as fast as the reader takes them, so a slow one costs no memory; one
 * that takes nothing for `stallMs` is dropped.
 */
export function sendEvents(
  request: FastifyRequest,
  reply: FastifyReply,
  stallMs: number,
  events: (reading: Reading) => AsyncGenerator<string>,
): FastifyReply {
  const reader = new AbortController();
  const { socket } = request.raw;
  socket.setTimeout(stallMs, () => socket.destroy());
  reply.raw.once('close', () => reader.abort());
  const text = Readable.from(events({ keepAliveMs: Math.ceil(stallMs / 3), signal: reader.signal }));
  return reply.type('text/event-stream').header('cache-control', 'no-store').send(text);
}

/** True as soon as `subscribe` calls back; false when it does not in time, or the reader has left. */
export function happens(
  subscribe: (happened: () => void) => () => void,
  { keepAliveMs, signal }: Reading,
): Promise<boolean> {
  return new Promise((resolve) => {
    const end = (hasHappened: boolean) => {
      clearTimeout(timer);
      stop();
      signal.removeEventListener('abort', onAbort);
      resolve(hasHappened);
    };
    const onAbort = () => end(false);
    const timer = setTimeout(onAbort, keepAliveMs);
    const stop = subscribe(() => end(true));
    signal.addEventListener('abort', onAbort);
  });
}
