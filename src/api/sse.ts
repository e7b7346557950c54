import type { ServerResponse } from 'node:http';
import type { FastifyReply } from 'fastify';

/**
 * Server-sent events to one client.
 *
 * Sources push and never wait: a client that does not read may cost at most `unsentBytes` of memory; past that its
 * connection is dropped and it resumes with `Last-Event-ID`. Sources that can be read page by page (the journal) await
 * `drained` between pages instead and so never come near the bound.
 */
export interface EventStream {
  send(id: string, data: unknown): void;
  /** Resolves when what was sent has left this process, or the client is gone. */
  drained(): Promise<void>;
  /** Calls back once when the client is gone, at once when it already is. */
  onClose(callback: () => void): void;
  readonly closed: boolean;
  /** Ends the connection without ceremony; the client reconnects by itself. */
  drop(): void;
}

export type StreamLimits = { readonly pingMs: number; readonly unsentBytes: number };
export const streamLimits: StreamLimits = { pingMs: 15_000, unsentBytes: 1024 * 1024 };

/** The open streams of one server. */
export class Streams {
  readonly #open = new Set<ServerResponse>();
  readonly #limits: StreamLimits;

  constructor(limits: StreamLimits) {
    this.#limits = limits;
  }

  /** Takes the connection over from fastify: call it only after everything that may fail. */
  open(reply: FastifyReply): EventStream {
    reply.hijack();
    const response = reply.raw;
    const drop = () => response.destroy();
    const write = (text: string) => {
      if (response.destroyed || response.writableEnded) return;
      response.write(text);
      if (response.writableLength > this.#limits.unsentBytes) drop();
    };
    const ping = setInterval(() => write(': ping\n\n'), this.#limits.pingMs);
    response.once('close', () => {
      clearInterval(ping);
      this.#open.delete(response);
    });
    response.writeHead(200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-cache',
      'x-accel-buffering': 'no',
    });
    this.#open.add(response);
    write('retry: 1000\n\n');
    return {
      // JSON has no line break, so one data line is enough.
      send: (id, data) => write(`id: ${id}\ndata: ${JSON.stringify(data)}\n\n`),
      drained: async () => {
        while (!response.closed && response.writableNeedDrain) await drainOrClose(response);
      },
      onClose: (callback) => {
        if (response.closed) callback();
        else response.once('close', callback);
      },
      get closed() {
        return response.closed || response.destroyed;
      },
      drop,
    };
  }

  /** Ends every stream: the server is going away. */
  end(): void {
    for (const response of this.#open) response.end();
  }
}

function drainOrClose(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      response.off('drain', done);
      response.off('close', done);
      resolve();
    };
    response.once('drain', done);
    response.once('close', done);
  });
}
