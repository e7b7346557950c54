import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { createEmulator } from '../../src/emulator/index.ts';
import { Ledger } from '../../src/emulator/ledger/ledger.ts';
import { OwnershipBook } from '../../src/emulator/ledger/ownership.ts';
import { RawClient } from './raw-client.ts';
import { VirtualClock } from './virtual-clock.ts';

const wsModule = import.meta.resolve('ws');

describe('the ledger', () => {
  it('tells the whole life of a connection in order', async () => {
    await using emulator = await createEmulator();
    const bot = emulator.createApplication();
    const client = new RawClient(emulator);
    await client.login(bot.token);
    client.socket.close(1000);
    await emulator.ledger.waitFor({ type: 'session-ended' });
    const entries = emulator.ledger.entries();
    assert.deepEqual(
      entries.map(({ type }) => type),
      ['connect', 'hello', 'send', 'identify', 'ready', 'dispatch', 'close', 'session-ended'],
    );
    assert.deepEqual(
      entries.map(({ seq }) => seq),
      entries.map((_, index) => index + 1),
    );
    const times = entries.map(({ atMs }) => atMs);
    assert.deepEqual(
      times,
      times.toSorted((a, b) => a - b),
    );
    const close = entries[6];
    assert.equal(close?.applicationId, bot.id);
    assert.deepEqual([close?.closeCode, close?.by, close?.shard], [1000, 'client', [0, 1]]);
    assert.ok(!JSON.stringify(entries).includes(bot.token));
  });

  it('sees two connected owners of one token, and when', async () => {
    const clock = new VirtualClock();
    await using emulator = await createEmulator({ clock });
    const bot = emulator.createApplication();
    const [first, second] = [new RawClient(emulator), new RawClient(emulator)];
    await first.login(bot.token);
    clock.advance(5_000);
    await second.login(bot.token);
    assert.deepEqual([emulator.ledger.owners(bot.id).max, emulator.ledger.owners(bot.id).now], [2, 2]);
    clock.advance(1_000);
    assert.equal(emulator.ledger.owners(bot.id).sharedMs, 1_000);
    first.socket.close(4_000);
    await emulator.ledger.waitFor({ type: 'close' });
    clock.advance(1_000);
    const { intervals, max, now, sharedMs, shards } = emulator.ledger.owners(bot.id, [0, 1]);
    assert.deepEqual([max, now, sharedMs], [2, 1, 1_000]);
    assert.deepEqual(shards, [{ shard: [0, 1], max, now, sharedMs }]);
    assert.deepEqual(
      intervals.map(({ fromMs, toMs }) => [fromMs, toMs]),
      [
        [0, 6_000],
        [5_000, null],
      ],
    );
    assert.equal(emulator.ledger.owners(bot.id, [0, 2]).max, 0);
    assert.equal(emulator.ledger.owners('1').max, 0);
  });

  it('counts the owners of each shard by itself', async () => {
    await using emulator = await createEmulator({ maxConcurrency: 2 });
    const bot = emulator.createApplication();
    for (const id of [0, 1]) await new RawClient(emulator).login(bot.token, { shard: [id, 2] });
    const { max, shards } = emulator.ledger.owners(bot.id);
    assert.equal(max, 2);
    assert.deepEqual(
      shards.map((counted) => [counted.shard, counted.max, counted.now, counted.sharedMs]),
      [
        [[0, 2], 1, 1, 0],
        [[1, 2], 1, 1, 0],
      ],
    );
    assert.equal(emulator.ledger.owners(bot.id, [1, 2]).shards.length, 1);
  });

  it('counts one owner when the second came after the first had gone', async () => {
    await using emulator = await createEmulator({ identifyWindowMs: 1 });
    const bot = emulator.createApplication();
    for (const _ of [1, 2, 3]) {
      const { lastSeq } = emulator.ledger;
      const client = new RawClient(emulator);
      await client.login(bot.token);
      client.socket.terminate();
      await emulator.ledger.waitFor({ type: 'close', after: lastSeq });
    }
    assert.equal(emulator.ledger.owners(bot.id).max, 1);
    assert.equal(emulator.ledger.owners(bot.id).intervals.length, 3);
  });

  it('sees at once that a killed process is gone, and that nobody said goodbye', async () => {
    await using emulator = await createEmulator();
    const bot = emulator.createApplication();
    const script = `
      import { WebSocket } from ${JSON.stringify(wsModule)};
      const token = await new Promise((resolve) => process.stdin.once('data', (data) => resolve(String(data))));
      const socket = new WebSocket(${JSON.stringify(`${emulator.gatewayUrl}?v=10`)});
      socket.on('message', (data) => {
        if (JSON.parse(data).op === 10) socket.send(JSON.stringify({ op: 2, d: { token, intents: 0, properties: {} } }));
      });
    `;
    const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
      stdio: ['pipe', 'inherit', 'inherit'],
    });
    child.stdin.end(bot.token);
    try {
      await emulator.ledger.waitFor({ type: 'ready', applicationId: bot.id });
    } finally {
      child.kill('SIGKILL');
    }
    const exited = once(child, 'exit');
    const close = await emulator.ledger.waitFor({ type: 'close', applicationId: bot.id }, { timeoutMs: 1_000 });
    assert.deepEqual([close.by, close.closeCode], ['peer lost', 1_006]);
    await exited;
  });

  it('forgets the oldest entries beyond its capacity, and neither counts nor owners', () => {
    const clock = new VirtualClock();
    const ledger = new Ledger(clock, 100);
    const owner = { applicationId: 'a', sessionId: 's', shard: [0, 1] } as const;
    ledger.record({ type: 'ready', connectionId: 'c1', ...owner });
    ledger.record({ type: 'ready', connectionId: 'c2', ...owner });
    ledger.record({ type: 'close', connectionId: 'c2', ...owner });
    for (let index = 0; index < 1_000; index++) ledger.record({ type: 'send', applicationId: 'a' });
    assert.ok(ledger.entries().length <= 125);
    assert.equal(ledger.forgotten, 1_003 - ledger.entries().length);
    assert.equal(ledger.entries()[0]?.seq, ledger.forgotten + 1);
    assert.equal(ledger.count('send', 'a'), 1_000);
    assert.equal(ledger.count('send'), 1_000);
    assert.deepEqual([ledger.owners('a').max, ledger.owners('a').now], [2, 1]);
  });

  it('forgets the oldest owners beyond its bound, but none that still serves', () => {
    const book = new OwnershipBook(10);
    const shard = [0, 1] as const;
    const entry = { atMs: 0, at: '', applicationId: 'a', sessionId: 's', shard };
    for (let seq = 1; seq <= 50; seq++) {
      book.fold({ ...entry, seq, type: 'ready', connectionId: `c${seq}` });
      if (seq > 1) book.fold({ ...entry, seq, type: 'close', connectionId: `c${seq}` });
    }
    const { intervals, max, now } = book.owners('a', 0);
    assert.deepEqual([intervals[0]?.connectionId, intervals.at(-1)?.connectionId], ['c1', 'c50']);
    assert.ok(intervals.length <= 11);
    assert.deepEqual([max, now], [2, 1]);
  });

  it('counts owners like a naive walk over the entries', () => {
    const connection = fc.constantFrom('c1', 'c2', 'c3', 'c4');
    const act = fc.record({
      connectionId: connection,
      type: fc.constantFrom('ready', 'resumed', 'close', 'invalid-session'),
    });
    fc.assert(
      fc.property(fc.array(act, { maxLength: 60 }), (acts) => {
        const ledger = new Ledger(new VirtualClock(), 1_000);
        const open = new Set<string>();
        let max = 0;
        for (const { connectionId, type } of acts) {
          const begins = type === 'ready' || type === 'resumed';
          if (begins && open.has(connectionId)) continue;
          ledger.record({ type, connectionId, applicationId: 'a', sessionId: 's', shard: [0, 1] } as never);
          if (begins) open.add(connectionId);
          else open.delete(connectionId);
          max = Math.max(max, open.size);
        }
        const owners = ledger.owners('a');
        assert.deepEqual([owners.max, owners.now], [max, open.size]);
        assert.equal(owners.intervals.filter(({ toSeq }) => toSeq === null).length, open.size);
      }),
    );
  });

  it('waits for an entry, for so many, and says what never came', async () => {
    const ledger = new Ledger(new VirtualClock(), 100);
    ledger.record({ type: 'send', op: 1 });
    assert.equal((await ledger.waitFor({ type: 'send' })).seq, 1);
    const third = ledger.waitFor({ type: 'send' }, { count: 3 });
    ledger.record({ type: 'send', op: 2 });
    ledger.record({ type: 'hello' });
    ledger.record({ type: 'send', op: 3 });
    assert.equal((await third).op, 3);
    await assert.rejects(
      ledger.waitFor({ type: 'ready' }, { timeoutMs: 1 }),
      /lacks 1 of \{"type":"ready"\} after 1 ms/,
    );
  });

  it('tells listeners of each entry until they stop', () => {
    const ledger = new Ledger(new VirtualClock(), 100);
    const heard: number[] = [];
    const stop = ledger.onEntry(({ seq }) => heard.push(seq));
    ledger.record({ type: 'hello' });
    stop();
    ledger.record({ type: 'hello' });
    assert.deepEqual(heard, [1]);
  });

  it('is filtered by type, application, connection, session, event and position', () => {
    const ledger = new Ledger(new VirtualClock(), 100);
    ledger.record({ type: 'dispatch', applicationId: 'a', connectionId: 'c', sessionId: 's', event: 'READY' });
    ledger.record({ type: 'close', applicationId: 'b' });
    const seqs = (filter: Parameters<Ledger['entries']>[0]) => ledger.entries(filter).map(({ seq }) => seq);
    assert.deepEqual(seqs({ type: 'close' }), [2]);
    assert.deepEqual(seqs({ type: ['close', 'dispatch'] }), [1, 2]);
    assert.deepEqual(seqs({ applicationId: 'a' }), [1]);
    assert.deepEqual(seqs({ connectionId: 'c' }), [1]);
    assert.deepEqual(seqs({ sessionId: 's' }), [1]);
    assert.deepEqual(seqs({ event: 'READY' }), [1]);
    assert.deepEqual(seqs({ after: 1 }), [2]);
  });
});
