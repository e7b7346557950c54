import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Application, Emulator } from '../../src/emulator/index.ts';
import { createEmulator } from '../../src/emulator/index.ts';
import { RawClient } from './raw-client.ts';
import { VirtualClock } from './virtual-clock.ts';

const realLooking = () => ['MTA0NTY3ODkwMTIzNDU2Nzg5MA', 'Gab1cd', 'x'.repeat(38)].join('.');

describe('the gateway closes with', () => {
  let emulator: Emulator;
  let bot: Application;
  before(async () => {
    emulator = await createEmulator({ identifyWindowMs: 1, sends: 20 });
    bot = emulator.createApplication();
  });
  after(() => emulator.close());

  const hello = async (query?: string) => {
    const client = new RawClient(emulator, query);
    await client.op(10);
    return client;
  };
  const loggedIn = async () => {
    const client = new RawClient(emulator);
    await client.login(emulator.createApplication().token);
    return client;
  };
  const identifyWith = async (fields: object) => {
    const client = new RawClient(emulator);
    await client.identify(emulator.createApplication().token, fields);
    return client.closed;
  };

  it('4001 after an unknown opcode', async () => {
    const client = await hello();
    client.send(99, {});
    assert.equal(await client.closed, 4001);
  });

  for (const [name, frame] of Object.entries({
    'text that is no JSON': 'hello',
    'JSON that is no payload': '[]',
    'an opcode that is no number': '{"op":"2"}',
    'a payload over 4096 bytes': JSON.stringify({ op: 1, d: null, padding: 'x'.repeat(4_096) }),
    'a heartbeat that is no sequence': '{"op":1,"d":"yes"}',
    'an IDENTIFY without token': '{"op":2,"d":{"intents":0,"properties":{}}}',
    'a RESUME without session': '{"op":6,"d":{"token":"x"}}',
    'bytes that are no UTF-8': Buffer.from([0xff, 0xfe]),
  }))
    it(`4002 after ${name}`, async () => {
      const client = await hello();
      client.socket.send(frame, { binary: false });
      assert.equal(await client.closed, 4002);
    });

  it('4002 after a payload of exactly 4096 bytes only when it is broken', async () => {
    const client = await hello();
    const payload = (size: number) => `{"op":1,"d":null${' '.repeat(size - 17)}}`;
    client.socket.send(payload(4_096));
    await client.op(11);
    client.socket.send(payload(4_097));
    assert.equal(await client.closed, 4002);
  });

  it('4002 after a presence that does not exist', async () => {
    const client = await loggedIn();
    client.send(3, { status: 'asleep' });
    assert.equal(await client.closed, 4002);
  });

  it('4002 after voice state that is no object', async () => {
    const client = await loggedIn();
    client.send(4, 'yes');
    assert.equal(await client.closed, 4002);
  });

  it('4002 when another encoding is asked for', async () => {
    assert.equal(await new RawClient(emulator, '?v=10&encoding=etf').closed, 4002);
  });

  it('4003 after a payload that needs a session', async () => {
    const client = await hello();
    client.send(3, { status: 'online' });
    assert.equal(await client.closed, 4003);
  });

  it('4004 after an unknown token of its own making', async () => {
    const other = await createEmulator();
    const { token } = other.createApplication();
    await other.close();
    const client = new RawClient(emulator);
    await client.identify(token);
    assert.equal(await client.closed, 4004);
  });

  it('4004 and the reason after a token that may be real, which it keeps nowhere', async () => {
    const client = new RawClient(emulator);
    const reason = new Promise<string>((resolve) => {
      client.socket.on('close', (_code, text) => resolve(String(text)));
    });
    await client.identify(realLooking());
    assert.equal(await client.closed, 4004);
    assert.match(await reason, /Not a token of this emulator, possibly a real one: refused/);
    assert.ok(!JSON.stringify(emulator.ledger.entries()).includes(realLooking().slice(0, 20)));
    const resuming = new RawClient(emulator);
    await resuming.resume(realLooking(), 'x', 0);
    assert.equal(await resuming.closed, 4004);
  });

  it('4005 after a second IDENTIFY, and after a RESUME of a session that is served here', async () => {
    const { token } = emulator.createApplication();
    const again = new RawClient(emulator);
    const { session_id: sessionId } = await again.login(token);
    again.send(2, { token, intents: 0, properties: {} });
    assert.equal(await again.closed, 4005);
    const resuming = new RawClient(emulator);
    await resuming.resume(token, sessionId, 1);
    await resuming.event('RESUMED');
    resuming.send(6, { token, session_id: sessionId, seq: 1 });
    assert.equal(await resuming.closed, 4005);
  });

  it('4007 after a sequence that was never sent', async () => {
    const first = new RawClient(emulator);
    const { session_id: sessionId } = await first.login(bot.token);
    first.socket.terminate();
    const second = new RawClient(emulator);
    await second.resume(bot.token, sessionId, 1_000);
    assert.equal(await second.closed, 4007);
  });

  it('4008 after more payloads than the window allows, heartbeats counted', async () => {
    const client = await hello();
    for (let sent = 0; sent < 20; sent++) client.send(1, null);
    for (let answered = 0; answered < 20; answered++) await client.op(11);
    client.send(1, null);
    assert.equal(await client.closed, 4008);
  });

  it('4010 after a shard that cannot be', async () => {
    for (const shard of [[1, 1], [-1, 2], [0, 0], [0], 'zero', [0.5, 2]])
      assert.equal(await identifyWith({ shard }), 4010, JSON.stringify(shard));
  });

  it('4011 when a shard would have too many guilds', async () => {
    await using small = await createEmulator({ guildsPerShard: 2 });
    const client = new RawClient(small);
    await client.identify(small.createApplication({ guilds: 3 }).token);
    assert.equal(await client.closed, 4011);
  });

  it('4012 after another version, or none', async () => {
    assert.equal(await new RawClient(emulator, '?v=9&encoding=json').closed, 4012);
    assert.equal(await new RawClient(emulator, '').closed, 4012);
  });

  it('4013 after intents that do not exist', async () => {
    for (const intents of [-1, 1 << 17, 1 << 26, 2 ** 40, 0.5])
      assert.equal(await identifyWith({ intents }), 4013, String(intents));
  });

  it('4014 after a privileged intent that is not switched on', async () => {
    for (const intents of [1 << 1, 1 << 8, 1 << 15]) assert.equal(await identifyWith({ intents }), 4014);
  });

  it('1009 after a frame of more than a megabyte, and says that it was the server', async () => {
    const client = await hello();
    const { lastSeq } = emulator.ledger;
    client.socket.send('x'.repeat(1_100_000));
    assert.equal(await client.closed, 1009);
    const close = await emulator.ledger.waitFor({ type: 'close', after: lastSeq });
    assert.equal(close.by, 'server');
    assert.equal(close.closeCode, 1009);
  });

  it('1002 after broken framing', async () => {
    const client = await hello();
    const { lastSeq } = emulator.ledger;
    // A frame with reserved bits set, past the library.
    (client.socket as unknown as { _socket: { write(bytes: Buffer): void } })._socket.write(
      Buffer.from([0xf1, 0x80, 0, 0, 0, 0]),
    );
    assert.equal(await client.closed, 1002);
    assert.equal((await emulator.ledger.waitFor({ type: 'close', after: lastSeq })).by, 'server');
  });
});

