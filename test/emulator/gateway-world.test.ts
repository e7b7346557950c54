import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import type { Application, Emulator, Guild } from '../../src/emulator/index.ts';
import { createEmulator } from '../../src/emulator/index.ts';
import type { Payload } from './raw-client.ts';
import { RawClient } from './raw-client.ts';

const intent = {
  guilds: 1 << 0,
  members: 1 << 1,
  messages: 1 << 9,
  reactions: 1 << 10,
  typing: 1 << 11,
  direct: 1 << 12,
  directReactions: 1 << 13,
  directTyping: 1 << 14,
};
const all = Object.values(intent).reduce((sum, bit) => sum | bit);
const direct = intent.direct | intent.directReactions | intent.directTyping;

let emulator: Emulator;
let clients: RawClient[] = [];
before(async () => {
  emulator = await createEmulator({ identifyWindowMs: 1 });
});
after(() => emulator.close());
afterEach(() => {
  for (const { socket } of clients) socket.terminate();
  clients = [];
});

const enter = async (bot: Application, intents: number = all) => {
  const client = new RawClient(emulator);
  clients.push(client);
  await client.login(bot.token, { intents });
  await settled(client);
  return client;
};
const settled = async (client: RawClient) => {
  client.send(1, null);
  await client.op(11);
};
const application = (guilds = 0) => emulator.createApplication({ guilds, privilegedIntents: intent.members });
const owner = () => emulator.world.person('owner');
const guildWith = (...bots: readonly Application[]) =>
  emulator.world.createGuild({ name: 'place', owner: owner(), members: bots.map(({ bot }) => bot) });
/** The names and data of what came since the client was settled, until now. */
const heard = async (client: RawClient, act: () => void): Promise<readonly Payload[]> => {
  await settled(client);
  const before = client.received.length;
  act();
  await settled(client);
  return client.received.slice(before).filter(({ op }) => op === 0);
};
const namesOf = (payloads: readonly Payload[]) => payloads.map(({ t }) => t);

describe('a guild', () => {
  it('shared by several bots tells each of them what happens in it, and others nothing', async () => {
    const bots = [application(), application(), application(1)] as const;
    const guild = guildWith(bots[0], bots[1]);
    const [first, second, stranger] = await Promise.all(bots.map((bot) => enter(bot)));
    assert.ok(first && second && stranger);
    emulator.say({ channelId: guild.channelIds[0] ?? '', content: 'hello' });
    const ids = await Promise.all([first, second].map(async (client) => (await client.event('MESSAGE_CREATE')).d.id));
    assert.equal(ids[0], ids[1]);
    await settled(stranger);
    assert.deepEqual(stranger.events('MESSAGE_CREATE'), []);
  });

  it('invites a bot: it gets the whole guild, the others a new member; and throws it out again', async () => {
    const [resident, guest] = [application(), application()];
    const guild = guildWith(resident);
    const atHome = await enter(resident);
    const client = await enter(guest);
    assert.deepEqual(client.events('GUILD_CREATE'), []);
    const came = await heard(client, () => emulator.world.addMember(guild, guest.bot));
    assert.deepEqual(namesOf(came), ['GUILD_CREATE']);
    assert.deepEqual([came[0]?.d.id, came[0]?.d.member_count], [guild.id, 3]);
    assert.deepEqual(guest.guildIds, [guild.id]);
    assert.deepEqual(guest.channelIds, guild.channelIds);
    const added = await atHome.event('GUILD_MEMBER_ADD');
    assert.deepEqual([added.d.guild_id, added.d.user.id], [guild.id, guest.id]);
    const went = await heard(client, () => emulator.world.removeMember(guild, guest.bot));
    assert.deepEqual(namesOf(went), ['GUILD_DELETE']);
    assert.deepEqual(went[0]?.d, { id: guild.id });
    assert.deepEqual(guest.guildIds, []);
    const removed = await atHome.event('GUILD_MEMBER_REMOVE');
    assert.deepEqual([removed.d.guild_id, removed.d.user.id], [guild.id, guest.id]);
    const silence = await heard(client, () => {
      emulator.say({ channelId: guild.channelIds[0] ?? '', content: 'gone?' });
    });
    assert.deepEqual(silence, []);
  });

  it('that is made while the bot is there comes at once; renamed and deleted it is told too', async () => {
    const bot = application();
    const client = await enter(bot);
    let guild = {} as Guild;
    const events = await heard(client, () => {
      guild = guildWith(bot);
      emulator.world.updateGuild(guild, { name: 'renamed' });
      emulator.world.deleteGuild(guild);
    });
    assert.deepEqual(namesOf(events), ['GUILD_CREATE', 'GUILD_UPDATE', 'GUILD_DELETE']);
    assert.equal(events[1]?.d.name, 'renamed');
    assert.equal(events[1]?.d.roles[0].name, '@everyone');
    assert.throws(() => emulator.world.guild(guild.id), /no guild/);
    assert.throws(() => emulator.messages(guild.channelIds[0] ?? ''), /no channel/);
  });

  it('that is large lists with the presences intent who is online, has a role or a nickname, and everybody below', async () => {
    const bot = emulator.createApplication({ guilds: 1, members: 60, privilegedIntents: 1 << 8 });
    const { world } = emulator;
    const guild = world.guild(bot.guildIds[0] ?? '');
    const [online, named, ranked] = ['member 1', 'member 2', 'member 3'].map((name) => world.person(name));
    assert.ok(online && named && ranked);
    world.setPresence(online, { status: 'idle', activities: [] });
    for (const [person, change] of [
      [named, { nick: 'Nick' }],
      [ranked, { roleIds: [world.createRole(guild).id] }],
    ] as const) {
      const member = guild.members.get(person.id);
      assert.ok(member);
      world.updateMember(guild, member, change);
    }
    const listed = async (fields: object) => {
      const client = new RawClient(emulator);
      clients.push(client);
      await client.login(bot.token, { intents: 1 | (1 << 8), ...fields });
      const { d } = await client.event('GUILD_CREATE');
      assert.equal(d.member_count, 60);
      return [d.large, d.members.map(({ user }: { user: { id: string } }) => user.id).sort(), d.presences.length];
    };
    const few = [bot.id, online.id, named.id, ranked.id].sort();
    assert.deepEqual(await listed({}), [true, few, 2]);
    assert.deepEqual(await listed({ large_threshold: 59 }), [true, few, 2]);
    const [isLarge, members] = await listed({ large_threshold: 60 });
    assert.deepEqual([isLarge, members.length], [false, 60]);
  });

  it('is not told without the intent', async () => {
    const bot = application();
    const client = await enter(bot, all & ~intent.guilds);
    const events = await heard(client, () => {
      const guild = guildWith(bot);
      emulator.world.createChannel(guild, { name: 'new' });
      emulator.world.createRole(guild);
      emulator.world.deleteGuild(guild);
    });
    assert.deepEqual(events, []);
  });
});

