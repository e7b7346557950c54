import { once } from 'node:events';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';

/** An event stream as it comes over the wire, block by block; comments and `retry` included. */
export class RawStream {
  readonly #request: ClientRequest;
  readonly #blocks: AsyncGenerator<string>;
  readonly answer: IncomingMessage;

  private constructor(asked: ClientRequest, answer: IncomingMessage) {
    this.#request = asked;
    this.answer = answer;
    this.#blocks = blocks(answer);
  }

  static async open(socketPath: string, path: string, headers: Record<string, string> = {}): Promise<RawStream> {
    const asked = request({ socketPath, path, headers: { connection: 'close', ...headers } });
    asked.on('error', () => {});
    asked.end();
    const [answer] = (await once(asked, 'response')) as [IncomingMessage];
    answer.on('error', () => {});
    return new RawStream(asked, answer);
  }

  /** The next block; null when the stream ended. */
  async next(): Promise<string | null> {
    const { done, value } = await this.#blocks.next();
    return done ? null : value;
  }

  /** The next message; comments and `retry` are passed over. */
  async message<T = Record<string, unknown>>(): Promise<{ id: string; data: T }> {
    for (;;) {
      const block = await this.next();
      if (block === null) throw new Error('the stream ended');
      const [, id, data] = /^id: (.*)\ndata: (.*)$/.exec(block) ?? [];
      if (id !== undefined && data !== undefined) return { id, data: JSON.parse(data) };
    }
  }

  async messages(count: number): Promise<string[]> {
    const ids: string[] = [];
    while (ids.length < count) ids.push((await this.message()).id);
    return ids;
  }

  close(): void {
    this.#request.destroy();
  }
}

async function* blocks(answer: IncomingMessage): AsyncGenerator<string> {
  let rest = '';
  try {
    for await (const chunk of answer.setEncoding('utf8')) {
      const parts = (rest + chunk).split('\n\n');
      rest = parts.pop() ?? '';
      yield* parts;
    }
  } catch {
    // Cut off, as a test may want it.
  }
}