describe('time limits of the gateway', () => {
  it('a client without heartbeat is closed with 4009 after two intervals, and may resume', async () => {
    const clock = new VirtualClock();
    await using emulator = await createEmulator({ clock });
    const { token, id } = emulator.createApplication();
    const client = new RawClient(emulator);
    const { session_id: sessionId } = await client.login(token);
    clock.advance(41_250);
    client.send(1, 1);
    await client.op(11);
    clock.advance(82_499);
    client.send(1, 1);
    await client.op(11);
    clock.advance(82_500);
    assert.equal(await client.closed, 4009);
    const next = new RawClient(emulator);
    await next.resume(token, sessionId, client.sequence);
    await next.event('RESUMED');
    assert.equal(emulator.ledger.count('identify', id), 1);
  });

  it('a heartbeat that is already in the socket when a stalled emulator wakes up counts', async () => {
    const clock = new VirtualClock();
    await using emulator = await createEmulator({ clock });
    const client = new RawClient(emulator);
    await client.login(emulator.createApplication().token);
    const sent = new Promise((resolve) => {
      client.socket.send('{"op":1,"d":1}', resolve);
    });
    await sent;
    clock.advance(100_000);
    await client.op(11);
    assert.equal(client.socket.readyState, client.socket.OPEN);
  });

  it('120 payloads are allowed again after 60 s', async () => {
    const clock = new VirtualClock();
    await using emulator = await createEmulator({ clock, heartbeatIntervalMs: 1_000_000 });
    const client = new RawClient(emulator);
    await client.op(10);
    for (const round of [1, 2]) {
      for (let sent = 0; sent < 120; sent++) client.send(1, null);
      for (let answered = 0; answered < 120; answered++) await client.op(11);
      if (round === 1) clock.advance(60_000);
    }
    client.send(1, null);
    assert.equal(await client.closed, 4008);
  });
});