describe('channels and threads', () => {
  it('are made, changed, moved and deleted', async () => {
    const bot = application();
    const guild = guildWith(bot);
    const client = await enter(bot);
    const events = await heard(client, () => {
      const { world } = emulator;
      const category = world.createChannel(guild, { name: 'Texts', type: 4 });
      const channel = world.createChannel(guild, { name: 'new', topic: 'all of it', parentId: category.id });
      world.updateChannel(channel, { name: 'newer', position: 0, slowmodeSeconds: 5 });
      world.deleteChannel(channel);
    });
    assert.deepEqual(namesOf(events), ['CHANNEL_CREATE', 'CHANNEL_CREATE', 'CHANNEL_UPDATE', 'CHANNEL_DELETE']);
    const [category, made, changed, deleted] = events.map(({ d }) => d);
    assert.deepEqual([made.name, made.type, made.topic, made.parent_id], ['new', 0, 'all of it', category.id]);
    assert.deepEqual([made.guild_id, made.position], [guild.id, 2]);
    assert.deepEqual([changed.name, changed.position, changed.rate_limit_per_user], ['newer', 0, 5]);
    assert.equal(deleted.id, made.id);
  });

  it('of direct messages are told of by their messages only', async () => {
    const bot = application();
    const client = await enter(bot);
    const events = await heard(client, () => {
      const channel = emulator.world.direct(bot, emulator.world.person('pen friend'));
      emulator.directMessage({ applicationId: bot.id, author: 'pen friend', content: 'hi' });
      assert.equal(emulator.world.direct(bot, emulator.world.person('pen friend')), channel);
    });
    assert.deepEqual(namesOf(events), ['MESSAGE_CREATE']);
  });

  it('a thread begins with a message, is joined, closed and deleted', async () => {
    const [bot, other] = [application(), application()];
    const guild = guildWith(bot, other);
    const client = await enter(bot);
    const modest = await enter(other, intent.guilds);
    const { world } = emulator;
    const channel = world.channel(guild.channelIds[0] ?? '');
    const person = world.person('owner');
    const message = emulator.say({ channelId: channel.id, author: 'owner', content: 'on another note' });
    const events = await heard(client, () => {
      const thread = world.createThread(channel, { name: 'another note', owner: person, message });
      assert.equal(thread.id, message.id);
      world.joinThread(thread, bot.bot);
      world.joinThread(thread, bot.bot);
      emulator.say({ channelId: thread.id, author: 'owner', content: 'inside' });
      world.updateThread(thread, { archived: true, name: 'closed' });
      world.leaveThread(thread, bot.bot);
      world.deleteChannel(thread);
    });
    assert.deepEqual(namesOf(events), [
      'THREAD_CREATE',
      'THREAD_MEMBERS_UPDATE',
      'MESSAGE_UPDATE',
      'THREAD_MEMBERS_UPDATE',
      'MESSAGE_CREATE',
      'THREAD_UPDATE',
      'THREAD_MEMBERS_UPDATE',
      'THREAD_DELETE',
    ]);
    const [created, , marked, joined, , closed, left, deleted] = events.map(({ d }) => d);
    assert.deepEqual([created.type, created.parent_id, created.owner_id], [11, channel.id, person.id]);
    assert.equal(created.newly_created, true);
    assert.equal(created.thread_metadata.archived, false);
    assert.equal(marked.flags & 32, 32);
    assert.deepEqual([joined.member_count, joined.added_members[0].user_id], [2, bot.id]);
    assert.deepEqual([closed.name, closed.thread_metadata.archived], ['closed', true]);
    assert.deepEqual([left.removed_member_ids, left.added_members], [[bot.id], undefined]);
    assert.deepEqual(deleted, { id: message.id, guild_id: guild.id, parent_id: channel.id, type: 11 });
    await settled(modest);
    assert.deepEqual(modest.events('THREAD_MEMBERS_UPDATE'), [], 'others are told with the members intent only');
  });

  it('a private thread is known to its members only; open ones stand in GUILD_CREATE', async () => {
    const [insider, outsider] = [application(), application()];
    const guild = guildWith(insider, outsider);
    const { world } = emulator;
    const channel = world.channel(guild.channelIds[0] ?? '');
    const secret = world.createThread(channel, { name: 'secret', owner: insider.bot, type: 12 });
    const open = world.createThread(channel, { name: 'open', owner: owner() });
    world.updateThread(world.createThread(channel, { name: 'old', owner: owner() }), { archived: true });
    const inside = await enter(insider, intent.guilds | intent.messages);
    const outside = await enter(outsider, intent.guilds | intent.messages);
    const threadsOf = (client: RawClient) =>
      client
        .events('GUILD_CREATE')[0]
        ?.d.threads.map(({ id, member }: { id: string; member?: object }) => [id, member !== undefined]);
    assert.deepEqual(threadsOf(inside), [
      [secret.id, true],
      [open.id, false],
    ]);
    assert.deepEqual(threadsOf(outside), [[open.id, false]]);
    emulator.say({ channelId: secret.id, content: 'between us' });
    await inside.event('MESSAGE_CREATE');
    await settled(outside);
    assert.deepEqual(outside.events('MESSAGE_CREATE'), []);
    world.joinThread(secret, outsider.bot);
    await outside.event('THREAD_MEMBERS_UPDATE');
    world.deleteChannel(channel);
    await inside.event('CHANNEL_DELETE');
    assert.deepEqual(guild.threadIds, []);
  });
});

