import { connect, type Socket } from 'node:net';

/**
 * One line-based connection to the supervisor that is always being kept up. The supervisor may die and come back at any
 * time: the next one listens on the same path and is found within half a second. Nothing here keeps the process alive,
 * and nothing here throws.
 */
export type Link = {
  /** Sends when connected; false (and forgotten) otherwise. */
  send(message: object): boolean;
  /** Drops the connection and tries again after `delayMs` instead of at once. */
  retreat(delayMs: number): void;
  /** Writes out what is under way, then disconnects for good. Resolves within 200 ms. */
  close(): Promise<void>;
};

export type LinkListener = {
  connected(): void;
  /** A JSON object of the supervisor. What does not parse is skipped. */
  message(message: Record<string, unknown>): void;
};

const firstRetryMs = 20;
const lastRetryMs = 250;
const maxLineLength = 64 * 1024;
const maxUnsentBytes = 64 * 1024;
const closingMs = 200;

export function openLink(path: string, listener: LinkListener): Link {
  let socket: Socket | null = null;
  let retryMs = firstRetryMs;
  let retry: NodeJS.Timeout | undefined;
  let closed = false;

  const dial = () => {
    let pending = '';
    const own = connect(path);
    own.unref();
    own.setEncoding('utf8');
    own.on('connect', () => {
      socket = own;
      listener.connected();
    });
    own.on('data', (text: string) => {
      retryMs = firstRetryMs;
      const lines = (pending + text).split('\n');
      pending = lines.pop() ?? '';
      if (pending.length > maxLineLength) own.destroy();
      for (const line of lines) {
        const message = parse(line);
        if (message) listener.message(message);
      }
    });
    own.on('error', () => {});
    own.on('close', () => {
      if (socket === own) socket = null;
      if (closed) return;
      retry = setTimeout(dial, retryMs);
      retry.unref();
      retryMs = Math.min(retryMs * 1.5, lastRetryMs);
    });
  };

  dial();
  return {
    send(message) {
      if (!socket?.writable) return false;
      if (socket.writableLength > maxUnsentBytes) {
        socket.destroy();
        return false;
      }
      socket.write(`${JSON.stringify(message)}\n`);
      return true;
    },
    retreat(delayMs) {
      retryMs = delayMs;
      socket?.destroy();
    },
    close() {
      closed = true;
      clearTimeout(retry);
      const last = socket;
      if (!last) return Promise.resolve();
      last.ref();
      return new Promise((resolve) => {
        const timer = setTimeout(() => last.destroy(), closingMs);
        last.once('close', () => {
          clearTimeout(timer);
          resolve();
        });
        last.end(() => last.destroy());
      });
    },
  };
}

function parse(line: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(line);
    return value !== null && typeof value === 'object' ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
