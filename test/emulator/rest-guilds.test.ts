import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { Application, Emulator, Guild } from '../../src/emulator/index.ts';
import { createEmulator } from '../../src/emulator/index.ts';
import { call, channelOf } from './call.ts';
import { RawClient } from './raw-client.ts';
import { VirtualClock } from './virtual-clock.ts';

const bits = {
  kickMembers: 1 << 1,
  manageChannels: 1 << 4,
  viewChannel: 1 << 10,
  sendMessages: 1 << 11,
  manageThreads: 2 ** 34,
  createPublicThreads: 2 ** 35,
  createPrivateThreads: 2 ** 36,
};
const manageRoles = 1 << 28;
const allIntents = 1 | 2 | (1 << 7) | (1 << 9);

describe('guilds over HTTP', () => {
  let emulator: Emulator;
  let clock: VirtualClock;
  let bot: Application;
  /** In the same guild, with no more rights than everybody. */
  let guest: Application;
  let stranger: Application;
  let guild: Guild;
  before(async () => {
    clock = new VirtualClock();
    emulator = await createEmulator({
      clock,
      routeCalls: 1_000,
      messageCalls: 1_000,
      globalCalls: 10_000,
      identifyWindowMs: 1,
    });
  });
  after(() => emulator.close());
  beforeEach(() => {
    bot = emulator.createApplication({ privilegedIntents: 2 });
    guild = emulator.world.guild(bot.guildIds[0] ?? '');
    guest = emulator.createApplication({ guilds: 0, permissions: '0' });
    stranger = emulator.createApplication({ guilds: 0 });
    emulator.world.addMember(guild, guest.bot);
  });

  const ask = (path: string, method = 'GET', body?: unknown, application = bot) =>
    call(`${emulator.url}/v10${path}`, method, { token: application.token, ...(body === undefined ? {} : { body }) });
  const codeOf = async (path: string, method: string, body: unknown, application: Application) =>
    (await ask(path, method, body, application)).body?.code;
  const watch = async () => {
    const client = new RawClient(emulator);
    await client.login(bot.token, { intents: allIntents });
    return client;
  };
  const grant = (application: Application, permissions: number, inGuild = guild) => {
    const member = inGuild.members.get(application.id);
    const role = inGuild.roles.get(member?.roleIds[0] ?? '');
    assert.ok(role);
    emulator.world.updateRole(inGuild, role, { permissions: String(permissions) });
  };

  it('are shown to members, with counts on request', async () => {
    const { body } = await ask(`/guilds/${guild.id}`);
    assert.deepEqual([body.name, body.owner_id, body.approximate_member_count], [guild.name, guild.ownerId, undefined]);
    const bots = body.roles.filter(({ managed }: { managed: boolean }) => managed);
    assert.deepEqual(
      bots.map(({ tags }: { tags: { bot_id: string } }) => tags.bot_id),
      [bot.id, guest.id],
    );
    const counted = (await ask(`/guilds/${guild.id}?with_counts=true`)).body;
    assert.equal(counted.approximate_member_count, 3);
    assert.equal(await codeOf(`/guilds/${guild.id}`, 'GET', undefined, stranger), 50001);
    assert.equal(await codeOf('/guilds/1', 'GET', undefined, bot), 10004);
  });

  it('of a bot are listed in pages, and left', async () => {
    const [second, first] = [1, 2].map((index) => {
      const made = emulator.world.createGuild({ name: `more ${index}`, owner: emulator.world.person('ada') });
      emulator.world.addMember(made, guest.bot);
      return made.id;
    });
    const ids = async (query = '') =>
      (await ask(`/users/@me/guilds${query}`, 'GET', undefined, guest)).body.map(({ id }: { id: string }) => id);
    const all = [first, second, guild.id].sort((one, other) => (BigInt(one ?? 0) < BigInt(other ?? 0) ? -1 : 1));
    assert.deepEqual(await ids(), all);
    assert.deepEqual(await ids('?limit=1'), all.slice(0, 1));
    assert.deepEqual(await ids(`?after=${all[0]}&limit=1`), all.slice(1, 2));
    assert.deepEqual(await ids(`?before=${all[2]}&limit=1`), all.slice(1, 2));
    assert.equal((await ask(`/users/@me/guilds/${first}`, 'DELETE', undefined, guest)).status, 204);
    assert.equal((await ids()).length, 2);
  });

  it('are counted when the gateway recommends shards', async () => {
    const large = emulator.createApplication({ guilds: 1_001, channels: 1 });
    assert.equal((await ask('/gateway/bot', 'GET', undefined, large)).body.shards, 2);
    assert.equal((await ask('/gateway/bot')).body.shards, 1);
  });

  it('grant a bot what it is created with, in digits', () => {
    const { permissions } = emulator.createApplication({ permissions: '2048' });
    assert.equal(permissions, '2048');
    assert.throws(
      () => emulator.createApplication({ permissions: 'all' }),
      /bits in decimal digits, such as 8, not all/,
    );
  });

  it('know users, and let a bot rename itself', async () => {
    const client = await watch();
    assert.equal((await ask(`/users/${guest.id}`)).body.username, guest.name);
    assert.equal((await ask('/users/1')).body.code, 10013);
    assert.equal((await ask('/users/@me', 'PATCH', { username: 'renamed' })).body.username, 'renamed');
    assert.equal((await client.event('USER_UPDATE')).d.username, 'renamed');
    assert.equal((await ask(`/users/${bot.id}`)).body.verified, true);
    assert.equal((await ask('/users/@me', 'PATCH', { username: 'x' })).body.code, 50035);
  });

  describe('channels', () => {
    it('are made, changed and deleted, and the gateway hears of it', async () => {
      const client = await watch();
      const category = (await ask(`/guilds/${guild.id}/channels`, 'POST', { name: 'Rooms', type: 4 })).body;
      const wanted = { name: 'Big Talk', topic: 't', parent_id: category.id, rate_limit_per_user: 5, nsfw: true };
      const { status, body } = await ask(`/guilds/${guild.id}/channels`, 'POST', wanted);
      assert.deepEqual([status, body.type, body.name, body.parent_id], [201, 0, 'big-talk', category.id]);
      assert.deepEqual([body.topic, body.rate_limit_per_user, body.nsfw], ['t', 5, true]);
      assert.equal((await client.next(({ t, d }) => t === 'CHANNEL_CREATE' && d.id === body.id)).d.name, 'big-talk');
      const changed = await ask(`/channels/${body.id}`, 'PATCH', {
        name: 'Other',
        topic: null,
        position: 0,
        parent_id: null,
      });
      assert.deepEqual(
        [changed.body.name, changed.body.topic, changed.body.position, changed.body.parent_id],
        ['other', null, 0, null],
      );
      assert.equal((await client.event('CHANNEL_UPDATE')).d.name, 'other');
      const listed = (await ask(`/guilds/${guild.id}/channels`)).body;
      assert.deepEqual(
        listed.map(({ name }: { name: string }) => name),
        ['other', 'general', 'Rooms'],
      );
      assert.equal((await ask(`/channels/${body.id}`, 'DELETE')).body.id, body.id);
      assert.equal((await client.event('CHANNEL_DELETE')).d.id, body.id);
      assert.equal((await ask(`/channels/${body.id}`)).body.code, 10003);
    });

    it('are made with a position, as voice channels, and not beyond what fits', async () => {
      const make = (body: object) => ask(`/guilds/${guild.id}/channels`, 'POST', body);
      const voice = await make({ name: 'Talk', type: 2, user_limit: 5, position: 0 });
      assert.deepEqual([voice.body.name, voice.body.user_limit, voice.body.position], ['Talk', 5, 0]);
      assert.equal((await make({ name: '' })).body.code, 50035);
      assert.equal((await make({ name: 'x', type: 9 })).body.errors.type._errors[0].code, 'BASE_TYPE_CHOICES');
      assert.equal(
        (await make({ name: 'x', parent_id: channelOf(bot) })).body.errors.parent_id._errors[0].code,
        'CHANNEL_PARENT_INVALID',
      );
      assert.equal((await make({ name: 'x', parent_id: '1' })).body.code, 50035);
      while (guild.channelIds.length < 500) emulator.world.createChannel(guild, { name: 'many' });
      assert.equal((await make({ name: 'x' })).body.code, 30013);
    });

    it('are not touched without the right to', async () => {
      const url = `/channels/${channelOf(bot)}`;
      assert.equal(await codeOf(`/guilds/${guild.id}/channels`, 'POST', { name: 'x' }, guest), 50013);
      assert.equal(await codeOf(url, 'PATCH', { topic: 'x' }, guest), 50013);
      assert.equal(await codeOf(url, 'DELETE', undefined, guest), 50013);
      assert.equal(await codeOf(url, 'GET', undefined, stranger), 50001);
      const { channelId } = emulator.directMessage({ applicationId: bot.id, content: 'x' });
      assert.equal(await codeOf(`/channels/${channelId}`, 'PATCH', { name: 'x' }, bot), 50003);
      assert.equal((await ask(`/channels/${channelId}`, 'DELETE')).body.id, channelId);
      assert.equal((await ask(`/channels/${channelId}`)).status, 200, 'closed is not deleted');
    });

    it('are hidden and closed by overwrites: for everybody, for a role, for a member', async () => {
      const url = `/channels/${channelOf(bot)}`;
      const put = (id: string, type: number, allow: number, deny: number) =>
        ask(`${url}/permissions/${id}`, 'PUT', { type, allow: String(allow), deny: String(deny) });
      const canWrite = async () => (await ask(`${url}/messages`, 'POST', { content: 'x' }, guest)).body.code ?? 'yes';
      assert.equal(await canWrite(), 'yes');
      assert.equal((await put(guild.id, 0, 0, bits.sendMessages)).status, 204);
      assert.equal(await canWrite(), 50013);
      await put(guild.id, 0, 0, bits.viewChannel);
      assert.equal(await canWrite(), 50001);
      const roleId = guild.members.get(guest.id)?.roleIds[0] ?? '';
      await put(roleId, 0, bits.viewChannel, 0);
      assert.equal(await canWrite(), 'yes');
      await put(guest.id, 1, 0, bits.sendMessages);
      assert.equal(await canWrite(), 50013);
      assert.equal((await ask(url)).body.permission_overwrites.length, 3);
      assert.equal(await codeOf(`${url}/permissions/${guest.id}`, 'DELETE', undefined, guest), 50013);
      assert.equal((await ask(`${url}/permissions/${guest.id}`, 'DELETE')).status, 204);
      assert.equal(await codeOf(`${url}/permissions/${guest.id}`, 'DELETE', undefined, bot), 10009);
      assert.equal(await canWrite(), 'yes');
    });

    it('that a bot does not see send it nothing', async () => {
      const client = new RawClient(emulator);
      await client.login(guest.token);
      const secret = emulator.world.createChannel(guild, {
        name: 'secret',
        overwrites: [{ id: guild.id, type: 0, allow: '0', deny: String(bits.viewChannel) }],
      });
      emulator.say({ channelId: secret.id, content: 'hidden' });
      emulator.say({ channelId: channelOf(bot), content: 'open' });
      assert.equal((await client.event('MESSAGE_CREATE')).d.channel_id, channelOf(bot));
    });

    it('get two new names or topics in ten minutes, and then wait with scope shared', async () => {
      const url = `/channels/${channelOf(bot)}`;
      for (const topic of ['one', 'two']) assert.equal((await ask(url, 'PATCH', { topic })).status, 200);
      clock.advance(60_000);
      const { status, headers, body } = await ask(url, 'PATCH', { topic: 'three' });
      assert.equal(status, 429);
      assert.deepEqual(
        ['retry-after', 'x-ratelimit-scope', 'x-ratelimit-remaining'].map((name) => headers.get(name)),
        ['540', 'shared', '999'],
      );
      assert.deepEqual(body, {
        message: 'The resource is being rate limited.',
        code: 0,
        retry_after: 540,
        global: false,
      });
      assert.equal((await ask(url, 'PATCH', { nsfw: true })).status, 200, 'other changes are free');
      clock.advance(540_000);
      assert.equal((await ask(url, 'PATCH', { topic: 'three' })).status, 200);
    });
  });

  describe('roles', () => {
    const make = async (body: object = {}) => (await ask(`/guilds/${guild.id}/roles`, 'POST', body)).body;

    it('are made, read, changed, moved and deleted, and the gateway hears of it', async () => {
      const client = await watch();
      const made = await make({ name: 'crew', color: 0xff0000, hoist: true, permissions: String(bits.kickMembers) });
      assert.deepEqual([made.name, made.color, made.hoist, made.mentionable], ['crew', 0xff0000, true, false]);
      assert.equal((await client.event('GUILD_ROLE_CREATE')).d.role.id, made.id);
      const url = `/guilds/${guild.id}/roles`;
      assert.equal((await ask(`${url}/${made.id}`)).body.name, 'crew');
      assert.equal((await ask(`${url}/1`)).body.code, 10011);
      const changed = await ask(`${url}/${made.id}`, 'PATCH', { colors: { primary_color: 255 }, mentionable: true });
      assert.deepEqual([changed.body.color, changed.body.mentionable, changed.body.name], [255, true, 'crew']);
      assert.equal((await client.event('GUILD_ROLE_UPDATE')).d.role.color, 255);
      const moved = await ask(url, 'PATCH', [{ id: made.id, position: 0 }]);
      assert.equal(moved.body.find(({ id }: { id: string }) => id === made.id).position, 0);
      assert.equal((await ask(`${url}/${made.id}`, 'DELETE')).status, 204);
      assert.equal((await client.event('GUILD_ROLE_DELETE')).d.role_id, made.id);
      assert.equal((await ask(url)).body.length, 3);
    });

    it('above the bot’s own, of bots and of everybody are out of reach, and so is what the bot itself has not', async () => {
      const url = `/guilds/${guild.id}/roles`;
      assert.equal(await codeOf(url, 'POST', {}, guest), 50013);
      grant(guest, manageRoles);
      const top = await make({ name: 'top' });
      const role = guild.roles.get(top.id);
      assert.ok(role);
      emulator.world.updateRole(guild, role, { position: 9 });
      assert.equal(await codeOf(`${url}/${top.id}`, 'PATCH', { name: 'x' }, guest), 50013);
      assert.equal(await codeOf(`${url}/${top.id}`, 'DELETE', undefined, guest), 50013);
      assert.equal(await codeOf(url, 'PATCH', [{ id: top.id, position: 0 }], guest), 50013);
      assert.equal(await codeOf(url, 'POST', { permissions: '8' }, guest), 50013);
      assert.equal(await codeOf(`${url}/${guild.id}`, 'DELETE', undefined, bot), 50028);
      const own = guild.members.get(guest.id)?.roleIds[0];
      assert.equal(await codeOf(`${url}/${own}`, 'DELETE', undefined, bot), 50028);
      assert.equal(await codeOf(url, 'POST', { permissions: 'all' }, bot), 50035);
      while (guild.roles.size < 250) emulator.world.createRole(guild);
      assert.equal(await codeOf(url, 'POST', {}, bot), 30005);
    });
  });

  describe('members', () => {
    it('are listed by id for applications with the members intent, and found one by one', async () => {
      const url = `/guilds/${guild.id}/members`;
      const ids = async (query: string) =>
        (await ask(url + query)).body.map(({ user }: { user: { id: string } }) => user.id);
      const all = [...guild.members.keys()].sort((one, other) => (BigInt(one) < BigInt(other) ? -1 : 1));
      assert.deepEqual(await ids('?limit=1000'), all);
      assert.deepEqual(await ids(''), all.slice(0, 1));
      assert.deepEqual(await ids(`?limit=1&after=${all[0]}`), all.slice(1, 2));
      assert.equal(await codeOf(url, 'GET', undefined, guest), 50001);
      assert.equal((await ask(`${url}/${guest.id}`)).body.user.id, guest.id);
      assert.equal((await ask(`${url}/${stranger.id}`)).body.code, 10007);
    });

    it('get names and roles, and lose them', async () => {
      const client = await watch();
      const role = emulator.world.createRole(guild, { name: 'crew' });
      const url = `/guilds/${guild.id}/members/${guest.id}`;
      assert.equal((await ask(url, 'PATCH', { nick: 'guest' })).body.nick, 'guest');
      assert.equal((await client.event('GUILD_MEMBER_UPDATE')).d.nick, 'guest');
      const own = guild.members.get(guest.id)?.roleIds ?? [];
      assert.equal((await ask(`${url}/roles/${role.id}`, 'PUT')).status, 204);
      assert.equal((await ask(`${url}/roles/${role.id}`, 'PUT')).status, 204);
      assert.deepEqual((await ask(url)).body.roles, [...own, role.id]);
      assert.equal((await ask(`${url}/roles/${role.id}`, 'DELETE')).status, 204);
      assert.deepEqual((await ask(url, 'PATCH', { roles: [...own, role.id] })).body.roles, [...own, role.id]);
      assert.equal((await ask(url, 'PATCH', { roles: [role.id] })).body.code, 50028, 'a bot’s own role stays');
      assert.equal((await ask(url, 'PATCH', { nick: null })).body.nick, null);
      assert.equal((await ask(`/guilds/${guild.id}/members/@me`, 'PATCH', { nick: 'me' })).body.nick, 'me');
      assert.equal((await ask(`${url}/roles/1`, 'PUT')).body.code, 10011);
    });

    it('are moved and muted in voice channels, where they are', async () => {
      const client = await watch();
      const [one, two] = ['one', 'two'].map((name) => emulator.world.createChannel(guild, { name, type: 2 }).id);
      const url = `/guilds/${guild.id}/members/${guest.id}`;
      assert.equal((await ask(url, 'PATCH', { channel_id: one })).body.code, 40032);
      assert.equal((await ask(`/guilds/${guild.id}/voice-states/${guest.id}`)).body.code, 10065);
      emulator.world.setVoiceState(guild, guest.bot, { channelId: one ?? '' });
      assert.equal((await ask(url, 'PATCH', { channel_id: channelOf(bot) })).body.code, 10003);
      await ask(url, 'PATCH', { channel_id: two, mute: true });
      const state = (await ask(`/guilds/${guild.id}/voice-states/${guest.id}`)).body;
      assert.deepEqual([state.channel_id, state.mute, state.guild_id], [two, true, guild.id]);
      assert.equal((await ask(`/guilds/${guild.id}/voice-states/@me`, 'GET', undefined, guest)).body.channel_id, two);
      assert.equal((await client.next(({ t, d }) => t === 'VOICE_STATE_UPDATE' && d.mute)).d.channel_id, two);
      await ask(url, 'PATCH', { channel_id: null });
      assert.equal(guild.voiceStates.size, 0);
      assert.equal((await ask('/voice/regions')).body.length, 1);
      assert.equal((await ask(`/guilds/${guild.id}/regions`)).body[0].id, 'emulated');
    });

    it('that are timed out read and do not write', async () => {
      const url = `/guilds/${guild.id}/members/${guest.id}`;
      const until = new Date(clock.wallMs() + 60_000).toISOString();
      assert.notEqual(
        (await ask(url, 'PATCH', { communication_disabled_until: until })).body.communication_disabled_until,
        null,
      );
      const messages = `/channels/${channelOf(bot)}/messages`;
      assert.equal(await codeOf(messages, 'POST', { content: 'x' }, guest), 50013);
      assert.equal((await ask(messages, 'GET', undefined, guest)).status, 200);
      clock.advance(60_000);
      assert.equal((await ask(messages, 'POST', { content: 'x' }, guest)).status, 200);
      await ask(url, 'PATCH', { communication_disabled_until: null });
      assert.equal(guild.members.get(guest.id)?.timedOutUntilMs, null);
    });

    it('are kicked by who may and stands above, and the owner by nobody', async () => {
      const client = await watch();
      const url = `/guilds/${guild.id}/members`;
      assert.equal(await codeOf(`${url}/${bot.id}`, 'DELETE', undefined, guest), 50013);
      grant(guest, bits.kickMembers);
      assert.equal(await codeOf(`${url}/${bot.id}`, 'DELETE', undefined, guest), 50013, 'the older bot stands above');
      assert.equal(await codeOf(`${url}/${guild.ownerId}`, 'DELETE', undefined, bot), 50013);
      assert.equal(await codeOf(`${url}/${stranger.id}`, 'DELETE', undefined, bot), 10007);
      assert.equal((await ask(`${url}/${guest.id}`, 'DELETE')).status, 204);
      assert.equal((await client.event('GUILD_MEMBER_REMOVE')).d.user.id, guest.id);
      assert.equal(await codeOf(`/guilds/${guild.id}`, 'GET', undefined, guest), 50001);
    });

    it('are not changed without the right for just that change', async () => {
      const you = guild.ownerId;
      const ada = emulator.say({ channelId: channelOf(bot), author: 'ada', content: 'hi' }).author.id;
      const url = `/guilds/${guild.id}/members/${ada}`;
      for (const body of [{ nick: 'x' }, { roles: [] }, { mute: true }, { deaf: true }, { channel_id: null }])
        assert.equal(await codeOf(url, 'PATCH', body, guest), 50013, JSON.stringify(body));
      assert.equal(await codeOf(`/guilds/${guild.id}/members/${you}`, 'PATCH', { nick: 'x' }, bot), 50013);
      assert.equal((await ask(url, 'PATCH', { nick: 'x'.repeat(33) })).body.code, 50035);
    });
  });

  describe('threads', () => {
    it('begin with a message or without, and are joined, left and archived', async () => {
      const client = await watch();
      const { id } = emulator.say({ channelId: channelOf(bot), content: 'topic' });
      const url = `/channels/${channelOf(bot)}`;
      const begun = await ask(`${url}/messages/${id}/threads`, 'POST', { name: 'On it', auto_archive_duration: 60 });
      assert.deepEqual([begun.status, begun.body.id, begun.body.type, begun.body.name], [201, id, 11, 'On it']);
      assert.equal((await client.event('THREAD_CREATE')).d.parent_id, channelOf(bot));
      assert.equal((await ask(`${url}/messages/${id}`)).body.thread.id, id);
      assert.equal((await ask(`${url}/messages/${id}/threads`, 'POST', { name: 'again' })).body.code, 160004);
      const members = `/channels/${id}/thread-members`;
      const ids = async () => (await ask(members)).body.map(({ user_id }: { user_id: string }) => user_id);
      assert.deepEqual(await ids(), [bot.id]);
      assert.equal((await ask(`${members}/@me`, 'PUT', undefined, guest)).status, 204);
      assert.equal((await ask(`${members}/${guest.id}`)).body.user_id, guest.id);
      assert.equal(await codeOf(`${members}/${bot.id}`, 'DELETE', undefined, guest), 50013);
      assert.equal((await ask(`${members}/${guest.id}`, 'DELETE')).status, 204);
      assert.equal((await ask(`${members}/@me`, 'DELETE')).status, 204);
      assert.deepEqual(await ids(), []);
      assert.equal((await ask(`${members}/@me`)).body.code, 10007);
      assert.equal((await ask(`${members}/${stranger.id}`, 'PUT')).body.code, 10007);
      assert.equal((await ask(`/channels/${id}`, 'PATCH', { archived: true })).body.thread_metadata.archived, true);
      assert.equal((await ask(`${members}/@me`, 'PUT')).body.code, 50083);
      const archived = await ask(`${url}/threads/archived/public`);
      assert.deepEqual([archived.body.threads.length, archived.body.has_more], [1, false]);
      assert.equal((await ask(`/channels/${id}`, 'DELETE')).status, 200);
      assert.equal((await ask(`${url}/messages/${id}`)).body.thread, undefined);
    });

    it('are private unless told, and then seen by their members and who manages threads', async () => {
      const url = `/channels/${channelOf(bot)}/threads`;
      const { body } = await ask(url, 'POST', { name: 'secret' });
      assert.equal(body.type, 12);
      assert.equal(await codeOf(`/channels/${body.id}`, 'GET', undefined, guest), 50001);
      const active = async (application: Application) =>
        (await ask(`/guilds/${guild.id}/threads/active`, 'GET', undefined, application)).body;
      assert.deepEqual([(await active(guest)).threads, (await active(bot)).members.length], [[], 1]);
      await ask(`/channels/${body.id}/thread-members/${guest.id}`, 'PUT');
      assert.equal((await ask(`/channels/${body.id}`, 'GET', undefined, guest)).status, 200);
      assert.equal((await ask(`/channels/${body.id}/messages`, 'POST', { content: 'x' }, guest)).status, 200);
      assert.equal(await codeOf(`/channels/${body.id}`, 'PATCH', { locked: true }, guest), 50013);
      assert.equal((await ask(url, 'POST', { name: 'open', type: 11 }, guest)).body.type, 11);
      assert.equal(await codeOf(`/channels/${body.id}`, 'DELETE', undefined, guest), 50013);
      grant(guest, bits.manageThreads);
      assert.equal(await codeOf(`/channels/${channelOf(bot)}`, 'DELETE', undefined, guest), 50013);
      assert.equal((await ask(`/channels/${body.id}`, 'DELETE', undefined, guest)).status, 200);
    });

    it('public and private, are opened with the right to just those', async () => {
      const url = `/channels/${channelOf(bot)}/threads`;
      const open = async (type: number) => (await ask(url, 'POST', { name: 'x', type }, guest)).status;
      const overwrite = { id: guild.id, type: 0, allow: '0' };
      const channel = emulator.world.channel(channelOf(bot));
      emulator.world.updateChannel(channel, { overwrites: [{ ...overwrite, deny: String(bits.createPublicThreads) }] });
      assert.deepEqual([await open(11), await open(12)], [403, 201]);
      emulator.world.updateChannel(channel, {
        overwrites: [{ ...overwrite, deny: String(bits.createPrivateThreads) }],
      });
      assert.deepEqual([await open(11), await open(12)], [201, 403]);
    });

    it('do not hang on voice channels, categories and direct messages', async () => {
      const voice = emulator.world.createChannel(guild, { name: 'v', type: 2 });
      const category = emulator.world.createChannel(guild, { name: 'c', type: 4 });
      assert.equal((await ask(`/channels/${voice.id}/threads`, 'POST', { name: 'x', type: 11 })).body.code, 50024);
      assert.equal((await ask(`/channels/${category.id}/messages`, 'POST', { content: 'x' })).body.code, 50008);
      assert.equal((await ask(`/channels/${voice.id}/thread-members`)).body.code, 50024);
      const { channelId, id } = emulator.directMessage({ applicationId: bot.id, content: 'x' });
      assert.equal(
        (await ask(`/channels/${channelId}/messages/${id}/threads`, 'POST', { name: 'x' })).body.code,
        50003,
      );
    });
  });
});
