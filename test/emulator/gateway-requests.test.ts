import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import type { Application, Emulator, Guild } from '../../src/emulator/index.ts';
import { createEmulator } from '../../src/emulator/index.ts';
import type { Payload } from './raw-client.ts';
import { RawClient } from './raw-client.ts';
import { VirtualClock } from './virtual-clock.ts';

const intent = { guilds: 1 << 0, members: 1 << 1, voice: 1 << 7, presences: 1 << 8 };
const allPrivileged = intent.members | intent.presences;
const voiceChannel = 2;

let emulator: Emulator;
let clock: VirtualClock;
let clients: RawClient[] = [];
before(async () => {
  clock = new VirtualClock();
  emulator = await createEmulator({ identifyWindowMs: 1, clock });
});
after(() => emulator.close());
afterEach(() => {
  for (const { socket } of clients) socket.terminate();
  clients = [];
});

const enter = async (bot: Application, intents: number, fields: object = {}) => {
  clock.advance(1);
  const client = new RawClient(emulator);
  clients.push(client);
  await client.login(bot.token, { intents, ...fields });
  return client;
};
/** Everything that was on its way before has arrived. */
const settled = async (client: RawClient) => {
  client.send(1, null);
  await client.op(11);
};
/** Two bots that share a guild. */
const neighbours = (members = 2) => {
  const guests = [0, 1].map(() => emulator.createApplication({ guilds: 0, privilegedIntents: allPrivileged }));
  const [first, second] = guests as [Application, Application];
  const people = Array.from({ length: members - 2 }, (_, index) => emulator.world.person(`Person ${index}`));
  const owner = emulator.world.person('owner');
  const guild = emulator.world.createGuild({ name: 'shared', owner, members: [first.bot, second.bot, ...people] });
  return { first, second, guild };
};

describe('op 3, a presence', () => {
  const watching = { name: 'the tests', type: 3, state: null, created_at: 5, secrets: {} };

  it('is shown to every bot of the guild with the presences intent, itself included, and in later GUILD_CREATEs', async () => {
    const { first, second, guild } = neighbours();
    const itself = await enter(first, intent.guilds | intent.presences);
    const other = await enter(second, intent.guilds | intent.presences);
    itself.send(3, { since: null, activities: [watching], status: 'dnd', afk: false });
    for (const client of [itself, other]) {
      const { d } = await client.next(({ t, d: { status } }) => t === 'PRESENCE_UPDATE' && status === 'dnd');
      assert.deepEqual(d, {
        user: { id: first.id },
        guild_id: guild.id,
        status: 'dnd',
        activities: [{ name: 'the tests', type: 3, state: null }],
        client_status: { web: 'dnd' },
      });
    }
    const late = await enter(second, intent.guilds | intent.presences);
    const { d } = await late.event('GUILD_CREATE');
    assert.deepEqual(
      d.presences.map(({ user, status }: { user: { id: string }; status: string }) => [user.id, status]),
      [
        [first.id, 'dnd'],
        [second.id, 'online'],
      ],
    );
  });

  it('is not shown without the intent, and not before READY to the bot itself', async () => {
    const { first, second } = neighbours();
    const blind = await enter(second, intent.guilds);
    const itself = await enter(first, intent.guilds | intent.presences);
    itself.send(3, { since: null, activities: [], status: 'idle', afk: false });
    await itself.event('PRESENCE_UPDATE');
    await settled(blind);
    assert.equal(blind.events('PRESENCE_UPDATE').length, 0);
    assert.deepEqual(blind.events('GUILD_CREATE')[0]?.d.presences, []);
    assert.equal(itself.received[1]?.t, 'READY');
  });

  it('comes and goes with the session; who hides looks offline', async () => {
    const { first, second } = neighbours();
    const watcher = await enter(second, intent.guilds | intent.presences);
    const statuses = async (count: number) => {
      const seen: string[] = [];
      while (seen.length < count) {
        const { d } = await watcher.next(({ t, d: { user } }) => t === 'PRESENCE_UPDATE' && user.id === first.id);
        seen.push(d.status);
      }
      return seen;
    };
    const client = await enter(first, 0, { presence: { status: 'idle', since: null, activities: [], afk: true } });
    client.send(3, { since: null, activities: [watching], status: 'invisible', afk: false });
    client.send(3, { since: null, activities: [], status: 'online', afk: false });
    client.send(1, null);
    await client.op(11);
    client.socket.close(1000);
    assert.deepEqual(await statuses(4), ['idle', 'offline', 'online', 'offline']);
    assert.equal(emulator.isOnline(first.id), false);
  });

  it('of a person who hides looks offline, too', async () => {
    const { first, guild } = neighbours();
    const watcher = await enter(first, intent.guilds | intent.presences);
    const person = emulator.world.person('hider');
    emulator.world.addMember(guild, person);
    emulator.world.setPresence(person, { status: 'invisible', activities: [watching] });
    const { d } = await watcher.event('PRESENCE_UPDATE');
    assert.deepEqual([d.user.id, d.status, d.activities, d.client_status], [person.id, 'offline', [], {}]);
  });

  it('stays while a dropped session may still be resumed', async () => {
    const { first, second } = neighbours();
    const watcher = await enter(second, intent.guilds | intent.presences);
    const client = await enter(first, 0);
    await watcher.event('PRESENCE_UPDATE');
    client.socket.terminate();
    await emulator.ledger.waitFor({ type: 'close', applicationId: first.id });
    await settled(watcher);
    assert.equal(watcher.events('PRESENCE_UPDATE').length, 1, 'only that it came');
  });

  it('changes nothing more than five times in 20 s', async () => {
    const { first } = neighbours();
    const client = await enter(first, intent.guilds | intent.presences);
    const change = async (name: string) => {
      client.send(3, { since: null, activities: [{ name, type: 0 }], status: 'online', afk: false });
      await settled(client);
      return client.events('PRESENCE_UPDATE').at(-1)?.d.activities[0]?.name;
    };
    for (const name of ['1', '2', '3', '4', '5']) assert.equal(await change(name), name);
    assert.equal(await change('6'), '5');
    clock.advance(20_000);
    assert.equal(await change('7'), '7');
  });

  for (const [name, d] of Object.entries({
    'no status': { activities: [] },
    'an unknown status': { status: 'asleep', activities: [] },
    'an activity without a name': { status: 'online', activities: [{ type: 0 }] },
    'an activity of no known type': { status: 'online', activities: [{ name: 'x', type: 9 }] },
    'activities that are no list': { status: 'online', activities: {} },
  }))
    it(`with ${name} closes with 4002`, async () => {
      const client = await enter(emulator.createApplication(), 0);
      client.send(3, d);
      assert.equal(await client.closed, 4002);
    });
});

