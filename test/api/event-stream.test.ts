import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createConnection } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import fc from 'fast-check';
import type { StreamLimits } from '../../src/api/sse.ts';
import { serveFleet } from '../support/api-server.ts';
import { botNamed, FakeFleet } from '../support/fake-fleet.ts';
import { RawStream } from '../support/raw-stream.ts';

const path = '/api/v1/events/stream';

async function setUp(t: TestContext, limits?: StreamLimits) {
  const fleet = new FakeFleet(botNamed('mod'));
  const { api, socketPath } = await serveFleet(t, fleet, limits);
  const open = async (query = '', headers: Record<string, string> = {}) => {
    const stream = await RawStream.open(socketPath, `${path}${query}`, headers);
    t.after(() => stream.close());
    return stream;
  };
  return { fleet, api, open, socketPath };
}

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => String(from + index));

/** The subscription is gone when its connection is; the server learns it a moment later. */
async function noListeners(fleet: FakeFleet): Promise<void> {
  while (fleet.listeners > 0) await new Promise((resolve) => setImmediate(resolve));
}

describe('the stream of events', () => {
  it('is what proxies and browsers expect of one', async (t) => {
    const { open } = await setUp(t);
    const { answer } = await open();
    assert.equal(answer.headers['content-type'], 'text/event-stream');
    assert.equal(answer.headers['cache-control'], 'no-cache');
    assert.equal(answer.headers['x-accel-buffering'], 'no');
  });

  it('begins now unless asked for the past', async (t) => {
    const { fleet, open } = await setUp(t);
    fleet.record();
    const stream = await open();
    const recorded = fleet.record();
    assert.deepEqual(await stream.message(), { id: '2', data: recorded });
  });

  it('replays everything after the last event seen, over many pages, and goes on live without gap or double', async (t) => {
    const { fleet, open } = await setUp(t);
    for (let index = 0; index < 1_000; index++) fleet.record();
    const stream = await open('', { 'last-event-id': '137' });
    fleet.record();
    fleet.record();
    assert.deepEqual(await stream.messages(1_002 - 137), range(138, 1_002));
  });

  it('sends each event once when events happen while the past is being read', async (t) => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(450),
        fc.nat(450),
        fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 8 }),
        async (past, seen, bursts) => {
          const { fleet, open } = await setUp(t);
          for (let index = 0; index < past; index++) fleet.record();
          const after = Math.min(seen, past);
          const stream = await open(`?after=${after}`);
          for (const burst of bursts) {
            for (let index = 0; index < burst; index++) fleet.record();
            await new Promise((resolve) => setImmediate(resolve));
          }
          fleet.record();
          const last = fleet.journal.length;
          assert.deepEqual(await stream.messages(last - after), range(after + 1, last));
          stream.close();
        },
      ),
      { numRuns: 25 },
    );
  });

  it('leaves out an event that was read from the journal and is announced afterwards', async (t) => {
    const { fleet, open } = await setUp(t);
    const first = fleet.record();
    const stream = await open('?after=0');
    assert.equal((await stream.message()).id, '1');
    fleet.journal.pop();
    fleet.record(first);
    fleet.record({ seq: 2 });
    assert.equal((await stream.message()).id, '2');
  });

  it('prefers Last-Event-ID to the query it was opened with', async (t) => {
    const { fleet, open } = await setUp(t);
    for (let index = 0; index < 5; index++) fleet.record();
    const stream = await open('?after=1', { 'last-event-id': '4' });
    assert.equal((await stream.message()).id, '5');
  });

  it('begins at a time', async (t) => {
    const { fleet, open } = await setUp(t);
    fleet.record();
    fleet.record({ at: '2026-01-31T13:00:00.000Z' });
    const stream = await open('?since=2026-01-31T12:30:00Z');
    assert.equal((await stream.message()).id, '2');
  });

  it('filters the past and the present alike', async (t) => {
    const { fleet, open } = await setUp(t);
    const record = () => {
      fleet.record({ bot: 'music' });
      fleet.record({ bot: 'mod', type: 'bot.ready' });
      fleet.record({ bot: 'mod' });
    };
    record();
    const stream = await open('?after=0&bot=mod&type=bot.ready');
    assert.equal((await stream.message()).id, '2');
    record();
    assert.equal((await stream.message()).id, '5');
    record();
    assert.equal((await stream.message()).id, '8');
  });

  it('sends a comment from time to time, so that nobody takes the silence for death', async (t) => {
    const { open } = await setUp(t, { pingMs: 5, unsentBytes: 1_000_000 });
    const stream = await open();
    assert.equal(await stream.next(), 'retry: 1000');
    assert.equal(await stream.next(), ': ping');
    assert.equal(await stream.next(), ': ping');
  });

  it('forgets a client that is gone', async (t) => {
    const { fleet, open } = await setUp(t);
    const stream = await open();
    assert.equal(fleet.listeners, 1);
    stream.close();
    await noListeners(fleet);
  });

  it('drops a client that does not read, at the bound and not before', async (t) => {
    const limits = { pingMs: 60_000, unsentBytes: 200_000 };
    const { fleet, socketPath } = await setUp(t, limits);
    const socket = createConnection(socketPath);
    t.after(() => socket.destroy());
    socket.on('error', () => {});
    socket.write(`GET ${path} HTTP/1.1\r\nhost: droas\r\n\r\n`);
    await once(socket, 'readable');
    const sentence = 'x'.repeat(10_000);
    let records = 0;
    while (fleet.listeners > 0 && records < 1_000) {
      fleet.record({ sentence });
      records += 1;
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.equal(fleet.listeners, 0);
    assert.ok(records * sentence.length > limits.unsentBytes, `dropped after ${records} records`);
  });

  it('reads a long past at the pace of the client: nobody is dropped for catching up', async (t) => {
    const { fleet, open } = await setUp(t, { pingMs: 60_000, unsentBytes: 300_000 });
    for (let index = 0; index < 4_000; index++) fleet.record({ sentence: 'x'.repeat(1_000) });
    const stream = await open('?after=0');
    for (let index = 0; index < 10; index++) fleet.record();
    assert.deepEqual(await stream.messages(4_010), range(1, 4_010), 'and what happens meanwhile waits for its turn');
  });

  it('drops the client when the journal fails, so that it asks again', async (t) => {
    const { fleet, open } = await setUp(t);
    fleet.events = () => {
      throw new Error('disk');
    };
    const stream = await open('?after=0');
    while ((await stream.next()) !== null);
    await noListeners(fleet);
  });

  it('ends when the server goes away', async (t) => {
    const { api, fleet, open } = await setUp(t);
    const stream = await open();
    assert.equal(await stream.next(), 'retry: 1000');
    await api.close();
    assert.equal(await stream.next(), null);
    assert.equal(fleet.listeners, 0);
  });
});
