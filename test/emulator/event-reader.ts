import assert from 'node:assert/strict';

// biome-ignore lint/suspicious/noExplicitAny: tests look into data of many shapes
export type ServerEvent = { readonly id: string; readonly data: any; readonly lines: number };

/** Reads server-sent events one by one, as they come. */
export class EventReader implements Disposable {
  readonly #controller = new AbortController();
  readonly #blocks: AsyncGenerator<string>;

  constructor(url: string, lastEventId?: string) {
    this.#blocks = blocksOf(url, lastEventId, this.#controller.signal);
  }

  /** The next event that fits, skipping others; fails when none comes in 5 s. */
  async next(fits: (event: ServerEvent) => boolean = () => true): Promise<ServerEvent> {
    const timer = setTimeout(() => this.#controller.abort(new Error('no such event came in 5 s')), 5_000);
    try {
      for (;;) {
        const { value: block, done } = await this.#blocks.next();
        if (done) throw new Error('the stream has ended');
        const lines = block.split('\n').filter((line) => line.startsWith('data: '));
        if (lines.length === 0) continue;
        const data = JSON.parse(lines.map((line) => line.slice(6)).join('\n'));
        const event = { id: /^id: (.*)$/m.exec(block)?.[1] ?? '', data, lines: lines.length };
        if (fits(event)) return event;
      }
    } finally {
      clearTimeout(timer);
    }
  }

  [Symbol.dispose](): void {
    this.#controller.abort();
  }
}

async function* blocksOf(url: string, lastEventId: string | undefined, signal: AbortSignal): AsyncGenerator<string> {
  const headers = lastEventId === undefined ? {} : { 'last-event-id': lastEventId };
  const response = await fetch(url, { headers, signal });
  assert.match(response.headers.get('content-type') ?? '', /^text\/event-stream/);
  assert.ok(response.body);
  let rest = '';
  for await (const text of response.body.pipeThrough(new TextDecoderStream())) {
    const blocks = (rest + text).split('\n\n');
    rest = blocks.pop() ?? '';
    yield* blocks;
  }
}
