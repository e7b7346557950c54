import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { LogLineView } from '../../src/protocol/api.ts';
import { serveFleet } from '../support/api-server.ts';
import { botNamed, FakeFleet } from '../support/fake-fleet.ts';
import { RawStream } from '../support/raw-stream.ts';

async function setUp(t: TestContext) {
  const fleet = new FakeFleet(botNamed('mod'), botNamed('music'));
  const { socketPath } = await serveFleet(t, fleet);
  const open = async (path: string, headers: Record<string, string> = {}) => {
    const stream = await RawStream.open(socketPath, `/api/v1${path}`, headers);
    t.after(() => stream.close());
    return stream;
  };
  return { fleet, open };
}

async function texts(stream: RawStream, count: number): Promise<string[]> {
  const found: string[] = [];
  while (found.length < count) found.push((await stream.message<LogLineView>()).data.text);
  return found;
}

describe('the stream of a log', () => {
  it('shows what its bot prints from now on, and nothing of others', async (t) => {
    const { fleet, open } = await setUp(t);
    fleet.print('mod', 'before');
    const stream = await open('/bots/mod/logs/stream');
    fleet.print('music', 'other');
    const line = fleet.print('mod', 'now');
    assert.deepEqual(await stream.message(), { id: line.id, data: line });
  });

  it('begins with the last lines when asked', async (t) => {
    const { fleet, open } = await setUp(t);
    for (const text of ['one', 'two', 'three']) fleet.print('mod', text);
    const stream = await open('/bots/mod/logs/stream?tail=2');
    fleet.print('mod', 'four');
    assert.deepEqual(await texts(stream, 3), ['two', 'three', 'four']);
  });

  it('begins at a time', async (t) => {
    const { fleet, open } = await setUp(t);
    for (const text of ['one', 'two', 'three']) fleet.print('mod', text);
    const stream = await open('/bots/mod/logs/stream?since=2026-01-31T12:04:10.002Z');
    assert.deepEqual(await texts(stream, 2), ['two', 'three']);
  });

  it('resumes after the line that was seen last', async (t) => {
    const { fleet, open } = await setUp(t);
    for (const text of ['one', 'two', 'three']) fleet.print('mod', text);
    const stream = await open('/bots/mod/logs/stream', { 'last-event-id': '1.out.1' });
    assert.deepEqual(await texts(stream, 2), ['two', 'three']);
  });

  it('resumes with what there is when that line is gone', async (t) => {
    const { fleet, open } = await setUp(t);
    for (const text of ['one', 'two']) fleet.print('mod', text);
    const stream = await open('/bots/mod/logs/stream', { 'last-event-id': '9.err.99' });
    assert.deepEqual(await texts(stream, 2), ['one', 'two']);
  });

  it('sends a line once that is printed while the past is being read', async (t) => {
    const { fleet, open } = await setUp(t);
    const gate = Promise.withResolvers<void>();
    fleet.logGate = gate.promise;
    fleet.print('mod', 'past');
    const stream = await open('/bots/mod/logs/stream?tail=10');
    fleet.print('mod', 'meanwhile');
    gate.resolve();
    fleet.print('mod', 'after');
    assert.deepEqual(await texts(stream, 3), ['past', 'meanwhile', 'after']);
    fleet.print('mod', 'last');
    assert.deepEqual(await texts(stream, 1), ['last']);
  });

  it('sends a line that came too late for the past that was being read', async (t) => {
    const { fleet, open } = await setUp(t);
    const gate = Promise.withResolvers<void>();
    const past = fleet.print('mod', 'past');
    fleet.logs = () => gate.promise.then(() => [past]);
    const stream = await open('/bots/mod/logs/stream?tail=10');
    fleet.print('mod', 'meanwhile');
    gate.resolve();
    assert.deepEqual(await texts(stream, 2), ['past', 'meanwhile']);
  });

  it('ends when the past cannot be read, so that the client asks again', async (t) => {
    const { fleet, open } = await setUp(t);
    fleet.logGate = Promise.reject(new Error('disk'));
    fleet.logGate.catch(() => {});
    const stream = await open('/bots/mod/logs/stream?tail=1');
    while ((await stream.next()) !== null);
    while (fleet.listeners > 0) await new Promise((resolve) => setImmediate(resolve));
  });

  it('drops a client rather than hold lines without bound while the past is being read', async (t) => {
    const { fleet, open } = await setUp(t);
    const gate = Promise.withResolvers<void>();
    fleet.logGate = gate.promise;
    const stream = await open('/bots/mod/logs/stream?tail=1');
    for (let index = 0; index < 10_001; index++) fleet.print('mod', 'flood');
    while ((await stream.next()) !== null);
    gate.resolve();
  });
});

describe('the stream of several logs', () => {
  it('merges the past of the bots by time, then shows each line as it comes', async (t) => {
    const { fleet, open } = await setUp(t);
    fleet.print('music', 'one');
    fleet.print('mod', 'two');
    fleet.print('music', 'three');
    const stream = await open('/logs/stream?bots=mod,music&tail=10');
    fleet.print('mod', 'four');
    assert.deepEqual(await texts(stream, 4), ['one', 'two', 'three', 'four']);
  });

  it('shows bots that are added later when none are named', async (t) => {
    const { fleet, open } = await setUp(t);
    const stream = await open('/logs/stream');
    fleet.table.set('new', botNamed('new'));
    fleet.print('new', 'hello');
    assert.deepEqual(await texts(stream, 1), ['hello']);
  });

  it('keeps lines apart that have the same place in the logs of two bots', async (t) => {
    const { fleet, open } = await setUp(t);
    fleet.print('mod', 'a', { id: '1.out.1' });
    const stream = await open('/logs/stream?tail=10');
    fleet.print('music', 'b', { id: '1.out.1' });
    assert.deepEqual(await texts(stream, 2), ['a', 'b']);
  });
});
