import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Emulator } from '../../src/emulator/index.ts';
import { createEmulator } from '../../src/emulator/index.ts';
import { channelOf } from './call.ts';
import { ordinaryIntents, RawClient } from './raw-client.ts';
import { VirtualClock } from './virtual-clock.ts';

const messageContent = 1 << 15;

describe('a connection to the gateway', () => {
  let emulator: Emulator;
  before(async () => {
    emulator = await createEmulator();
  });
  after(() => emulator.close());

  it('is greeted, identifies, and gets READY and then every guild', async () => {
    const bot = emulator.createApplication({ name: 'greeter', guilds: 3, channels: 2 });
    const client = new RawClient(emulator);
    assert.equal((await client.op(10)).d.heartbeat_interval, 41_250);
    client.send(2, { token: bot.token, intents: ordinaryIntents, properties: { os: 'linux' } });
    const ready = await client.event('READY');
    assert.equal(ready.s, 1);
    assert.equal(ready.d.v, 10);
    assert.equal(ready.d.user.id, bot.id);
    assert.equal(ready.d.application.id, bot.id);
    assert.match(ready.d.session_id, /^[0-9a-f]{32}$/);
    assert.equal(ready.d.resume_gateway_url, emulator.gatewayUrl);
    assert.deepEqual(
      ready.d.guilds,
      bot.guildIds.map((id) => ({ id, unavailable: true })),
    );
    for (const [index, id] of bot.guildIds.entries()) {
      const { d: guild, s } = await client.event('GUILD_CREATE');
      assert.equal(s, index + 2);
      assert.equal(guild.id, id);
      assert.deepEqual(
        guild.channels.map((channel: { id: string }) => channel.id),
        bot.channelIds.slice(index * 2, index * 2 + 2),
      );
      assert.equal(guild.roles[0].id, id);
      assert.equal(guild.members[0].user.id, bot.id);
    }
    client.socket.close();
  });

  it('answers each heartbeat, also before IDENTIFY', async () => {
    const client = new RawClient(emulator);
    await client.op(10);
    client.send(1, null);
    await client.op(11);
    client.send(1, 7);
    await client.op(11);
    client.socket.close();
  });

  it('takes requests for sounds and channel information, and does nothing', async () => {
    const bot = emulator.createApplication();
    const client = new RawClient(emulator);
    await client.login(bot.token);
    client.send(31, { guild_ids: bot.guildIds });
    client.send(43, { guild_id: bot.guildIds[0], fields: [] });
    client.send(1, 1);
    await client.op(11);
    client.socket.close();
  });

  it('sends only what the intents ask for', async () => {
    const bot = emulator.createApplication();
    const client = new RawClient(emulator);
    await client.login(bot.token, { intents: 1 << 12 });
    emulator.say({ channelId: channelOf(bot), content: 'for the guild' });
    emulator.directMessage({ applicationId: bot.id, content: 'for the bot' });
    const { d: message } = await client.event('MESSAGE_CREATE');
    assert.equal(message.content, 'for the bot');
    assert.equal(message.guild_id, undefined);
    assert.deepEqual(client.events('GUILD_CREATE'), []);
    client.socket.close();
  });

  it('empties the text without the content intent, unless the bot is mentioned, replied to, written to or the author', async () => {
    const bot = emulator.createApplication();
    const client = new RawClient(emulator);
    await client.login(bot.token);
    const channelId = channelOf(bot);
    const own = emulator.directMessage({ applicationId: bot.id, content: 'direct' });
    emulator.say({ channelId, content: 'private' });
    const mention = emulator.say({ channelId, content: 'hello', mention: bot.id });
    emulator.say({ channelId, content: 'not for you', replyTo: mention.id });
    const contents = [];
    while (contents.length < 4) contents.push((await client.event('MESSAGE_CREATE')).d);
    assert.deepEqual(
      contents.map(({ content }) => content),
      ['direct', '', `<@${bot.id}> hello`, ''],
    );
    assert.equal(contents[0].id, own.id);
    assert.equal(contents[2].mentions[0].id, bot.id);
    assert.equal(contents[3].referenced_message.content, `<@${bot.id}> hello`);
    client.socket.close();
  });

  it('keeps the text with the content intent', async () => {
    const bot = emulator.createApplication({ privilegedIntents: messageContent });
    const client = new RawClient(emulator);
    const ready = await client.login(bot.token, { intents: ordinaryIntents | messageContent });
    assert.equal(ready.application.flags & (1 << 19), 1 << 19);
    emulator.say({ channelId: channelOf(bot), content: 'for everyone' });
    assert.equal((await client.event('MESSAGE_CREATE')).d.content, 'for everyone');
    client.socket.close();
  });

  it('divides guilds among shards; what has no guild goes to shard 0', async () => {
    const bot = emulator.createApplication({ guilds: 6 });
    const shards = [new RawClient(emulator), new RawClient(emulator)];
    const [first, second] = shards as [RawClient, RawClient];
    const ofFirst = (await first.login(bot.token, { shard: [0, 2] })).guilds.map(({ id }: { id: string }) => id);
    assert.deepEqual(
      ofFirst,
      bot.guildIds.filter((id) => (BigInt(id) >> 22n) % 2n === 0n),
    );
    assert.ok(ofFirst.length > 0 && ofFirst.length < 6, 'guilds are spread');
    await second.identify(bot.token, { shard: [1, 2] });
    assert.equal((await second.op(9)).d, false, 'the other shard is in the same window');
    for (const shard of shards) shard.socket.close();
  });

  it('sends what happens in a guild to its shard, and direct messages to shard 0', async () => {
    await using wide = await createEmulator({ maxConcurrency: 3 });
    const bot = wide.createApplication({ guilds: 9 });
    const shards = [0, 1, 2].map(() => new RawClient(wide));
    await Promise.all(shards.map((shard, id) => shard.login(bot.token, { shard: [id, 3] })));
    for (const channelId of bot.channelIds) wide.say({ channelId, content: 'in the guild' });
    wide.directMessage({ applicationId: bot.id, content: 'direct' });
    for (const [id, shard] of shards.entries()) {
      shard.send(1, null);
      await shard.op(11);
      const expected = bot.guildIds.filter((guildId) => Number((BigInt(guildId) >> 22n) % 3n) === id);
      const heard = shard.events('MESSAGE_CREATE').map(({ d }) => d.guild_id);
      assert.deepEqual(heard, id === 0 ? [...expected, undefined] : expected);
      assert.deepEqual(
        shard.events('GUILD_CREATE').map(({ d }) => d.id),
        expected,
      );
      shard.socket.close();
    }
  });

  it('allows several sessions of one shard: each hears everything, with a sequence of its own', async () => {
    await using lenient = await createEmulator({ identifyWindowMs: 1 });
    const bot = lenient.createApplication();
    const first = new RawClient(lenient);
    await first.login(bot.token);
    await first.event('GUILD_CREATE');
    lenient.say({ channelId: channelOf(bot), content: 'one' });
    const second = new RawClient(lenient);
    await second.login(bot.token);
    lenient.say({ channelId: channelOf(bot), content: 'two' });
    assert.deepEqual([(await first.event('MESSAGE_CREATE')).s, (await first.event('MESSAGE_CREATE')).s], [3, 4]);
    assert.equal((await second.event('MESSAGE_CREATE')).s, 3);
    first.socket.close();
    second.socket.close();
  });

  it('serves several applications, each with its own guilds', async () => {
    const bots = [emulator.createApplication(), emulator.createApplication()];
    const clients = bots.map(() => new RawClient(emulator));
    await Promise.all(clients.map((client, index) => client.login(bots[index]?.token ?? '')));
    for (const bot of bots) emulator.say({ channelId: channelOf(bot), content: 'one of us', mention: bot.id });
    for (const [index, client] of clients.entries()) {
      assert.equal((await client.event('MESSAGE_CREATE')).d.channel_id, channelOf(bots[index] ?? { channelIds: [] }));
      client.send(1, null);
      await client.op(11);
      assert.equal(client.events('MESSAGE_CREATE').length, 1);
      client.socket.close();
    }
  });

  it('is found only at its address', async () => {
    const client = new RawClient(emulator, '/elsewhere?v=10');
    assert.equal(await client.closed, 1006);
  });
});