describe('roles and members', () => {
  it('roles are made, changed, given, and deleted with everybody who had them', async () => {
    const bot = application();
    const guild = guildWith(bot);
    const client = await enter(bot);
    const events = await heard(client, () => {
      const { world } = emulator;
      const role = world.createRole(guild, { name: 'red', color: 0xff0000 });
      world.updateRole(guild, role, { hoist: true });
      const member = world.addMember(guild, world.person('owner'));
      world.updateMember(guild, member, { roleIds: [role.id], nick: 'Boss' });
      world.deleteRole(guild, role);
    });
    assert.deepEqual(namesOf(events), [
      'GUILD_ROLE_CREATE',
      'GUILD_ROLE_UPDATE',
      'GUILD_MEMBER_UPDATE',
      'GUILD_ROLE_DELETE',
      'GUILD_MEMBER_UPDATE',
    ]);
    const [made, changed, given, deleted, taken] = events.map(({ d }) => d);
    assert.deepEqual([made.guild_id, made.role.name, made.role.color], [guild.id, 'red', 0xff0000]);
    assert.equal(changed.role.hoist, true);
    assert.deepEqual([given.nick, given.roles], ['Boss', [made.role.id]]);
    assert.deepEqual(deleted, { guild_id: guild.id, role_id: made.role.id });
    assert.deepEqual(taken.roles, []);
  });

  it('come and go for those with the members intent; of itself a bot always hears', async () => {
    const [bot, modest] = [application(), application()];
    const guild = guildWith(bot, modest);
    const client = await enter(bot);
    const other = await enter(modest, 0);
    const person = emulator.world.person('passer-by');
    const act = () => {
      const { world } = emulator;
      world.addMember(guild, person);
      world.addMember(guild, person);
      const member = guild.members.get(modest.id);
      assert.ok(member);
      world.updateMember(guild, member, { nick: 'Modest' });
      world.removeMember(guild, person);
      world.removeMember(guild, owner());
      world.removeMember(guild, person);
    };
    const names = namesOf(await heard(client, act));
    assert.deepEqual(names, ['GUILD_MEMBER_ADD', 'GUILD_MEMBER_UPDATE', 'GUILD_MEMBER_REMOVE']);
    await settled(other);
    const [own] = other.events('GUILD_MEMBER_UPDATE');
    assert.deepEqual([own?.d.user.id, own?.d.nick], [modest.id, 'Modest']);
    assert.equal(other.received.filter(({ op, t }) => op === 0 && t !== 'READY').length, 1);
    assert.ok(guild.members.has(owner().id), 'the owner stays');
  });

  it('fill a guild as many as were asked for', () => {
    const bot = emulator.createApplication({ guilds: 2, members: 50 });
    assert.deepEqual(
      bot.guildIds.map((id) => emulator.world.guild(id).members.size),
      [50, 50],
    );
  });
});