describe('op 4, a voice channel', () => {
  const stateOf = ({ d }: Payload) => [d.user_id, d.channel_id, d.self_mute, d.self_deaf, d.session_id];
  const voiceIn = (guild: Guild, userLimit = 0) =>
    emulator.world.createChannel(guild, { name: 'voice', type: voiceChannel, userLimit });

  it('is joined, changed and left; everybody with the intent hears, the bot gets a voice server that does not answer', async () => {
    const { first, second, guild } = neighbours();
    const { id } = voiceIn(guild);
    const itself = await enter(first, intent.guilds | intent.voice);
    const other = await enter(second, intent.guilds | intent.voice);
    const sessionId = itself.events('READY')[0]?.d.session_id;
    const move = (channelId: string | null, mute: boolean) =>
      itself.send(4, { guild_id: guild.id, channel_id: channelId, self_mute: mute, self_deaf: false });
    move(id, false);
    move(id, true);
    move(null, false);
    for (const client of [itself, other]) {
      const states = [];
      while (states.length < 3) states.push(await client.event('VOICE_STATE_UPDATE'));
      assert.deepEqual(states.map(stateOf), [
        [first.id, id, false, false, sessionId],
        [first.id, id, true, false, sessionId],
        [first.id, null, false, false, sessionId],
      ]);
      assert.equal(states[0]?.d.guild_id, guild.id);
      assert.equal(states[0]?.d.member.user.id, first.id);
    }
    await settled(other);
    assert.equal(other.events('VOICE_SERVER_UPDATE').length, 0);
    const [server, ...more] = itself.events('VOICE_SERVER_UPDATE');
    assert.deepEqual(more, []);
    assert.equal(server?.d.guild_id, guild.id);
    assert.match(server?.d.endpoint, /\.invalid:443$/);
    assert.equal(guild.voiceStates.size, 0);
  });

  it('stands in GUILD_CREATE with whoever is in it, and is left when the session ends', async () => {
    const { first, second, guild } = neighbours(10);
    const { id } = voiceIn(guild);
    const singer = emulator.world.person('Person 3');
    emulator.world.setVoiceState(guild, singer, { channelId: id, selfMute: true });
    const client = await enter(first, 0);
    client.send(4, { guild_id: guild.id, channel_id: id, self_mute: false, self_deaf: true });
    await settled(client);
    const watcher = await enter(second, intent.guilds | intent.voice);
    const { d } = await watcher.event('GUILD_CREATE');
    assert.deepEqual(
      d.voice_states.map((state: Payload['d']) => [state.user_id, state.channel_id, state.self_mute, state.guild_id]),
      [
        [singer.id, id, true, undefined],
        [first.id, id, false, undefined],
      ],
    );
    assert.deepEqual(
      d.members.map(({ user }: { user: { id: string } }) => user.id),
      [first.id, second.id, singer.id],
      'without the presences intent only oneself and who is in voice',
    );
    client.socket.close(1000);
    const left = await watcher.event('VOICE_STATE_UPDATE');
    assert.deepEqual([left.d.user_id, left.d.channel_id], [first.id, null]);
  });

  it('is kept by a session that may be resumed, not by another session of the bot', async () => {
    const { first, guild } = neighbours();
    const { id } = voiceIn(guild);
    const client = await enter(first, 0);
    const second = await enter(first, 0);
    client.send(4, { guild_id: guild.id, channel_id: id, self_mute: false, self_deaf: false });
    await settled(client);
    await settled(second);
    assert.deepEqual(second.events('VOICE_SERVER_UPDATE'), [], 'only the session that went there is to connect');
    second.socket.close(1000);
    client.socket.terminate();
    await emulator.ledger.waitFor({ type: 'close', applicationId: first.id }, { count: 2 });
    assert.equal(guild.voiceStates.get(first.id)?.channelId, id);
    clock.advance(90_000);
    assert.equal(guild.voiceStates.size, 0);
  });

  it('moved by a moderator, the bot gets a new voice server; muted by one, it does not', async () => {
    const { first, guild } = neighbours();
    const [from, to] = [voiceIn(guild), voiceIn(guild)];
    const client = await enter(first, intent.voice);
    client.send(4, { guild_id: guild.id, channel_id: from.id, self_mute: false, self_deaf: false });
    await client.event('VOICE_SERVER_UPDATE');
    emulator.world.setVoiceState(guild, first.bot, { channelId: to.id });
    await client.event('VOICE_SERVER_UPDATE');
    const member = guild.members.get(first.id);
    assert.ok(member);
    emulator.world.updateMember(guild, member, { mute: true });
    await settled(client);
    const states = client.events('VOICE_STATE_UPDATE').map(({ d }) => [d.channel_id, d.mute]);
    assert.deepEqual(states, [
      [from.id, false],
      [to.id, false],
      [to.id, true],
    ]);
    assert.equal(client.events('VOICE_SERVER_UPDATE').length, 2);
  });

  it('where it cannot be, nothing happens', async () => {
    const { first, guild } = neighbours();
    const foreign = neighbours().guild;
    const full = voiceIn(guild, 1);
    emulator.world.setVoiceState(guild, emulator.world.person('owner'), { channelId: full.id });
    const client = await enter(first, intent.guilds | intent.voice);
    for (const [guildId, channelId] of [
      [guild.id, guild.channelIds[0]],
      [guild.id, voiceIn(foreign).id],
      [guild.id, '1'.repeat(18)],
      [guild.id, full.id],
      [foreign.id, voiceIn(foreign).id],
      ['1'.repeat(18), null],
    ])
      client.send(4, { guild_id: guildId, channel_id: channelId, self_mute: false, self_deaf: false });
    client.send(4, { guild_id: guild.id, channel_id: null, self_mute: false, self_deaf: false });
    await settled(client);
    assert.deepEqual(client.events('VOICE_STATE_UPDATE'), []);
    assert.equal(guild.voiceStates.has(first.id), false);
  });

  for (const d of [{}, 'yes', { guild_id: '1'.repeat(18) }, { guild_id: 1, channel_id: null }])
    it(`as ${JSON.stringify(d)} closes with 4002`, async () => {
      const client = await enter(emulator.createApplication(), 0);
      client.send(4, d);
      assert.equal(await client.closed, 4002);
    });
});