describe('what a token may start', () => {
  it('one IDENTIFY in five seconds per max_concurrency key; the next is answered with op 9 on an open connection', async () => {
    const clock = new VirtualClock();
    await using emulator = await createEmulator({ clock });
    const bot = emulator.createApplication();
    const first = new RawClient(emulator);
    const second = new RawClient(emulator);
    await first.login(bot.token);
    await second.identify(bot.token);
    assert.equal((await second.op(9)).d, false);
    clock.advance(4_999);
    second.send(2, { token: bot.token, intents: 0, properties: {} });
    assert.equal((await second.op(9)).d, false);
    clock.advance(1);
    second.send(2, { token: bot.token, intents: 0, properties: {} });
    await second.event('READY');
    assert.equal(emulator.ledger.count('identify', bot.id), 4);
    assert.equal(emulator.ledger.count('identify-refused', bot.id), 2);
    assert.equal(emulator.ledger.count('ready', bot.id), 2);
  });

  it('two shards of different keys identify at once', async () => {
    await using emulator = await createEmulator({ maxConcurrency: 2 });
    const bot = emulator.createApplication();
    await new RawClient(emulator).login(bot.token, { shard: [0, 2] });
    await new RawClient(emulator).login(bot.token, { shard: [1, 2] });
    assert.equal(emulator.ledger.owners(bot.id, [0, 2]).max, 1);
    assert.equal(emulator.ledger.owners(bot.id).max, 2);
  });

  it('the key is the shard id modulo max_concurrency', async () => {
    await using emulator = await createEmulator({ maxConcurrency: 2 });
    const bot = emulator.createApplication();
    const shards = [0, 1, 2, 3].map(() => new RawClient(emulator));
    for (const [id, shard] of shards.entries()) {
      await shard.identify(bot.token, { shard: [id, 4] });
      if (id < 2) await shard.event('READY');
      else assert.equal((await shard.op(9)).d, false, `shard ${id} has the key of shard ${id % 2}`);
    }
  });

  it('a thousand IDENTIFYs a day; one more ends every session and resets the token', async () => {
    const clock = new VirtualClock();
    await using emulator = await createEmulator({ clock, identifyBudget: 3, identifyWindowMs: 1 });
    const bot = emulator.createApplication();
    const { token } = bot;
    const served = new RawClient(emulator);
    await served.login(token);
    const lost = new RawClient(emulator);
    clock.advance(1);
    await lost.login(token);
    lost.socket.terminate();
    await emulator.ledger.waitFor({ type: 'close' });
    const refused = new RawClient(emulator);
    await refused.identify(token);
    await refused.op(9);
    clock.advance(1);
    refused.send(2, { token, intents: 0, properties: {} });
    assert.equal(await refused.closed, 4004);
    assert.equal(await served.closed, 4004);
    assert.notEqual(bot.token, token);
    assert.equal(emulator.ledger.count('session-ended', bot.id), 2);
    const late = new RawClient(emulator);
    await late.identify(token);
    assert.equal(await late.closed, 4004);
    clock.advance(86_400_000);
    await new RawClient(emulator).login(bot.token);
  });
});
