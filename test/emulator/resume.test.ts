import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Application, Emulator } from '../../src/emulator/index.ts';
import { createEmulator } from '../../src/emulator/index.ts';
import { channelOf } from './call.ts';
import { RawClient } from './raw-client.ts';
import { VirtualClock } from './virtual-clock.ts';

const say = (emulator: Emulator, bot: Application, count: number) => {
  for (let index = 0; index < count; index++)
    emulator.say({ channelId: channelOf(bot), content: 'hello', mention: bot.id });
};
const lost = async (emulator: Emulator, client: RawClient) => {
  const { lastSeq } = emulator.ledger;
  client.socket.terminate();
  return emulator.ledger.waitFor({ type: 'close', after: lastSeq });
};

describe('a session', () => {
  it('replays in order what was missed, ends with RESUMED, and goes on', async () => {
    await using emulator = await createEmulator();
    const bot = emulator.createApplication();
    const first = new RawClient(emulator);
    const { session_id: sessionId } = await first.login(bot.token);
    say(emulator, bot, 2);
    await first.next(({ s }) => s === 4);
    await lost(emulator, first);
    say(emulator, bot, 3);
    const second = new RawClient(emulator);
    await second.resume(bot.token, sessionId, first.sequence);
    await second.event('RESUMED');
    say(emulator, bot, 1);
    await second.next(({ s }) => s === 9);
    assert.deepEqual(second.received.map(({ t, s }) => [t, s]).slice(1), [
      ['MESSAGE_CREATE', 5],
      ['MESSAGE_CREATE', 6],
      ['MESSAGE_CREATE', 7],
      ['RESUMED', 8],
      ['MESSAGE_CREATE', 9],
    ]);
    const [resumed] = emulator.ledger.entries({ type: 'resumed' });
    assert.equal(resumed?.replayed, 3);
    assert.equal(emulator.ledger.count('identify', bot.id), 1);
    assert.deepEqual(
      emulator.ledger.entries({ type: 'dispatch', event: 'MESSAGE_CREATE' }).map(({ delivery }) => delivery),
      ['sent', 'sent', 'buffered', 'buffered', 'buffered', 'sent'],
    );
  });

  it('loses and doubles nothing, wherever the connection drops and however late the client noticed', async () => {
    await using emulator = await createEmulator({ identifyWindowMs: 1 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ before: fc.nat(5), unread: fc.nat(3), between: fc.nat(5) }), {
          minLength: 1,
          maxLength: 4,
        }),
        async (rounds) => {
          const bot = emulator.createApplication();
          let client = new RawClient(emulator);
          const { session_id: sessionId } = await client.login(bot.token);
          await client.event('GUILD_CREATE');
          const processed = new Set<number>();
          let sequence = 2;
          for (const { before, unread, between } of rounds) {
            say(emulator, bot, before);
            await Promise.resolve();
            for (let read = 0; read < before - unread; read++) {
              const message = await client.event('MESSAGE_CREATE');
              sequence = message.s ?? 0;
              assert.ok(!processed.has(sequence), `${sequence} came twice`);
              processed.add(sequence);
            }
            await lost(emulator, client);
            say(emulator, bot, between);
            client = new RawClient(emulator);
            await client.resume(bot.token, sessionId, sequence);
            const resumed = await client.event('RESUMED');
            for (const message of client.events('MESSAGE_CREATE')) {
              assert.ok(!processed.has(message.s ?? 0), `${message.s} came twice`);
              processed.add(message.s ?? 0);
            }
            sequence = resumed.s ?? 0;
          }
          const said = rounds.reduce((sum, { before, between }) => sum + before + between, 0);
          assert.equal(processed.size, said);
          await lost(emulator, client);
          assert.equal(emulator.ledger.count('identify', bot.id), 1);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('survives a drop and any close code but 1000 and 1001', async () => {
    await using emulator = await createEmulator({ identifyWindowMs: 1 });
    for (const code of [undefined, 4_000, 4_200, 3_000, 1_012]) {
      const bot = emulator.createApplication();
      const first = new RawClient(emulator);
      const { session_id: sessionId } = await first.login(bot.token);
      first.socket.close(code);
      const close = await emulator.ledger.waitFor({ type: 'close', applicationId: bot.id });
      assert.equal(close.closeCode, code ?? 1_005);
      assert.equal(close.by, 'client');
      assert.equal(emulator.isOnline(bot.id), true);
      const second = new RawClient(emulator);
      await second.resume(bot.token, sessionId, 2);
      await second.event('RESUMED');
    }
  });

  it('ends with 1000 and 1001: the bot is offline, and RESUME is answered with op 9', async () => {
    await using emulator = await createEmulator({ identifyWindowMs: 1 });
    for (const code of [1_000, 1_001]) {
      const bot = emulator.createApplication();
      const first = new RawClient(emulator);
      const { session_id: sessionId } = await first.login(bot.token);
      first.socket.close(code);
      await emulator.ledger.waitFor({ type: 'session-ended', applicationId: bot.id });
      assert.equal(emulator.isOnline(bot.id), false);
      const second = new RawClient(emulator);
      await second.resume(bot.token, sessionId, 2);
      assert.equal((await second.op(9)).d, false);
      second.send(2, { token: bot.token, intents: 0, properties: {} });
      await second.event('READY');
    }
  });

  it('stays resumable for its window and not longer', async () => {
    const clock = new VirtualClock();
    await using emulator = await createEmulator({ clock, identifyWindowMs: 1 });
    const bot = emulator.createApplication();
    const clients = [new RawClient(emulator), new RawClient(emulator), new RawClient(emulator)] as const;
    const { session_id: sessionId } = await clients[0].login(bot.token);
    await lost(emulator, clients[0]);
    clock.advance(89_999);
    await clients[1].resume(bot.token, sessionId, 2).catch(() => {});
    const third = new RawClient(emulator);
    await third.resume(bot.token, sessionId, 2);
    await third.event('RESUMED');
    await lost(emulator, third);
    clock.advance(90_000);
    assert.equal(emulator.isOnline(bot.id), false);
    const late = new RawClient(emulator);
    await late.resume(bot.token, sessionId, 2);
    assert.equal((await late.op(9)).d, false);
    assert.equal(emulator.ledger.entries({ type: 'session-ended' })[0]?.reason, 'not resumed in time');
  });

  it('ends when it is asked for more than it remembers', async () => {
    await using emulator = await createEmulator({ replayEvents: 5 });
    const bot = emulator.createApplication();
    const first = new RawClient(emulator);
    const { session_id: sessionId } = await first.login(bot.token);
    await lost(emulator, first);
    say(emulator, bot, 6);
    const second = new RawClient(emulator);
    await second.resume(bot.token, sessionId, 2);
    assert.equal((await second.op(9)).d, false);
    assert.equal(emulator.isOnline(bot.id), false);
  });

  it('is replayed to the last event that it remembers', async () => {
    await using emulator = await createEmulator({ replayEvents: 5 });
    const bot = emulator.createApplication();
    const first = new RawClient(emulator);
    const { session_id: sessionId } = await first.login(bot.token);
    await lost(emulator, first);
    say(emulator, bot, 5);
    const second = new RawClient(emulator);
    await second.resume(bot.token, sessionId, 2);
    await second.event('RESUMED');
    assert.equal(second.events('MESSAGE_CREATE').length, 5);
  });

  it('belongs to whoever resumed it last, never to two', async () => {
    await using emulator = await createEmulator();
    const bot = emulator.createApplication();
    const first = new RawClient(emulator);
    const { session_id: sessionId } = await first.login(bot.token);
    const second = new RawClient(emulator);
    await second.resume(bot.token, sessionId, 2);
    await second.event('RESUMED');
    assert.equal(await first.closed, 4000);
    assert.equal(emulator.ledger.owners(bot.id).max, 1);
    assert.deepEqual(
      emulator.ledger.owners(bot.id).intervals.map(({ toSeq }) => toSeq === null),
      [false, true],
    );
  });

  it('of another application cannot be resumed', async () => {
    await using emulator = await createEmulator();
    const client = new RawClient(emulator);
    const { session_id: sessionId } = await client.login(emulator.createApplication().token);
    const thief = new RawClient(emulator);
    await thief.resume(emulator.createApplication().token, sessionId, 1);
    assert.equal((await thief.op(9)).d, false);
    client.send(1, null);
    await client.op(11);
  });
});
