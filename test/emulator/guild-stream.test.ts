import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createEmulator } from '../../src/emulator/index.ts';
import { ordinaryIntents, RawClient } from './raw-client.ts';
import { VirtualClock } from './virtual-clock.ts';

const settled = async (client: RawClient) => {
  client.send(1, null);
  await client.op(11);
};
const idsOf = (client: RawClient) => client.events('GUILD_CREATE').map(({ d }) => d.id);

describe('after READY the guilds', () => {
  const slow = { guildBurst: 2, guildBurstGapMs: 500 };

  it('come in bursts, with a gap in between', async () => {
    const clock = new VirtualClock();
    await using emulator = await createEmulator({ clock, ...slow });
    const bot = emulator.createApplication({ guilds: 5 });
    const client = new RawClient(emulator);
    const ready = await client.login(bot.token);
    assert.equal(ready.guilds.length, 5);
    for (const [advance, count] of [
      [0, 2],
      [499, 2],
      [1, 4],
      [500, 5],
      [5_000, 5],
    ] as const) {
      clock.advance(advance);
      await settled(client);
      assert.equal(idsOf(client).length, count);
    }
    assert.deepEqual(idsOf(client), bot.guildIds);
    client.socket.terminate();
  });

  it('come before anything that happens in them, and only once', async () => {
    const clock = new VirtualClock();
    await using emulator = await createEmulator({ clock, ...slow });
    const bot = emulator.createApplication({ guilds: 5 });
    const client = new RawClient(emulator);
    await client.login(bot.token);
    const last = emulator.world.guild(bot.guildIds[4] ?? '');
    emulator.say({ channelId: last.channelIds[0] ?? '', content: 'already here' });
    await settled(client);
    assert.deepEqual(
      client.received.slice(-3).map(({ t, d }) => [t, d?.guild_id ?? d?.id]),
      [
        ['GUILD_CREATE', last.id],
        ['MESSAGE_CREATE', last.id],
        [null, undefined],
      ],
    );
    clock.advance(2_000);
    await settled(client);
    assert.deepEqual(
      idsOf(client),
      [0, 1, 4, 2, 3].map((index) => bot.guildIds[index]),
    );
    client.socket.terminate();
  });

  it('that the bot has left meanwhile do not come', async () => {
    const clock = new VirtualClock();
    await using emulator = await createEmulator({ clock, ...slow });
    const bot = emulator.createApplication({ guilds: 4 });
    const ids = [...bot.guildIds];
    const client = new RawClient(emulator);
    await client.login(bot.token);
    emulator.world.removeMember(emulator.world.guild(ids[3] ?? ''), bot.bot);
    emulator.world.deleteGuild(emulator.world.guild(ids[2] ?? ''));
    clock.advance(2_000);
    await settled(client);
    assert.deepEqual(idsOf(client), ids.slice(0, 2));
    assert.deepEqual(
      client.events('GUILD_DELETE').map(({ d }) => d.id),
      [ids[3], ids[2]],
    );
    client.socket.terminate();
  });

  it('wait for a bot that was cut off, and go on after RESUMED', async () => {
    const clock = new VirtualClock();
    await using emulator = await createEmulator({ clock, ...slow });
    const bot = emulator.createApplication({ guilds: 5 });
    const first = new RawClient(emulator);
    const { session_id: sessionId } = await first.login(bot.token);
    await settled(first);
    first.socket.terminate();
    await emulator.ledger.waitFor({ type: 'close' });
    clock.advance(5_000);
    assert.equal(clock.pending, 1, 'the time in which it may resume, and nothing else');
    const second = new RawClient(emulator);
    await second.resume(bot.token, sessionId, first.sequence);
    await second.event('RESUMED');
    clock.advance(2_000);
    await settled(second);
    assert.deepEqual([...idsOf(first), ...idsOf(second)], bot.guildIds);
    assert.equal(second.received[1]?.t, 'RESUMED');
    second.socket.terminate();
  });

  it('leave a slow reader time, however large they are', async () => {
    await using emulator = await createEmulator({ unreadBytes: 2 * 1024 * 1024 });
    const bot = emulator.createApplication({ guilds: 300, members: 50, privilegedIntents: 1 << 8 });
    const client = new RawClient(emulator);
    await client.login(bot.token, { intents: ordinaryIntents | (1 << 8) });
    while (idsOf(client).length < 300) await client.event('GUILD_CREATE');
    assert.ok(emulator.ledger.count('close') === 0);
    assert.equal(client.events('GUILD_CREATE')[0]?.d.members.length, 50);
    client.socket.terminate();
  });

  it('end with the session: nothing of it is left', async () => {
    const clock = new VirtualClock();
    await using emulator = await createEmulator({ clock, ...slow });
    const bot = emulator.createApplication({ guilds: 5 });
    const client = new RawClient(emulator);
    await client.login(bot.token);
    client.socket.close(1000);
    await emulator.ledger.waitFor({ type: 'session-ended' });
    assert.equal(clock.pending, 0);
  });
});
