import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import type { Application, Emulator } from '../../src/emulator/index.ts';
import { createEmulator } from '../../src/emulator/index.ts';
import { adminUrl, call, channelOf } from './call.ts';
import type { Payload } from './raw-client.ts';
import { RawClient } from './raw-client.ts';

describe('what the page does', () => {
  let emulator: Emulator;
  let bot: Application;
  let client: RawClient;
  let guildId: string;
  before(async () => {
    emulator = await createEmulator({ identifyWindowMs: 1, interactionDeadlineMs: 150, messageCalls: 1_000 });
    bot = emulator.createApplication({ name: 'helper', privilegedIntents: 32_770 });
    guildId = bot.guildIds[0] ?? '';
    client = new RawClient(emulator);
    await client.login(bot.token, {
      intents: (1 << 0) | (1 << 1) | (1 << 9) | (1 << 10) | (1 << 11) | (1 << 12) | (1 << 15),
    });
    await client.event('GUILD_CREATE');
  });
  after(() => emulator.close());

  const ask = (method: string, path: string, body?: unknown) =>
    call(`${adminUrl(emulator)}/${path}`, method, body === undefined ? {} : { body });
  const asked = async (method: string, path: string, body?: unknown) => (await ask(method, path, body)).body;
  const asBot = (method: string, path: string, body?: unknown) =>
    call(`${emulator.url}/${path}`, method, { token: bot.token, ...(body === undefined ? {} : { body }) });
  const here = () => ({ applicationId: bot.id, channelId: channelOf(bot), author: 'ada' });
  const answer = ({ d }: Payload, type: number, data?: unknown) =>
    asBot('POST', `interactions/${d.id}/${d.token}/callback`, { type, ...(data === undefined ? {} : { data }) });

  it('knows people, and makes new ones', async () => {
    const grace = await asked('POST', 'people', { name: 'grace' });
    assert.equal(grace.name, 'grace');
    assert.deepEqual(await asked('POST', 'people', { name: 'grace' }), grace);
    assert.ok((await asked('GET', 'people')).some(({ id }: { id: string }) => id === grace.id));
    assert.equal((await ask('POST', 'people', { name: '' })).status, 400);
  });

  it('knows guilds with their roles, and makes guilds, channels and members', async () => {
    const other = await asked('POST', 'applications', { name: 'other', guilds: 0 });
    const guild = await asked('POST', 'guilds', { name: 'Dragon Keep', applicationIds: [bot.id] });
    assert.equal((await client.event('GUILD_CREATE')).d.name, 'Dragon Keep');
    const channel = await asked('POST', `guilds/${guild.id}/channels`, { name: 'dice' });
    assert.equal((await client.event('CHANNEL_CREATE')).d.id, channel.id);
    await asked('POST', `guilds/${guild.id}/members`, { applicationId: other.id });
    await asked('POST', `guilds/${guild.id}/members`, { name: 'grace' });
    const members = await asked('GET', `channels/${channel.id}/members`);
    assert.deepEqual(
      members.map((member: { name: string; bot: boolean; online: boolean }) => [
        member.name,
        member.bot,
        member.online,
      ]),
      [
        ['you', false, true],
        ['helper', true, true],
        ['other', true, false],
        ['grace', false, true],
      ],
    );
    emulator.world.createRole(emulator.world.guild(guild.id), { name: 'keepers' });
    const listed = (await asked('GET', 'guilds')).find(({ id }: { id: string }) => id === guild.id);
    // Each bot has a role of its own besides.
    assert.equal(listed.roles.at(-1).name, 'keepers');
    assert.equal((await ask('POST', 'guilds/1/channels', { name: 'x' })).status, 404);
    assert.equal((await ask('POST', `guilds/${guild.id}/members`, { applicationId: '1' })).status, 404);
  });

  it('opens direct messages, where the bot and one person are', async () => {
    const channel = await asked('POST', 'direct-channels', { applicationId: bot.id, author: 'ada' });
    assert.deepEqual([channel.name, channel.guildId, channel.type], ['ada', null, 1]);
    assert.equal((await asked('POST', 'direct-channels', { applicationId: bot.id, author: 'ada' })).id, channel.id);
    const members = await asked('GET', `channels/${channel.id}/members`);
    assert.deepEqual(
      members.map(({ name }: { name: string }) => name),
      ['helper', 'ada'],
    );
    await asked('POST', 'say', { channelId: channel.id, author: 'ada', content: 'psst' });
    const { d } = await client.event('MESSAGE_CREATE');
    // discord.js does not know the channel otherwise, and drops the message.
    assert.deepEqual([d.content, d.channel_type, d.guild_id], ['psst', 1, undefined]);
  });

  it('types, changes and deletes what a person wrote, and nobody else’s', async () => {
    await asked('POST', `channels/${channelOf(bot)}/typing`, { author: 'ada' });
    const { d: typing } = await client.event('TYPING_START');
    assert.equal(typing.member.user.username, 'ada');
    const { id } = await asked('POST', 'say', { channelId: channelOf(bot), author: 'ada', content: 'hello' });
    const path = `channels/${channelOf(bot)}/messages/${id}`;
    assert.equal((await ask('PATCH', path, { author: 'grace', content: 'x' })).status, 400);
    const edited = await asked('PATCH', path, { author: 'ada', content: `<@${bot.id}> bye` });
    assert.deepEqual([edited.edited, edited.mentions], [true, [{ id: bot.id, name: 'helper' }]]);
    assert.equal((await client.event('MESSAGE_UPDATE')).d.content, `<@${bot.id}> bye`);
    assert.equal((await ask('PATCH', path, { author: 'ada', content: 'x'.repeat(2_001) })).status, 400);
    const [channel, ada] = [emulator.world.channel(channelOf(bot)), emulator.world.person('ada')];
    assert.throws(() => emulator.people.rewrite(channel, id, ada, 'x'.repeat(2_001)), /at most 2000 characters/);
    assert.equal((await ask('DELETE', path, { author: 'grace' })).status, 400);
    await ask('DELETE', path, { author: 'ada' });
    assert.equal((await client.event('MESSAGE_DELETE')).d.id, id);
    assert.equal((await ask('DELETE', path, { author: 'ada' })).status, 404);
  });

  it('reacts, and takes it back', async () => {
    const { id } = await asked('POST', 'say', { channelId: channelOf(bot), content: 'good?' });
    const path = `channels/${channelOf(bot)}/messages/${id}/reactions`;
    assert.deepEqual((await asked('POST', path, { author: 'ada', emoji: '👍' })).reactions, [
      { emoji: '👍', names: ['ada'] },
    ]);
    assert.equal((await client.event('MESSAGE_REACTION_ADD')).d.emoji.name, '👍');
    assert.deepEqual((await asked('DELETE', path, { author: 'ada', emoji: '👍' })).reactions, []);
    assert.equal((await client.event('MESSAGE_REACTION_REMOVE')).d.message_id, id);

    const channel = emulator.world.channel(channelOf(bot));
    const message = emulator.world.findMessage(channel, id);
    assert.ok(message);
    emulator.world.react(channel, message, bot.bot, { id: '1234567890123456', name: 'dragon' });
    assert.deepEqual((await asked('POST', path, { author: 'ada', emoji: ':dragon:' })).reactions, [
      { emoji: ':dragon:', names: ['helper', 'ada'] },
    ]);
  });

  it('lists the slash commands that can be used in a channel', async () => {
    await asBot('PUT', `applications/${bot.id}/commands`, [
      { name: 'ping', description: 'Answers' },
      { name: 'Look at', type: 2 },
    ]);
    await asBot('PUT', `applications/${bot.id}/guilds/${guildId}/commands`, [
      { name: 'here', description: 'Only here' },
    ]);
    const named = async (channelId: string) =>
      (await asked('GET', `channels/${channelId}/commands`)).map(
        ({ name, application }: { name: string; application: string }) => `${application}/${name}`,
      );
    assert.deepEqual(await named(channelOf(bot)), ['helper/ping', 'helper/here']);
    const direct = await asked('POST', 'direct-channels', { applicationId: bot.id });
    assert.deepEqual(await named(direct.id), ['helper/ping']);
  });

  it('tells how the bot reacts: a message, a modal, nothing', async () => {
    const [used, interaction] = await Promise.all([
      asked('POST', 'interactions', { ...here(), command: 'ping', wait: true }),
      client.event('INTERACTION_CREATE').then(async (event) => {
        const button = { type: 2, style: 1, label: 'More', custom_id: 'more' };
        await answer(event, 4, { content: 'pong', flags: 64, components: [{ type: 1, components: [button] }] });
        return event;
      }),
    ]);
    assert.deepEqual([used.id, used.response.kind], [interaction.d.id, 'message']);
    const shown = (await asked('GET', `channels/${channelOf(bot)}/messages`)).at(-1);
    assert.deepEqual([shown.visibleTo.name, shown.command.name, shown.command.user.name], ['ada', 'ping', 'ada']);

    const field = { type: 18, label: 'Why?', component: { type: 4, style: 1, custom_id: 'why' } };
    const [pressed] = await Promise.all([
      asked('POST', 'components', { ...here(), messageId: shown.id, customId: 'more', wait: true }),
      client
        .event('INTERACTION_CREATE')
        .then((event) => answer(event, 9, { custom_id: 'm', title: 'Tell', components: [field] })),
    ]);
    assert.deepEqual([pressed.response.kind, pressed.response.modal.title], ['modal', 'Tell']);
    const [submitted] = await Promise.all([
      asked('POST', 'modals', { interactionId: pressed.id, values: { why: 'because' }, wait: true }),
      client.event('INTERACTION_CREATE').then((event) => {
        assert.equal(event.d.data.components[0].component.value, 'because');
        return answer(event, 6);
      }),
    ]);
    assert.equal(submitted.response.kind, 'update');

    const ignored = await asked('POST', 'interactions', { ...here(), command: 'ping', wait: true });
    assert.deepEqual(ignored.response, { kind: 'none' });
    assert.deepEqual(Object.keys(await asked('POST', 'interactions', { ...here(), command: 'ping' })), ['id']);
  });

  it('asks the bot for what it offers, and hands over files', async () => {
    const fruit = { type: 3, name: 'fruit', description: 'Which', autocomplete: true };
    const picture = { type: 11, name: 'picture', description: 'Of it' };
    await asBot('PUT', `applications/${bot.id}/commands`, [
      { name: 'eat', description: 'Eats', options: [fruit, picture] },
    ]);
    client.received.length = 0;
    const fresh = new RawClient(emulator);
    await fresh.login(bot.token);
    const [offered] = await Promise.all([
      asked('POST', 'autocomplete', { ...here(), command: 'eat', options: { fruit: 'ap' }, focused: 'fruit' }),
      fresh
        .event('INTERACTION_CREATE')
        .then((event) => answer(event, 8, { choices: [{ name: 'the apple', value: 'apple' }] })),
    ]);
    assert.deepEqual(offered.choices, [{ name: 'the apple', value: 'apple' }]);

    const file = { name: 'apple.png', contentType: 'image/png', base64: Buffer.from('no picture').toString('base64') };
    await asked('POST', 'interactions', { ...here(), command: 'eat', options: { picture: file } });
    const { d } = await fresh.event('INTERACTION_CREATE');
    const [attachment] = Object.values<{ url: string }>(d.data.resolved.attachments);
    assert.equal(await (await fetch(attachment?.url ?? '')).text(), 'no picture');
    fresh.socket.terminate();
  });

  it('tells how each bot stands', async () => {
    const { owners, identify } = await asked('GET', `applications/${bot.id}/standing`);
    assert.ok(owners.now >= 1 && owners.max >= owners.now);
    assert.ok(identify.total === 1_000 && identify.remaining < 1_000 && identify.resetAfterMs > 0);
    assert.equal((await ask('GET', 'applications/1/standing')).status, 404);
  });

  it('answers garbage with 400 or 404 and what is wrong', async () => {
    const message = emulator.say({ channelId: channelOf(bot), content: 'x' });
    const ids = fc.constantFrom(channelOf(bot), bot.id, guildId, message.id, '1', '..', 'x');
    const value = fc.oneof(fc.jsonValue(), ids);
    const names = [
      'applicationId',
      'channelId',
      'author',
      'content',
      'emoji',
      'command',
      'options',
      'focused',
      'messageId',
    ];
    const body = fc.dictionary(
      fc.constantFrom(...names, 'customId', 'values', 'interactionId', 'name', 'applicationIds'),
      value,
    );
    const places = fc.constantFrom(
      'POST people',
      'POST guilds',
      'POST guilds/*/channels',
      'POST guilds/*/members',
      'POST direct-channels',
      'POST channels/*/typing',
      'PATCH channels/*/messages/*',
      'DELETE channels/*/messages/*',
      'POST channels/*/messages/*/reactions',
      'DELETE channels/*/messages/*/reactions',
      'POST interactions',
      'POST components',
      'POST modals',
      'POST autocomplete',
      'GET channels/*/members',
      'GET channels/*/commands',
      'GET applications/*/standing',
      'GET events/*',
    );
    await fc.assert(
      fc.asyncProperty(places, fc.array(ids, { minLength: 2, maxLength: 2 }), body, async (place, parts, fields) => {
        const rest = [...parts];
        const [method = '', path = ''] = place.replaceAll('*', () => encodeURIComponent(rest.shift() ?? '')).split(' ');
        const { status, body: said } = await ask(method, path, method === 'GET' ? undefined : fields);
        assert.ok([200, 400, 404].includes(status), `${method} ${path} ${JSON.stringify(fields)}: ${status}`);
        if (status !== 200) assert.equal(typeof said.error, 'string');
      }),
      { numRuns: 400 },
    );
  });
});
