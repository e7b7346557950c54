import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { Application, Emulator } from '../../src/emulator/index.ts';
import { createEmulator } from '../../src/emulator/index.ts';
import { call, channelOf } from './call.ts';
import { RawClient } from './raw-client.ts';
import { VirtualClock } from './virtual-clock.ts';

const generous = {
  messageCalls: 1_000,
  reactionCalls: 1_000,
  routeCalls: 1_000,
  globalCalls: 10_000,
  identifyWindowMs: 1,
};
const everything = (1 << 9) | (1 << 10) | 1 | (1 << 15);

describe('messages over HTTP', () => {
  let emulator: Emulator;
  let clock: VirtualClock;
  let bot: Application;
  let guest: Application;
  let channelUrl: string;
  before(async () => {
    clock = new VirtualClock();
    emulator = await createEmulator({ clock, ...generous, fileBytes: 1_000, attachmentsBytes: 2_500 });
  });
  after(() => emulator.close());
  beforeEach(() => {
    bot = emulator.createApplication({ privilegedIntents: 1 << 15 });
    guest = emulator.createApplication({ guilds: 0, permissions: '0' });
    emulator.world.addMember(emulator.world.guild(bot.guildIds[0] ?? ''), guest.bot);
    channelUrl = `${emulator.url}/v10/channels/${channelOf(bot)}`;
  });

  const as = (body?: unknown, application = bot) => ({
    token: application.token,
    ...(body === undefined ? {} : { body }),
  });
  const post = (body: unknown) => call(`${channelUrl}/messages`, 'POST', as(body));
  const say = (content = 'x') => emulator.say({ channelId: channelOf(bot), content });
  const watch = async () => {
    const client = new RawClient(emulator);
    await client.login(bot.token, { intents: everything });
    return client;
  };
  const send = async (url: string, form: FormData, method = 'POST') => {
    const response = await fetch(url, { method, headers: { authorization: `Bot ${bot.token}` }, body: form });
    // biome-ignore lint/suspicious/noExplicitAny: tests look into bodies of many shapes
    return { status: response.status, body: (await response.json()) as any };
  };
  const formOf = (payload: unknown, ...files: [name: string, text: string, type?: string][]) => {
    const form = new FormData();
    form.set('payload_json', JSON.stringify(payload));
    for (const [index, [name, text, type = 'text/plain']] of files.entries())
      form.append(`files[${index}]`, new Blob([text], { type }), name);
    return form;
  };

  it('carry files, which can be read from the emulator', async () => {
    const client = await watch();
    const details = [{ id: 1, filename: 'renamed.txt', description: 'the second' }];
    const form = formOf({ content: 'two', attachments: details }, ['a b/ü.txt', 'first'], ['b.txt', 'second']);
    const { status, body } = await send(`${channelUrl}/messages`, form);
    assert.equal(status, 200);
    assert.deepEqual(
      body.attachments.map(({ filename, description, size }: Record<string, unknown>) => [filename, description, size]),
      [
        ['a_b_.txt', undefined, 5],
        ['renamed.txt', 'the second', 6],
      ],
    );
    const file = await fetch(body.attachments[1].url);
    assert.deepEqual([file.status, await file.text()], [200, 'second']);
    assert.equal((await client.event('MESSAGE_CREATE')).d.attachments[1].url, body.attachments[1].url);
    const misnamed = await fetch(body.attachments[1].url.replace('renamed', 'other'));
    assert.equal(misnamed.status, 404);
    await misnamed.body?.cancel();
  });

  it('carry no file that a browser would run on the emulator’s own page', async () => {
    const form = formOf({}, ['page.html', '<script>alert(1)</script>', 'text/html'], ['pixel.png', 'x', 'image/png']);
    const { body } = await send(`${channelUrl}/messages`, form);
    const headersOf = async (index: number) => {
      const response = await fetch(body.attachments[index].url);
      await response.arrayBuffer();
      return ['content-type', 'content-disposition', 'content-security-policy', 'x-content-type-options'].map((name) =>
        response.headers.get(name),
      );
    };
    const policy = "default-src 'none'; sandbox";
    assert.deepEqual(await headersOf(0), [
      'application/octet-stream',
      'attachment; filename="page.html"',
      policy,
      'nosniff',
    ]);
    assert.deepEqual(await headersOf(1), ['image/png', 'inline; filename="pixel.png"', policy, 'nosniff']);
  });

  it('keep on edit the files that are named, and get new ones', async () => {
    const { body } = await send(`${channelUrl}/messages`, formOf({}, ['a.txt', 'a'], ['b.txt', 'b']));
    const url = `${channelUrl}/messages/${body.id}`;
    const names = (message: { attachments: { filename: string }[] }) =>
      message.attachments.map(({ filename }) => filename);
    assert.deepEqual(names((await call(url, 'PATCH', as({ content: 'kept' }))).body), ['a.txt', 'b.txt']);
    const kept = [{ id: body.attachments[1].id }];
    assert.deepEqual(names((await call(url, 'PATCH', as({ attachments: kept }))).body), ['b.txt']);
    const more = await send(url, formOf({}, ['c.txt', 'c']), 'PATCH');
    assert.deepEqual(names(more.body), ['b.txt', 'c.txt']);
    assert.equal((await call(url, 'PATCH', as({ content: '', attachments: [] }))).body.code, 50006);
  });

  it('take form fields without payload_json, too', async () => {
    const form = new FormData();
    form.set('content', 'plain form');
    assert.equal((await send(`${channelUrl}/messages`, form)).body.content, 'plain form');
  });

  it('refuse files that are too large or too many, broken forms and permission lacking', async () => {
    const large = await send(`${channelUrl}/messages`, formOf({}, ['a.txt', 'x'.repeat(1_001)]));
    assert.deepEqual([large.status, large.body.code], [413, 40005]);
    const many = Array.from({ length: 11 }, (_, index): [string, string] => [`${index}.txt`, 'x']);
    assert.equal((await send(`${channelUrl}/messages`, formOf({}, ...many))).body.code, 30015);
    const broken = await fetch(`${channelUrl}/messages`, {
      method: 'POST',
      headers: { authorization: `Bot ${bot.token}`, 'content-type': 'multipart/form-data; boundary=x' },
      body: 'no form',
    });
    assert.deepEqual([broken.status, ((await broken.json()) as { code: number }).code], [400, 50035]);
    const described = { attachments: [{ id: 0, description: 'x'.repeat(1_025) }] };
    assert.ok(
      (await send(`${channelUrl}/messages`, formOf(described, ['a.txt', 'x']))).body.errors.attachments['0']
        .description,
    );
    const form = new FormData();
    form.set('payload_json', '{');
    assert.equal((await send(`${channelUrl}/messages`, form)).body.code, 50109);
  });

  it('forget the oldest files beyond the bound', async () => {
    const { body: first } = await send(`${channelUrl}/messages`, formOf({}, ['a.txt', 'x'.repeat(900)]));
    for (const _ of [1, 2]) await send(`${channelUrl}/messages`, formOf({}, ['b.txt', 'x'.repeat(900)]));
    const response = await fetch(first.attachments[0].url);
    await response.body?.cancel();
    assert.equal(response.status, 404);
  });

  it('give back a nonce and numbered components, and with enforce_nonce make one message of two', async () => {
    const button = { type: 2, style: 1, label: 'go', custom_id: 'go' };
    const link = { type: 2, style: 5, label: 'see', url: 'https://example.org' };
    const wanted = { content: 'x', nonce: 'n1', components: [{ type: 1, components: [button, link] }] };
    const { body } = await post({ ...wanted, enforce_nonce: true });
    assert.deepEqual(body.components, [
      {
        type: 1,
        id: 1,
        components: [
          { ...button, id: 2 },
          { ...link, id: 3 },
        ],
      },
    ]);
    assert.equal(body.nonce, 'n1');
    assert.equal((await post({ ...wanted, enforce_nonce: true })).body.id, body.id);
    assert.notEqual((await post(wanted)).body.id, body.id);
    clock.advance(300_001);
    assert.notEqual((await post({ ...wanted, enforce_nonce: true })).body.id, body.id);
  });

  const row = (...components: unknown[]) => [{ type: 1, components }];
  const button = (id: string, more: object = {}) => ({ type: 2, style: 1, label: 'x', custom_id: id, ...more });
  const menu = { type: 3, custom_id: 'm', options: [{ label: 'a', value: 'a' }] };
  const wrongComponents: Record<string, [components: unknown, place: string]> = {
    'six rows': [[1, 2, 3, 4, 5, 6].flatMap((id) => row(button(`${id}`))), ''],
    'an empty row': [row(), '0.components'],
    'six buttons in a row': [row(...[1, 2, 3, 4, 5, 6].map((id) => button(`${id}`))), '0.components'],
    'a menu beside a button': [row(menu, button('b')), '0.components'],
    'a button outside a row': [[button('b')], '0.type'],
    'a button without custom id': [row({ type: 2, style: 1, label: 'x' }), '0.components.0.custom_id'],
    'a link without url': [row({ type: 2, style: 5, label: 'x' }), '0.components.0.url'],
    'a link with a custom id': [row(button('b', { style: 5, url: 'https://example.org' })), '0.components.0'],
    'a label of 81 characters': [row(button('b', { label: 'x'.repeat(81) })), '0.components.0.label'],
    'a custom id twice': [row(button('b'), button('b')), ''],
    'a menu without options': [row({ ...menu, options: [] }), '0.components.0.options'],
    'a text input outside a modal': [row({ type: 4, custom_id: 't', style: 1 }), '0.components.0.type'],
    'a text display without the layout flag': [[{ type: 10, content: 'x' }], '0.type'],
  };
  for (const [name, [components, place]] of Object.entries(wrongComponents))
    it(`refuse ${name}, naming the place`, async () => {
      const { status, body } = await post({ content: 'x', components });
      assert.deepEqual([status, body.code], [400, 50035]);
      const path = ['components', ...place.split('.').filter(Boolean)];
      const found = path.reduce((node, key) => node?.[key], body.errors);
      assert.ok(found?._errors.length >= 1, JSON.stringify(body.errors));
    });

  it('may be made of layout components alone', async () => {
    const text = { type: 10, content: 'hello' };
    const section = { type: 9, components: [text], accessory: button('b') };
    const components = [{ type: 17, components: [section, { type: 14 }, ...row(button('c'))] }];
    const { status, body } = await post({ flags: 1 << 15, components });
    assert.equal(status, 200);
    assert.equal(body.flags, 1 << 15);
    assert.deepEqual(body.components[0].components[0].accessory, { ...button('b'), id: 4 });
    const legacy = await post({ flags: 1 << 15, components, content: 'x' });
    assert.equal(legacy.body.errors.content._errors[0].code, 'MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2');
  });

  it('take the flags that bots may set, and drop the others', async () => {
    const [suppressEmbeds, ephemeral] = [1 << 2, 1 << 6];
    const { body } = await post({ content: 'x', flags: suppressEmbeds | ephemeral });
    assert.equal(body.flags, suppressEmbeds);
    const edit = async (change: object) =>
      (await call(`${channelUrl}/messages/${body.id}`, 'PATCH', as(change))).body.flags;
    assert.equal(await edit({ content: 'y' }), suppressEmbeds);
    assert.equal(await edit({ flags: 0 }), 0);
    assert.equal(await edit({ flags: suppressEmbeds | ephemeral }), suppressEmbeds);
  });

  it('refuse embeds that are too long, field by field and together', async () => {
    const problem = async (...embeds: object[]) => (await post({ embeds })).body.errors?.embeds;
    assert.ok((await problem({ title: 'x'.repeat(257) }))['0'].title);
    assert.ok((await problem({ fields: [{ name: '', value: 'x' }] }))['0'].fields['0'].name);
    assert.ok((await problem({ fields: Array.from({ length: 26 }, () => ({ name: 'x', value: 'x' })) }))['0'].fields);
    const long = { description: 'x'.repeat(3_001) };
    assert.equal((await problem(long, long))._errors[0].code, 'MAX_EMBED_SIZE_EXCEEDED');
    assert.equal(await problem(long), undefined);
  });

  it('ping roles and everybody as far as they are allowed to', async () => {
    const guild = emulator.world.guild(bot.guildIds[0] ?? '');
    const role = emulator.world.createRole(guild, { name: 'crew' });
    const content = `<@&${role.id}> @everyone`;
    const pings = async (more: object) => {
      const { body } = await post({ content, ...more });
      return [body.mention_roles.length, body.mention_everyone];
    };
    assert.deepEqual(await pings({}), [1, true]);
    assert.deepEqual(await pings({ allowed_mentions: { parse: [] } }), [0, false]);
    assert.deepEqual(await pings({ allowed_mentions: { parse: ['everyone'] } }), [0, true]);
    assert.deepEqual(await pings({ allowed_mentions: { roles: [role.id] } }), [1, false]);
  });

  it('are deleted several at once, in one event, when they are young', async () => {
    const client = await watch();
    const ids = [say().id, say().id];
    const bulk = (messages: unknown, application = bot) =>
      call(`${channelUrl}/messages/bulk-delete`, 'POST', as({ messages }, application));
    assert.equal((await bulk(ids.slice(1))).body.code, 50035);
    assert.equal((await bulk([ids[0], ids[0]])).body.code, 50035);
    assert.equal((await bulk(ids, guest)).body.code, 50013);
    assert.equal((await bulk([...ids, '1'])).body.code, 50034);
    assert.equal((await bulk([...ids, `${BigInt(ids[0] ?? '') + 1_000n}`])).status, 204);
    assert.deepEqual((await client.event('MESSAGE_DELETE_BULK')).d.ids, ids);
    assert.equal(emulator.messages(channelOf(bot)).length, 0);
    const direct = emulator.directMessage({ applicationId: bot.id, content: 'x' });
    const there = await call(
      `${emulator.url}/v10/channels/${direct.channelId}/messages/bulk-delete`,
      'POST',
      as({ messages: ids }),
    );
    assert.equal(there.body.code, 50003);
  });

  it('of others are deleted by who may, and in direct messages by nobody', async () => {
    assert.equal((await call(`${channelUrl}/messages/${say().id}`, 'DELETE', as())).status, 204);
    assert.equal((await call(`${channelUrl}/messages/${say().id}`, 'DELETE', as(undefined, guest))).body.code, 50013);
    const { channelId, id } = emulator.directMessage({ applicationId: bot.id, content: 'x' });
    const url = `${emulator.url}/v10/channels/${channelId}/messages/${id}`;
    assert.equal((await call(url, 'DELETE', as())).body.code, 50003);
  });

  it('are reacted to, by character or custom emoji', async () => {
    const client = await watch();
    const { id } = say();
    const url = `${channelUrl}/messages/${id}`;
    const emoji = encodeURIComponent('👍🏽');
    assert.equal((await call(`${url}/reactions/${emoji}/@me`, 'PUT', as())).status, 204);
    assert.deepEqual((await client.event('MESSAGE_REACTION_ADD')).d.emoji, { id: null, name: '👍🏽' });
    await call(`${url}/reactions/${emoji}/@me`, 'PUT', as(undefined, guest));
    await call(`${url}/reactions/blob:123456789012345678/@me`, 'PUT', as());
    for (const text of ['hello', '1', encodeURIComponent('x👍')])
      assert.equal((await call(`${url}/reactions/${text}/@me`, 'PUT', as())).body.code, 10014);
    const plainHeart = encodeURIComponent('❤');
    assert.equal((await call(`${url}/reactions/${plainHeart}/@me`, 'PUT', as())).status, 204);
    assert.equal((await call(`${url}/reactions/${plainHeart}/@me`, 'DELETE', as())).status, 204);
    const users = async (query = '') => {
      const { body } = await call(`${url}/reactions/${emoji}${query}`, 'GET', as());
      return body.map((user: { id: string }) => user.id);
    };
    assert.deepEqual(await users(), [bot.id, guest.id]);
    assert.deepEqual(await users('?limit=1'), [bot.id]);
    assert.deepEqual(await users(`?after=${bot.id}`), [guest.id]);
    const shown = (await call(url, 'GET', as(undefined, guest))).body.reactions;
    assert.deepEqual(
      shown.map(({ count, me, emoji: { name } }: { count: number; me: boolean; emoji: { name: string } }) => [
        name,
        count,
        me,
      ]),
      [
        ['👍🏽', 2, true],
        ['blob', 1, false],
      ],
    );
    assert.equal((await call(`${url}/reactions/${emoji}/${bot.id}`, 'DELETE', as(undefined, guest))).body.code, 50013);
    assert.equal((await call(`${url}/reactions/${emoji}/${guest.id}`, 'DELETE', as())).status, 204);
    assert.equal((await call(`${url}/reactions/${emoji}/1`, 'DELETE', as())).body.code, 10013);
    assert.equal((await call(`${url}/reactions/${emoji}`, 'DELETE', as())).status, 204);
    assert.equal((await call(`${url}/reactions`, 'DELETE', as())).status, 204);
    assert.equal((await call(url, 'GET', as())).body.reactions, undefined);
  });

  it('have at most 20 different reactions, and new ones only from who may add them', async () => {
    const { id } = say();
    const react = (index: number, application = bot) =>
      call(
        `${channelUrl}/messages/${id}/reactions/e${index}x:${100_000_000_000_000_000n + BigInt(index)}/@me`,
        'PUT',
        as(undefined, application),
      );
    for (let index = 0; index < 20; index++) assert.equal((await react(index)).status, 204);
    assert.equal((await react(20)).body.code, 30010);
    assert.equal((await react(0, guest)).status, 204);
  });

  it('are pinned and unpinned, listed with the one pinned last first', async () => {
    const client = await watch();
    const [first, second] = [say('first').id, say('second').id];
    const pins = (path: string, application = bot) => call(`${channelUrl}/${path}`, 'GET', as(undefined, application));
    assert.equal((await call(`${channelUrl}/messages/pins/${second}`, 'PUT', as(undefined, guest))).body.code, 50013);
    await call(`${channelUrl}/messages/pins/${second}`, 'PUT', as());
    assert.equal((await client.event('CHANNEL_PINS_UPDATE')).d.channel_id, channelOf(bot));
    clock.advance(1_000);
    await call(`${channelUrl}/pins/${first}`, 'PUT', as());
    const { items, has_more: hasMore } = (await pins('messages/pins')).body;
    assert.deepEqual(
      [items.map(({ message }: { message: { id: string } }) => message.id), hasMore],
      [[first, second], false],
    );
    const older = await pins(`messages/pins?limit=1&before=${encodeURIComponent(items[0].pinned_at)}`);
    assert.equal(older.body.items[0].message.id, second);
    assert.equal((await pins('messages/pins?limit=1')).body.has_more, true);
    assert.equal((await pins('messages/pins?limit=51')).body.code, 50035);
    assert.equal((await pins('pins')).body.length, 2);
    assert.equal((await call(`${channelUrl}/messages/pins/${first}`, 'DELETE', as())).status, 204);
    assert.deepEqual(
      (await pins('pins')).body.map(({ pinned }: { pinned: boolean }) => pinned),
      [true],
    );
  });
});
