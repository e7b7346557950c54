import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, before, describe, it } from 'node:test';
import type { Emulator } from '../../src/emulator/index.ts';
import { createEmulator } from '../../src/emulator/index.ts';
import { adminUrl } from './call.ts';

type Event = {
  readonly id: number;
  readonly event: string;
  readonly data: { seq?: number; forgotten?: number; type?: string };
};

/** Reads server-sent events as they come. */
class Reader {
  readonly #controller = new AbortController();
  readonly #url: string;
  readonly #headers: Record<string, string>;

  /** Lines that carry nothing. */
  readonly comments: string[] = [];

  constructor(url: string, headers: Record<string, string> = {}) {
    this.#url = url;
    this.#headers = headers;
  }

  /** The first `count` events. */
  async read(count: number, onOpen: () => void = () => {}): Promise<Event[]> {
    const signal = AbortSignal.any([this.#controller.signal, AbortSignal.timeout(5_000)]);
    const response = await fetch(this.#url, { signal, headers: this.#headers });
    assert.match(response.headers.get('content-type') ?? '', /^text\/event-stream/);
    assert.ok(response.body);
    const events: Event[] = [];
    let rest = '';
    let isOpen = false;
    for await (const text of response.body.pipeThrough(new TextDecoderStream())) {
      if (!isOpen) onOpen();
      isOpen = true;
      const blocks = (rest + text).split('\n\n');
      rest = blocks.pop() ?? '';
      for (const block of blocks) {
        const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1];
        const data = field('data');
        if (block.startsWith(':')) this.comments.push(block);
        if (data) events.push({ id: Number(field('id')), event: field('event') ?? 'message', data: JSON.parse(data) });
      }
      if (events.length >= count) break;
    }
    this.#controller.abort();
    return events.slice(0, count);
  }
}

describe('the stream of the ledger', () => {
  let emulator: Emulator;
  before(async () => {
    emulator = await createEmulator({ ledgerEntries: 1_000, streamStallMs: 300 });
  });
  after(() => emulator.close());
  const url = (query = '') => `${adminUrl(emulator)}/ledger/stream${query}`;
  const record = (count: number, applicationId = 'a') => {
    for (let done = 0; done < count; done++) emulator.ledger.record({ type: 'send', applicationId });
  };

  it('tells each entry once, from now on', async () => {
    record(3);
    const { lastSeq } = emulator.ledger;
    const events = await new Reader(url()).read(5, () => record(5));
    assert.deepEqual(
      events.map(({ id, data }) => [id, data.seq]),
      [1, 2, 3, 4, 5].map((more) => [lastSeq + more, lastSeq + more]),
    );
  });

  it('goes on behind the last event that the reader has seen', async () => {
    const { lastSeq } = emulator.ledger;
    record(4);
    const events = await new Reader(url(), { 'last-event-id': String(lastSeq + 1) }).read(3);
    assert.deepEqual(
      events.map(({ id }) => id),
      [lastSeq + 2, lastSeq + 3, lastSeq + 4],
    );
  });

  it('filters, also several types', async () => {
    const { lastSeq } = emulator.ledger;
    const reading = new Reader(url(`?type=hello,close&applicationId=b&after=${lastSeq}`)).read(2);
    record(3, 'b');
    for (const type of ['hello', 'ready', 'close'] as const) emulator.ledger.record({ type, applicationId: 'b' });
    assert.deepEqual(
      (await reading).map(({ data }) => data.type),
      ['hello', 'close'],
    );
  });

  it('says when entries were forgotten, and when the reader knew another emulator', async () => {
    record(3_000);
    const [gap, next] = await new Reader(url('?after=1')).read(2);
    assert.deepEqual([gap?.event, gap?.data.forgotten], ['gap', emulator.ledger.forgotten]);
    assert.equal(next?.id, emulator.ledger.forgotten + 1);
    const [other] = await new Reader(url(), { 'last-event-id': '99999999' }).read(1);
    assert.equal(other?.event, 'gap');
  });

  it('keeps a quiet connection alive', async () => {
    const reader = new Reader(url());
    await reader.read(1, () => setTimeout(() => record(1), 700));
    assert.ok(reader.comments.includes(': nothing new'));
  });

  it('drops a reader that never reads, and holds nothing for it', async () => {
    await using big = await createEmulator({ streamStallMs: 300 });
    const { hostname, port } = new URL(big.url);
    const socket = connect(Number(port), hostname);
    await once(socket, 'connect');
    socket.pause();
    socket.write('GET /emulator/ledger/stream?after=0 HTTP/1.1\r\nhost: x\r\n\r\n');
    const closed = new Promise((resolve) => socket.once('close', resolve));
    const reason = 'x'.repeat(500);
    for (let count = 0; count < 60_000; count++) big.ledger.record({ type: 'send', reason });
    // Who never reads learns that the other side has gone when a write fails.
    const isGone = new Promise((resolve) => socket.once('error', resolve));
    const poll = setInterval(() => socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n'), 100);
    await isGone;
    clearInterval(poll);
    socket.destroy();
    await closed;
  });

  it('is exported as NDJSON, filtered', async () => {
    record(2, 'exported');
    const response = await fetch(`${adminUrl(emulator)}/ledger/export?applicationId=exported`);
    assert.equal(response.headers.get('content-type'), 'application/x-ndjson');
    const lines = (await response.text()).trimEnd().split('\n');
    assert.deepEqual(
      lines.map((line) => JSON.parse(line).applicationId),
      ['exported', 'exported'],
    );
    const all = await (await fetch(`${adminUrl(emulator)}/ledger/export`)).text();
    assert.equal(all.trimEnd().split('\n').length, emulator.ledger.entries().length);
  });
});
