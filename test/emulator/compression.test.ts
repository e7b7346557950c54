import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { inflateSync } from 'node:zlib';
import { REST } from '@discordjs/rest';
import { CompressionMethod, WebSocketManager, WebSocketShardEvents } from '@discordjs/ws';
import type { Emulator } from '../../src/emulator/index.ts';
import { createEmulator } from '../../src/emulator/index.ts';
import { channelOf } from './call.ts';
import { ordinaryIntents, RawClient } from './raw-client.ts';

const isPacked = (frame: string | Buffer): frame is Buffer => typeof frame !== 'string';
const endsFlushed = (frame: string | Buffer): boolean =>
  isPacked(frame) && frame.subarray(-4).equals(Buffer.from([0, 0, 0xff, 0xff]));

describe('compression', () => {
  let emulator: Emulator;
  before(async () => {
    emulator = await createEmulator({ identifyWindowMs: 1 });
  });
  after(() => emulator.close());

  const say = (channelId: string, mention: string, count: number) => {
    for (let index = 0; index < count; index++)
      emulator.say({ channelId, mention, content: `${index} ${'word '.repeat(index === 1 ? 300 : 3)}ü€😀` });
  };

  for (const compress of ['zlib-stream', 'zstd-stream'])
    it(`${compress} packs every frame of a connection in one context, in order, until it resumes in a new one`, async () => {
      const bot = emulator.createApplication({ guilds: 3 });
      const query = `?v=10&encoding=json&compress=${compress}`;
      const first = new RawClient(emulator, query);
      const { session_id: sessionId } = await first.login(bot.token);
      say(channelOf(bot), bot.id, 20);
      first.send(1, null);
      await first.op(11);
      const sequences = first.received.flatMap(({ s }) => s ?? []);
      assert.deepEqual(
        sequences,
        Array.from({ length: 24 }, (_, index) => index + 1),
      );
      assert.match(first.received.at(-2)?.d.content, /^<@\d+> 19 word word word ü€😀$/);
      assert.equal(first.frames.length, first.received.length, 'one message each');
      assert.ok(first.frames.every(isPacked));
      if (compress === 'zlib-stream') {
        assert.ok(first.frames.every(endsFlushed));
        const [, second = Buffer.alloc(0)] = first.frames as readonly Buffer[];
        assert.throws(() => inflateSync(second), 'only the first message begins a zlib stream');
      }
      first.socket.terminate();
      await emulator.ledger.waitFor({ type: 'close', applicationId: bot.id });
      say(channelOf(bot), bot.id, 5);
      const next = new RawClient(emulator, query);
      await next.resume(bot.token, sessionId, 24);
      await next.event('RESUMED');
      assert.equal(next.events('MESSAGE_CREATE').length, 5);
      next.socket.terminate();
    });

  it('is finished before the close frame leaves', async () => {
    const bot = emulator.createApplication();
    const client = new RawClient(emulator, '?v=10&encoding=json&compress=zlib-stream');
    await client.login(bot.token);
    say(channelOf(bot), bot.id, 50);
    emulator.faults.close(bot.id, 4000);
    assert.equal(await client.closed, 4000);
    assert.equal(client.frames.length, 53, 'HELLO, READY, a guild and the messages');
  });

  it('of payloads, asked for with IDENTIFY, packs large dispatches each for itself, also after a RESUME', async () => {
    const bot = emulator.createApplication();
    const client = new RawClient(emulator);
    const { session_id: sessionId } = await client.login(bot.token, { compress: true });
    say(channelOf(bot), bot.id, 2);
    await client.event('MESSAGE_CREATE');
    await client.event('MESSAGE_CREATE');
    const packed = client.received.filter((_, index) => isPacked(client.frames[index] ?? '')).map(({ t }) => t);
    assert.deepEqual(packed, ['GUILD_CREATE', 'MESSAGE_CREATE']);
    client.socket.terminate();
    await emulator.ledger.waitFor({ type: 'close', applicationId: bot.id });
    say(channelOf(bot), bot.id, 2);
    const next = new RawClient(emulator);
    await next.resume(bot.token, sessionId, 4);
    await next.event('RESUMED');
    assert.equal(next.frames.filter(isPacked).length, 1);
    next.socket.terminate();
  });

  it('of payloads is switched off by that of the transport, and is not there unasked', async () => {
    const bot = emulator.createApplication();
    const both = new RawClient(emulator, '?v=10&encoding=json&compress=zlib-stream');
    await both.login(bot.token, { compress: true });
    await both.event('GUILD_CREATE');
    assert.ok(both.frames.every(endsFlushed));
    both.socket.terminate();
    const none = new RawClient(emulator);
    await none.login(emulator.createApplication().token);
    await none.event('GUILD_CREATE');
    assert.ok(!none.frames.some(isPacked));
    none.socket.terminate();
  });

  for (const [query, reason] of [
    ['?v=10&encoding=json&compress=brotli-stream', /zlib-stream or zstd-stream/],
    ['?v=10&encoding=json&compress=toString', /zlib-stream or zstd-stream/],
    ['?v=10&encoding=etf&compress=zlib-stream', /JSON only/],
  ] as const)
    it(`${query} is refused with 4002, and says why`, async () => {
      const client = new RawClient(emulator, query);
      const why = new Promise<string>((resolve) => {
        client.socket.on('close', (_code, text) => resolve(String(text)));
      });
      assert.equal(await client.closed, 4002);
      assert.match(await why, reason);
    });

  for (const [name, options] of Object.entries({
    'zlib-stream': { compression: CompressionMethod.ZlibNative },
    'payload compression': { useIdentifyCompression: true },
  }))
    it(`with ${name} @discordjs/ws connects, resumes and misses nothing`, async () => {
      const bot = emulator.createApplication({ guilds: 5 });
      const rest = new REST({ api: emulator.url }).setToken(bot.token);
      const manager = new WebSocketManager({ token: bot.token, intents: ordinaryIntents, rest, ...options });
      const contents: string[] = [];
      const { promise: all, resolve } = Promise.withResolvers<void>();
      manager.on(WebSocketShardEvents.Dispatch, ({ t, d }) => {
        if (t === 'MESSAGE_CREATE' && contents.push(d.content) === 30) resolve();
      });
      await manager.connect();
      say(channelOf(bot), bot.id, 20);
      emulator.faults.drop(bot.id);
      say(channelOf(bot), bot.id, 10);
      await all;
      assert.equal(new Set(contents).size, 20, 'ten were written twice');
      assert.equal(emulator.ledger.count('resumed', bot.id), 1);
      assert.equal(emulator.ledger.count('identify', bot.id), 1);
      await manager.destroy();
      rest.clearHashSweeper();
      rest.clearHandlerSweeper();
    });
});