describe('op 8, the members of a guild', () => {
  const names = ({ d }: Payload): string[] =>
    d.members.map(({ user }: { user: { username: string } }) => user.username);

  it('all of them come in chunks of a thousand, with nonce and presences as asked for', async () => {
    const { first, guild } = neighbours(2_300);
    const client = await enter(first, intent.members | intent.presences);
    client.send(8, { guild_id: guild.id, query: '', limit: 0, presences: true, nonce: 'n1' });
    const chunks = [];
    while (chunks.length < 3) chunks.push(await client.event('GUILD_MEMBERS_CHUNK'));
    assert.deepEqual(
      chunks.map(({ d }) => [d.guild_id, d.chunk_index, d.chunk_count, d.members.length, d.nonce]),
      [
        [guild.id, 0, 3, 1_000, 'n1'],
        [guild.id, 1, 3, 1_000, 'n1'],
        [guild.id, 2, 3, 301, 'n1'],
      ],
    );
    const mine = chunks[0]?.d.presences.find(({ user }: Payload['d']) => user.id === first.id);
    assert.equal(mine.status, 'online');
    assert.equal(new Set(chunks.flatMap(names)).size, 2_301);
  });

  it('all of them once per guild in 30 s; sooner it is answered with RATE_LIMITED', async () => {
    const { first, guild } = neighbours();
    const another = emulator.world.createGuild({ name: 'b', owner: emulator.world.person('o'), members: [first.bot] });
    const client = await enter(first, intent.members);
    const ask = (id: string, nonce: string) => client.send(8, { guild_id: id, query: '', limit: 0, nonce });
    ask(guild.id, 'a');
    await client.event('GUILD_MEMBERS_CHUNK');
    clock.advance(10_000);
    ask(guild.id, 'b');
    const { d } = await client.event('RATE_LIMITED');
    assert.deepEqual(d, { opcode: 8, retry_after: 20, meta: { guild_id: guild.id, nonce: 'b' } });
    ask(another.id, 'c');
    assert.equal((await client.event('GUILD_MEMBERS_CHUNK')).d.nonce, 'c');
    clock.advance(20_000);
    ask(guild.id, 'd');
    assert.equal((await client.event('GUILD_MEMBERS_CHUNK')).d.nonce, 'd');
  });

  it('by the beginning of a name or nickname, a hundred at most, without any intent', async () => {
    const { first, guild } = neighbours(150);
    const client = await enter(first, 0);
    const member = guild.members.get(emulator.world.person('Person 7').id);
    assert.ok(member);
    emulator.world.updateMember(guild, member, { nick: 'Zebra' });
    const search = async (query: string, limit: number) => {
      client.send(8, { guild_id: guild.id, query, limit });
      return names(await client.event('GUILD_MEMBERS_CHUNK'));
    };
    assert.deepEqual(await search('person 14', 10), [
      'Person 14',
      ...[0, 1, 2, 3, 4, 5, 6, 7].map((n) => `Person 14${n}`),
    ]);
    assert.deepEqual(await search('zeb', 1), ['Person 7']);
    assert.equal((await search('person', 3)).length, 3);
    assert.equal((await search('person', 0)).length, 100);
    assert.equal((await search('person', 1_000)).length, 100);
    assert.deepEqual(await search('nobody', 5), []);
  });

  it('by id: those who are there, and which are not', async () => {
    const { first, second, guild } = neighbours();
    const client = await enter(first, 0);
    const stranger = emulator.world.person('stranger').id;
    client.send(8, { guild_id: [guild.id], user_ids: [second.id, stranger] });
    const { d } = await client.event('GUILD_MEMBERS_CHUNK');
    assert.deepEqual(
      d.members.map(({ user }: { user: { id: string } }) => user.id),
      [second.id],
    );
    assert.deepEqual(d.not_found, [stranger]);
    assert.equal('presences' in d, false);
    client.send(8, { guild_id: guild.id, user_ids: second.id, nonce: 'x'.repeat(33) });
    const single = await client.event('GUILD_MEMBERS_CHUNK');
    assert.equal(single.d.members.length, 1);
    assert.equal('not_found' in single.d, false);
    assert.equal('nonce' in single.d, false, 'too long a nonce is ignored');
  });

  it('all of them not without the members intent, and presences not without theirs', async () => {
    const { first, guild } = neighbours();
    const client = await enter(first, 0);
    client.send(8, { guild_id: guild.id, query: '', limit: 0 });
    client.send(8, { guild_id: guild.id, query: '', limit: 5 });
    client.send(8, { guild_id: '1'.repeat(18), query: 'a', limit: 5 });
    client.send(8, { guild_id: guild.id, query: 'person', limit: 1, presences: true });
    const { d } = await client.event('GUILD_MEMBERS_CHUNK');
    assert.equal('presences' in d, false);
    await settled(client);
    assert.equal(client.events('GUILD_MEMBERS_CHUNK').length, 1);
  });

  for (const d of [
    {},
    { guild_id: '1'.repeat(18) },
    { guild_id: '1'.repeat(18), query: '' },
    { guild_id: ['1'.repeat(18), '2'.repeat(18)], query: '', limit: 0 },
    { guild_id: '1'.repeat(18), query: '', limit: -1 },
    { guild_id: 'x', query: '', limit: 0 },
  ])
    it(`as ${JSON.stringify(d)} closes with 4002`, async () => {
      const client = await enter(emulator.createApplication(), 0);
      client.send(8, d);
      assert.equal(await client.closed, 4002);
    });
});

describe('op 1 from the server', () => {
  it('asks for a heartbeat at once', async () => {
    const bot = emulator.createApplication();
    const client = await enter(bot, 0);
    emulator.faults.set({ fault: 'request-heartbeat', target: bot.id });
    assert.equal((await client.op(1)).d, null);
    client.send(1, client.sequence);
    await client.op(11);
  });
});
