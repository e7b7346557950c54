import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { OpenChannel } from './open-channel.ts';
import { RawClient } from './raw-client.ts';

const errorCode = (answer: Record<string, unknown> | null) =>
  (answer?.['error'] as { code?: number } | undefined)?.code;

describe('a stranger', () => {
  it('with a wrong key gets an error and is cut off; the child is not disturbed', async () => {
    await using open = await OpenChannel.open();
    using child = await open.child();
    for (let time = 0; time < 3; time++) {
      using stranger = await RawClient.connect(open.channel.path);
      stranger.hello({ run: open.run, key: 'wrong' });
      assert.equal(errorCode(await stranger.answer()), -32001);
      await stranger.closed;
    }
    assert.equal(open.refusals.length, 1, 'reported once');
    assert.match(open.refusals[0] ?? '', /music \(#7\).*a key or a run that is not of this incarnation/);
    assert.doesNotMatch(open.refusals[0] ?? '', /wrong/);
    child.notify('ready', {});
    await open.until(() => open.messages.length === 1);
  });

  it('of another run is cut off although it has the key', async () => {
    await using open = await OpenChannel.open();
    using _child = await open.child();
    using other = await RawClient.connect(open.channel.path);
    other.hello({ run: 'run-8', key: open.key });
    assert.equal(errorCode(await other.answer()), -32001);
    await other.closed;
    assert.deepEqual(open.types, ['connected', 'refused']);
  });

  it('that speaks only a newer protocol is told which versions there are', async () => {
    await using open = await OpenChannel.open();
    using client = await RawClient.connect(open.channel.path);
    client.hello({ protocol: [2, 3], run: open.run, key: open.key });
    assert.match(JSON.stringify(await client.answer()), /none of the protocol versions 1/);
    await client.closed;
  });

  it('that says nothing is cut off in time', async () => {
    await using open = await OpenChannel.open({ helloTimeoutMs: 30 });
    using client = await RawClient.connect(open.channel.path);
    await client.closed;
    assert.match(open.refusals[0] ?? '', /did not say hello within 0.03 s/);
  });

  it('that dribbles half a line is cut off in time', async () => {
    await using open = await OpenChannel.open({ helloTimeoutMs: 50 });
    using client = await RawClient.connect(open.channel.path);
    client.write('{"jsonrpc":"2.0","id":1,"meth');
    await client.closed;
    assert.deepEqual(open.types, ['refused']);
  });

  const greetings: Record<string, string> = {
    garbage: 'GET / HTTP/1.1',
    'an empty line': '',
    null: 'null',
    'a list of requests': '[{"jsonrpc":"2.0","id":1,"method":"hello"}]',
    'another protocol': '{"id":1,"method":"hello"}',
    'an odd id': '{"jsonrpc":"2.0","id":{},"method":"hello"}',
    'ready before hello': '{"jsonrpc":"2.0","method":"ready","params":{}}',
    'hello as a notification': '{"jsonrpc":"2.0","method":"hello","params":{"protocol":[1],"run":"run-7","key":"x"}}',
    'hello without a key': '{"jsonrpc":"2.0","id":1,"method":"hello","params":{"protocol":[1],"run":"run-7"}}',
    'hello without params': '{"jsonrpc":"2.0","id":1,"method":"hello"}',
    'bytes that are no text': '\u0000\ufffd\u0001',
  };
  for (const [name, greeting] of Object.entries(greetings)) {
    it(`that begins with ${name} is answered with an error and cut off`, async () => {
      await using open = await OpenChannel.open();
      using client = await RawClient.connect(open.channel.path);
      client.write(`${greeting}\n`);
      assert.ok([-32700, -32600, -32602].includes(errorCode(await client.answer()) ?? 0));
      await client.closed;
      assert.deepEqual(open.types, ['refused']);
    });
  }

  it('is one of sixteen at most', async () => {
    await using open = await OpenChannel.open();
    const clients = await Promise.all(Array.from({ length: 16 }, () => RawClient.connect(open.channel.path)));
    using seventeenth = await RawClient.connect(open.channel.path);
    await seventeenth.closed;
    for (const client of clients) assert.equal(client.socket.destroyed, false);
    for (const client of clients) client.socket.destroy();
  });
});

describe('a child', () => {
  it('that connects again is believed, and its old connection is closed', async () => {
    await using open = await OpenChannel.open();
    using old = await open.child();
    using next = await open.child();
    await old.closed;
    assert.deepEqual(open.types, ['connected', 'disconnected', 'connected']);
    open.channel.send({ method: 'ping', params: {} });
    assert.equal((await next.answer())?.['method'], 'ping');
    assert.equal(open.refusals.length, 0);
  });

  it('that makes mistakes is told, and keeps its connection', async () => {
    await using open = await OpenChannel.open();
    using child = await open.child();
    const mistakes: readonly (readonly [string, number, unknown])[] = [
      ['garbage', -32700, null],
      ['{"jsonrpc":"2.0"}', -32600, null],
      ['{"jsonrpc":"2.0","id":5,"method":"fly"}', -32601, 5],
      ['{"jsonrpc":"2.0","method":"toString"}', -32601, null],
      ['{"jsonrpc":"2.0","id":6,"method":"hello","params":{}}', -32600, 6],
      ['{"jsonrpc":"2.0","method":"gateway","params":{"state":"flying"}}', -32602, null],
      ['{"jsonrpc":"2.0","method":"heartbeat","params":{"loopLagMs":-1}}', -32602, null],
      ['{"jsonrpc":"2.0","method":"heartbeat","params":[]}', -32602, null],
    ];
    for (const [line, code, id] of mistakes) {
      child.write(`${line}\n`);
      const answer = await child.answer();
      assert.deepEqual([errorCode(answer), answer?.['id']], [code, id], line);
    }
    child.notify('ready', {});
    await open.until(() => open.messages.length === 1);
    assert.deepEqual(open.types, ['connected', 'message']);
  });

  it('that claims more than can be true is told which field, and keeps its connection', async () => {
    await using open = await OpenChannel.open();
    using child = await open.child();
    const day = 86_400_000;
    const counters = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, n) => [`c${n}`, 1e300]));
    const bounds: readonly (readonly [string, string, unknown, unknown])[] = [
      ['heartbeat', 'loopLagMs', day, day + 1],
      ['heartbeat', 'counters', counters(64), counters(65)],
      ['gateway', 'shard', 100_000, 100_001],
      ['gateway', 'latencyMs', day, day + 1],
      ['gateway', 'ackAgeMs', day, day + 1],
      ['gateway', 'intervalMs', day, day + 1],
      ['gateway', 'guilds', 10_000_000, 10_000_001],
      ['gateway', 'identifiesLeft', 1_000_000, 1_000_001],
      ['gateway', 'identifiesResetMs', 2 * day, 2 * day + 1],
      ['identify.request', 'shard', 100_000, 100_001],
    ];
    for (const [method, field, most, more] of bounds) {
      const state = method === 'gateway' ? { state: 'ready' } : {};
      child.notify(method, { ...state, [field]: most });
      for (const tooMuch of [more, ...(field === 'counters' ? [] : [1e300])]) {
        child.notify(method, { ...state, [field]: tooMuch });
        const answer = await child.answer();
        assert.equal(errorCode(answer), -32602, field);
        assert.match(JSON.stringify(answer), new RegExp(`"message":"${field}: `));
      }
      assert.deepEqual(open.messages.at(-1)?.params, { ...state, [field]: most });
    }
    child.write('{"jsonrpc":"2.0","method":"heartbeat","params":{"counters":{"answers":1e999}}}\n');
    assert.match(JSON.stringify(await child.answer()), /counters\.answers/);
    assert.equal(open.messages.length, bounds.length);
    assert.equal(open.refusals.length, 0);
  });

  it('that sends a megabyte without a newline is cut off after 64 KiB', async () => {
    await using open = await OpenChannel.open();
    using child = await open.child();
    child.write(Buffer.alloc(1_000_000, 'x'));
    await child.closed;
    await open.until(() => open.types.includes('disconnected'));
    assert.match(open.refusals[0] ?? '', /a line of more than 64 KiB/);
  });

  it('may send a line of just 64 KiB', async () => {
    await using open = await OpenChannel.open();
    using child = await open.child();
    const line = '{"jsonrpc":"2.0","method":"ready","params":{}}';
    child.write(`${line}${' '.repeat(64 * 1024 - line.length)}\n`);
    await open.until(() => open.messages.length === 1);
    assert.equal(open.refusals.length, 0);
  });

  it('that floods is cut off, stays out for a while, and is reported once', async () => {
    await using open = await OpenChannel.open({ linesPerSecond: 10 });
    using child = await open.child();
    child.write('{"jsonrpc":"2.0","method":"ready","params":{}}\n'.repeat(1_000));
    await child.closed;
    await open.until(() => open.types.includes('refused'));
    assert.ok(open.messages.length >= 19 && open.messages.length < 40, 'two seconds’ worth at once, hello included');
    assert.match(open.refusals[0] ?? '', /more than 10 lines per second/);
    using hasty = await RawClient.connect(open.channel.path);
    hasty.hello({ run: open.run, key: open.key });
    assert.match(JSON.stringify(await hasty.answer()), /too soon after a flood/);
    await hasty.closed;
    assert.equal(open.types.filter((type) => type === 'connected').length, 1);
  });

  it('that does not read is cut off instead of being remembered everything for', async () => {
    await using open = await OpenChannel.open();
    using child = await open.child();
    child.socket.pause();
    const long = { method: 'reload', params: { config: { text: 'x'.repeat(60_000) } } } as const;
    let sent = 0;
    while (open.channel.send(long)) assert.ok(++sent < 100);
    assert.equal(open.channel.send(long), false);
    assert.match(open.refusals[0] ?? '', /left 64 KiB of messages unread/);
    await open.until(() => open.types.includes('disconnected'));
  });

  it('that says anything at all harms nobody', async () => {
    await using open = await OpenChannel.open({ helloTimeoutMs: 200 });
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 500 }), fc.boolean(), async (bytes, asChild) => {
        using client = asChild ? await open.child() : await RawClient.connect(open.channel.path);
        client.write(bytes);
        client.socket.end('\n');
        await client.closed;
      }),
      { numRuns: 150 },
    );
    using child = await open.child();
    const before = open.messages.length;
    child.notify('ready', {});
    await open.until(() => open.messages.length > before);
  });

  it('that vanishes in the middle of a line leaves nothing behind', async () => {
    await using open = await OpenChannel.open();
    const child = await open.child();
    child.write(randomBytes(10).toString('hex'));
    child.socket.destroy();
    await open.until(() => open.types.includes('disconnected'));
    assert.deepEqual(open.types, ['connected', 'disconnected']);
  });
});
