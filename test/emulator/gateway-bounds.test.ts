import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { describe, it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Application, Emulator } from '../../src/emulator/index.ts';
import { createEmulator } from '../../src/emulator/index.ts';
import { channelOf } from './call.ts';
import { RawClient } from './raw-client.ts';
import { VirtualClock } from './virtual-clock.ts';

const text = 'word '.repeat(200);
const say = (emulator: Emulator, bot: Application, count: number) => {
  for (let index = 0; index < count; index++)
    emulator.say({ channelId: channelOf(bot), content: text, mention: bot.id });
};
setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

describe('the gateway bounds', () => {
  it('the bytes that a session remembers', async () => {
    await using emulator = await createEmulator({ replayBytes: 20_000, identifyWindowMs: 1 });
    for (const [count, answer] of [
      [8, 'RESUMED'],
      [30, null],
    ] as const) {
      const bot = emulator.createApplication();
      const first = new RawClient(emulator);
      const { session_id: sessionId } = await first.login(bot.token);
      await first.event('GUILD_CREATE');
      first.socket.terminate();
      await emulator.ledger.waitFor({ type: 'close', applicationId: bot.id });
      say(emulator, bot, count);
      const second = new RawClient(emulator);
      await second.resume(bot.token, sessionId, 2);
      if (answer) await second.event(answer);
      else assert.equal((await second.op(9)).d, false);
      second.socket.terminate();
    }
  });

  it('what waits for a client that never reads: it is dropped, its session stays', async () => {
    await using emulator = await createEmulator({ unreadBytes: 1024 * 1024 });
    const bot = emulator.createApplication();
    const client = new RawClient(emulator);
    await client.login(bot.token);
    client.socket.pause();
    while (emulator.ledger.count('close', bot.id) === 0) {
      say(emulator, bot, 100);
      await turn();
    }
    const [close] = emulator.ledger.entries({ type: 'close' });
    assert.equal(close?.by, 'server');
    assert.match(close?.reason ?? '', /^the client left more than 1048576 bytes unread$/);
    assert.equal(emulator.isOnline(bot.id), true);
    client.socket.terminate();
  });

  it('also what waits to be compressed', async () => {
    await using emulator = await createEmulator({ unreadBytes: 1024 * 1024 });
    const bot = emulator.createApplication();
    const client = new RawClient(emulator, '?v=10&encoding=json&compress=zlib-stream');
    await client.login(bot.token);
    say(emulator, bot, 1_000);
    assert.equal(emulator.ledger.count('close', bot.id), 1);
    client.socket.terminate();
  });

  it('what it withholds from a frozen connection', async () => {
    await using emulator = await createEmulator({ replayEvents: 50 });
    const bot = emulator.createApplication();
    const client = new RawClient(emulator);
    await client.login(bot.token);
    emulator.faults.freeze(bot.id);
    say(emulator, bot, 50);
    assert.equal(emulator.ledger.count('close', bot.id), 0);
    say(emulator, bot, 2);
    assert.match(emulator.ledger.entries({ type: 'close' })[0]?.reason ?? '', /withheld/);
  });

  it('connections that never say anything: two intervals without a heartbeat end them', async () => {
    const clock = new VirtualClock();
    await using emulator = await createEmulator({ clock });
    const { hostname, port } = new URL(emulator.gatewayUrl);
    const socket = connect(Number(port), hostname);
    socket.on('error', () => {});
    socket.write(
      'GET /gateway?v=10 HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n' +
        'sec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n',
    );
    await emulator.ledger.waitFor({ type: 'hello' });
    clock.advance(82_500);
    assert.equal((await emulator.ledger.waitFor({ type: 'close' })).closeCode, 4009);
    socket.destroy();
  });

  it('memory: tens of thousands of messages to a bot that reads, and to one that is away, leave nothing behind', async () => {
    const bounds = { replayEvents: 100, messagesPerChannel: 100, ledgerEntries: 1_000, resumeWindowMs: 600_000 };
    await using emulator = await createEmulator({ ...bounds, identifyWindowMs: 1 });
    const reader = emulator.createApplication();
    const away = emulator.createApplication();
    const client = new RawClient(emulator);
    await client.login(reader.token);
    client.socket.removeAllListeners('message');
    const gone = new RawClient(emulator);
    await gone.login(away.token);
    gone.socket.terminate();
    await emulator.ledger.waitFor({ type: 'close', applicationId: away.id });
    const heapAfter = async (messages: number): Promise<number> => {
      for (let written = 0; written < messages; written += 100) {
        say(emulator, reader, 50);
        say(emulator, away, 50);
        await turn();
      }
      collectGarbage();
      return process.memoryUsage().heapUsed;
    };
    const settledBytes = await heapAfter(10_000);
    const grownBytes = (await heapAfter(40_000)) - settledBytes;
    assert.equal(emulator.ledger.count('dispatch', away.id), 25_001);
    assert.equal(emulator.ledger.count('close', reader.id), 0);
    // 40,000 messages of a thousand characters are 40 MB.
    assert.ok(grownBytes < 4e6, `the heap grew by ${grownBytes} bytes`);
    client.socket.terminate();
  });
});