describe('what is done to messages', () => {
  for (const place of ['guild', 'direct messages'] as const)
    it(`in ${place} is told with the intents of that place`, async () => {
      const bot = application(1);
      const isGuild = place === 'guild';
      const client = await enter(bot, isGuild ? all & ~direct : direct);
      const blind = await enter(bot, isGuild ? direct : all & ~direct);
      const { world } = emulator;
      const person = world.person('you');
      const channel = isGuild ? world.channel(bot.channelIds[0] ?? '') : world.direct(bot, person);
      const thumb = { id: null, name: '👍' };
      const heart = { id: '123456789012345678', name: 'heart' };
      const events = await heard(client, () => {
        const message = world.post(channel, { author: person, content: 'x' });
        const another = world.post(channel, { author: person, content: 'y' });
        world.react(channel, message, person, thumb);
        world.react(channel, message, person, thumb);
        world.react(channel, message, bot.bot, thumb);
        world.react(channel, message, bot.bot, heart);
        world.unreact(channel, message, person, thumb);
        world.unreact(channel, message, person, thumb);
        world.clearReactions(channel, message, { ...heart, name: 'renamed' });
        world.clearReactions(channel, message);
        world.pin(channel, message);
        world.pin(channel, message);
        world.unpin(channel, message);
        world.announceTyping(channel, person);
        world.deleteMany(channel, [message, another]);
        assert.deepEqual(channel.messages, []);
      });
      assert.deepEqual(namesOf(events), [
        'MESSAGE_CREATE',
        'MESSAGE_CREATE',
        'MESSAGE_REACTION_ADD',
        'MESSAGE_REACTION_ADD',
        'MESSAGE_REACTION_ADD',
        'MESSAGE_REACTION_REMOVE',
        'MESSAGE_REACTION_REMOVE_EMOJI',
        'MESSAGE_REACTION_REMOVE_ALL',
        'MESSAGE_UPDATE',
        'CHANNEL_PINS_UPDATE',
        'MESSAGE_UPDATE',
        'CHANNEL_PINS_UPDATE',
        'TYPING_START',
        'MESSAGE_DELETE_BULK',
      ]);
      const guildId = channel.guild?.id;
      assert.ok(events.every(({ d }) => d.channel_id === channel.id && d.guild_id === guildId));
      const reaction = events[2]?.d;
      assert.deepEqual([reaction.emoji, reaction.user_id, reaction.burst], [thumb, person.id, false]);
      assert.equal(reaction.member?.user.id, isGuild ? person.id : undefined);
      assert.deepEqual([events[8]?.d.pinned, events[10]?.d.pinned], [true, false]);
      assert.match(events[9]?.d.last_pin_timestamp, /^\d{4}-/);
      assert.equal(events[13]?.d.ids.length, 2);
      await settled(blind);
      assert.deepEqual(
        blind.received.filter(({ op, t }) => op === 0 && t !== 'READY' && t !== 'GUILD_CREATE'),
        [],
      );
    });

  it('an ephemeral one is told to the bot that sent it as a direct message, without guild and member', async () => {
    const [bot, other] = [application(), application()];
    const guild = guildWith(bot, other);
    const client = await enter(bot);
    const witness = await enter(other);
    const { world } = emulator;
    const channel = world.channel(guild.channelIds[0] ?? '');
    const events = await heard(client, () => {
      const message = world.post(channel, { author: bot.bot, content: 'only you', flags: 64 });
      world.edit(channel, message, { content: 'still' });
      world.delete(channel, message);
    });
    assert.deepEqual(namesOf(events), ['MESSAGE_CREATE', 'MESSAGE_UPDATE']);
    assert.deepEqual([events[0]?.d.guild_id, events[0]?.d.member], [undefined, undefined]);
    await settled(witness);
    assert.deepEqual(witness.events('MESSAGE_CREATE'), []);
  });
});
