import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** A child that says exactly what a test wants, and hears every answer. */
export class RawClient implements Disposable {
  readonly socket: Socket;
  readonly #answers: Record<string, unknown>[] = [];
  #waiting: (() => void) | null = null;
  #text = '';
  readonly closed: Promise<void>;

  private constructor(socket: Socket) {
    this.socket = socket.setEncoding('utf8');
    socket.on('error', () => {});
    socket.on('data', (text: string) => {
      const lines = (this.#text + text).split('\n');
      this.#text = lines.pop() ?? '';
      this.#answers.push(...lines.map((line) => JSON.parse(line)));
      this.#waiting?.();
    });
    this.closed = new Promise((resolve) => {
      socket.once('close', () => {
        this.#waiting?.();
        resolve();
      });
    });
  }

  static async connect(path: string): Promise<RawClient> {
    const socket = connect(path);
    await once(socket, 'connect');
    return new RawClient(socket);
  }

  write(bytes: string | Uint8Array): void {
    this.socket.write(bytes);
  }

  notify(method: string, params: unknown): void {
    this.write(`${JSON.stringify({ jsonrpc: '2.0', method, params })}\n`);
  }

  hello(params: object, id: number | undefined = 1): void {
    this.write(`${JSON.stringify({ jsonrpc: '2.0', id, method: 'hello', params: { protocol: [1], ...params } })}\n`);
  }

  /** The next line of the other side; null when it hung up instead. */
  async answer(): Promise<Record<string, unknown> | null> {
    while (this.#answers.length === 0) {
      if (this.socket.destroyed) return null;
      await new Promise<void>((resolve) => {
        this.#waiting = resolve;
      });
    }
    return this.#answers.shift() ?? null;
  }

  [Symbol.dispose](): void {
    this.socket.destroy();
  }
}
