import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/**
 * One keep-alive connection to the supervisor's socket, one request at a time. Does only what HTTP demands: a general
 * client takes longer than the supervisor's answer, and it is the answer that is measured.
 */
export class Connection {
  readonly #socket: Socket;
  #text = '';
  #answered: ((body: string) => void) | null = null;
  #failed: ((error: Error) => void) | null = null;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => this.#read(chunk));
    socket.on('error', (error) => this.#failed?.(error));
    socket.on('close', () => this.#failed?.(new Error('the supervisor closed the connection')));
  }

  static async open(socketPath: string): Promise<Connection> {
    const socket = connect(socketPath);
    await once(socket, 'connect');
    return new Connection(socket);
  }

  /** The body of the answer. @throws Error unless the status is 200 */
  get(path: string): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#answered = resolve;
      this.#failed = reject;
      this.#socket.write(`GET ${path} HTTP/1.1\r\nhost: droas\r\n\r\n`);
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #read(chunk: string): void {
    this.#text += chunk;
    const headEnd = this.#text.indexOf('\r\n\r\n') + 4;
    if (headEnd < 4) return;
    const head = this.#text.slice(0, headEnd);
    const length = Number(/^content-length: (\d+)\r$/im.exec(head)?.[1]);
    const body = this.#text.slice(headEnd);
    if (Buffer.byteLength(body) < length) return;
    this.#text = '';
    if (head.startsWith('HTTP/1.1 200 ')) this.#answered?.(body);
    else this.#failed?.(new Error(`the supervisor answered ${head.slice(0, head.indexOf('\r'))}: ${body}`));
  }
}
