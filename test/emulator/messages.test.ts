import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { Application, Emulator } from '../../src/emulator/index.ts';
import { createEmulator } from '../../src/emulator/index.ts';
import { ForgottenMessages } from '../../src/emulator/world/forgotten.ts';
import { call, channelOf } from './call.ts';
import { ordinaryIntents, RawClient } from './raw-client.ts';
import { VirtualClock } from './virtual-clock.ts';

describe('what is remembered of forgotten messages', () => {
  it('is bounded: the oldest go first', async () => {
    await using emulator = await createEmulator();
    const { id: channelId } = emulator.world.channel(channelOf(emulator.createApplication()));
    const message = emulator.say({ channelId, content: 'hi' });
    const forgotten = new ForgottenMessages();
    for (let number = 0; number <= 100_000; number++) forgotten.add({ ...message, id: String(number) });
    assert.equal(forgotten.find(channelId, '0'), undefined);
    assert.deepEqual(forgotten.find(channelId, '1'), { id: '1', channelId, author: message.author, counted: null });
    assert.equal(forgotten.find('1', '1'), undefined);
  });
});

describe('the REST API', () => {
  let emulator: Emulator;
  let clock: VirtualClock;
  let bot: Application;
  let channelUrl: string;
  before(async () => {
    clock = new VirtualClock();
    emulator = await createEmulator({ clock, identifyWindowMs: 1 });
  });
  after(() => emulator.close());
  beforeEach(() => {
    bot = emulator.createApplication({ guilds: 2, permissions: '0' });
    channelUrl = `${emulator.url}/v10/channels/${channelOf(bot)}`;
  });
  const as = (body?: unknown) => ({ token: bot.token, ...(body === undefined ? {} : { body }) });
  const post = (content: string) => call(`${channelUrl}/messages`, 'POST', as({ content }));

  it('says where the gateway is, to everyone', async () => {
    const { status, body } = await call(`${emulator.url}/v10/gateway`);
    assert.deepEqual([status, body], [200, { url: emulator.gatewayUrl }]);
  });

  it('says what may be started, with a real countdown', async () => {
    const limit = async () => (await call(`${emulator.url}/v10/gateway/bot`, 'GET', as())).body.session_start_limit;
    assert.deepEqual(await limit(), { total: 1000, remaining: 1000, reset_after: 0, max_concurrency: 1 });
    await new RawClient(emulator).login(bot.token);
    clock.advance(60_000);
    assert.deepEqual(await limit(), { total: 1000, remaining: 999, reset_after: 86_340_000, max_concurrency: 1 });
    clock.advance(86_340_000);
    assert.equal((await limit()).remaining, 1000);
  });

  it('has the same routes with and without a version', async () => {
    for (const prefix of ['/v10', '']) {
      const { body } = await call(`${emulator.url}${prefix}/users/@me`, 'GET', as());
      assert.deepEqual([body.id, body.username, body.bot], [bot.id, bot.name, true]);
    }
  });

  it('shows the application at both addresses', async () => {
    for (const path of ['applications', 'oauth2/applications']) {
      const { body } = await call(`${emulator.url}/v10/${path}/@me`, 'GET', as());
      assert.deepEqual([body.id, body.bot.id], [bot.id, bot.id]);
    }
  });

  it('refuses calls without token, with an unknown one and with another scheme as Discord does', async () => {
    for (const authorization of ['', `Bearer ${bot.token}`, bot.token, `Bot ${bot.token.slice(0, -1)}0`]) {
      const response = await fetch(`${emulator.url}/v10/users/@me`, { headers: { authorization } });
      const body = (await response.json()) as { message: string };
      assert.equal(response.status, 401);
      if (authorization !== bot.token) assert.match(body.message, /^401: Unauthorized/);
    }
  });

  it('refuses what may be a real token, says why, and keeps it nowhere', async () => {
    const real = ['MTA0NTY3ODkwMTIzNDU2Nzg5MA', 'Gab1cd', 'y'.repeat(38)].join('.');
    const { status, body } = await call(`${emulator.url}/v10/users/@me`, 'GET', { token: real });
    assert.equal(status, 401);
    assert.equal(body.code, 0);
    assert.match(body.message, /Not a token of this emulator, possibly a real one: refused/);
    assert.ok(!JSON.stringify(emulator.ledger.entries()).includes(real));
  });

  it('answers unknown routes with 404', async () => {
    for (const [method, path] of [
      ['GET', '/v10/nowhere'],
      ['DELETE', '/v10/users/@me'],
      ['GET', '/v9/gateway'],
    ]) {
      const { status, body } = await call(`${emulator.url}${path}`, method);
      assert.deepEqual([status, body], [404, { message: '404: Not Found', code: 0 }]);
    }
    assert.equal(emulator.ledger.entries({ type: 'rest' }).at(-1)?.route, 'unknown');
  });

  it('creates a message that everybody in the guild sees, the bot included', async () => {
    const client = new RawClient(emulator);
    await client.login(bot.token);
    const { status, body } = await post('  hello \n');
    assert.equal(status, 200);
    assert.deepEqual([body.content, body.author.id, body.type, body.guild_id], ['hello', bot.id, 0, undefined]);
    const { d } = await client.event('MESSAGE_CREATE');
    assert.deepEqual([d.id, d.content, d.guild_id], [body.id, 'hello', bot.guildIds[0]]);
    assert.equal(emulator.messages(channelOf(bot))[0]?.content, 'hello');
    const entry = emulator.ledger.entries({ type: 'message' }).at(-1);
    assert.deepEqual([entry?.applicationId, entry?.messageId], [bot.id, body.id]);
    assert.equal(emulator.ledger.entries({ type: 'rest' }).at(-1)?.route, '/channels/:channelId/messages');
  });

  it('edits and deletes what the bot wrote, and tells the gateway', async () => {
    const client = new RawClient(emulator);
    await client.login(bot.token);
    const { body: message } = await post('first');
    const url = `${channelUrl}/messages/${message.id}`;
    const edited = await call(url, 'PATCH', as({ content: 'second' }));
    assert.equal(edited.body.content, 'second');
    assert.notEqual(edited.body.edited_timestamp, null);
    assert.equal((await client.event('MESSAGE_UPDATE')).d.content, 'second');
    const kept = await call(url, 'PATCH', as({ embeds: [{ title: 'e' }] }));
    assert.deepEqual([kept.body.content, kept.body.embeds], ['second', [{ title: 'e', type: 'rich' }]]);
    const cleared = await call(url, 'PATCH', as({ content: null }));
    assert.deepEqual([cleared.body.content, cleared.body.embeds], ['', [{ title: 'e', type: 'rich' }]]);
    assert.equal((await call(url, 'PATCH', as({ embeds: null }))).body.code, 50006);
    assert.equal((await call(url, 'DELETE', as())).status, 204);
    assert.deepEqual((await client.event('MESSAGE_DELETE')).d, {
      id: message.id,
      channel_id: channelOf(bot),
      guild_id: bot.guildIds[0],
    });
    assert.equal((await call(url, 'GET', as())).body.code, 10008);
  });

  it('touches nobody else’s messages', async () => {
    const { id } = emulator.say({ channelId: channelOf(bot), content: 'mine' });
    const url = `${channelUrl}/messages/${id}`;
    const edited = await call(url, 'PATCH', as({ content: 'yours' }));
    assert.deepEqual([edited.status, edited.body.code], [403, 50005]);
    const deleted = await call(url, 'DELETE', as());
    assert.deepEqual([deleted.status, deleted.body.code], [403, 50013]);
  });

  it('keeps bots out of channels that are not theirs or do not exist', async () => {
    const other = emulator.createApplication();
    const foreign = await call(
      `${emulator.url}/v10/channels/${channelOf(other)}/messages`,
      'POST',
      as({ content: 'x' }),
    );
    assert.deepEqual([foreign.status, foreign.body.code], [403, 50001]);
    const unknown = await call(`${emulator.url}/v10/channels/1/messages`, 'POST', as({ content: 'x' }));
    assert.deepEqual([unknown.status, unknown.body.code], [404, 10003]);
  });

  it('refuses a text of 2001 characters, naming the field, and takes 2000', async () => {
    const { status, body } = await post('x'.repeat(2_001));
    assert.deepEqual([status, body.code], [400, 50035]);
    assert.deepEqual(body.errors.content._errors, [
      { code: 'BASE_TYPE_MAX_LENGTH', message: 'Must be 2000 or fewer in length.' },
    ]);
    assert.equal((await post('x'.repeat(2_000))).status, 200);
  });

  it('refuses what is empty, no JSON, of another type or too deep', async () => {
    assert.equal((await post(' ')).body.code, 50006);
    const send = async (body: string, type = 'application/json') => {
      clock.advance(5_000);
      const response = await fetch(`${channelUrl}/messages`, {
        method: 'POST',
        headers: { authorization: `Bot ${bot.token}`, 'content-type': type },
        body,
      });
      return [response.status, ((await response.json()) as { code: number }).code];
    };
    assert.deepEqual(await send('{'), [400, 50109]);
    assert.deepEqual(await send(''), [400, 50006]);
    assert.deepEqual(await send('[]'), [400, 50035]);
    assert.deepEqual(await send('hello', 'text/plain'), [400, 50035]);
    assert.deepEqual(await send(`{"embeds":[{"a":${'['.repeat(50_000)}${']'.repeat(50_000)}}]}`), [400, 50109]);
    assert.deepEqual(await send(`{"content":"${'x'.repeat(1_100_000)}"}`), [413, 40005]);
  });

  it('lists messages newest first, in pages', async () => {
    const ids = Array.from(
      { length: 5 },
      (_, index) => emulator.say({ channelId: channelOf(bot), content: `${index}` }).id,
    );
    const list = async (query: string) => {
      const { body } = await call(`${channelUrl}/messages${query}`, 'GET', as());
      return Array.isArray(body) ? body.map(({ id }: { id: string }) => ids.indexOf(id)) : body;
    };
    assert.deepEqual(await list(''), [4, 3, 2, 1, 0]);
    assert.deepEqual(await list('?limit=2'), [4, 3]);
    assert.deepEqual(await list(`?limit=2&before=${ids[3]}`), [2, 1]);
    assert.deepEqual(await list(`?limit=2&after=${ids[1]}`), [3, 2]);
    assert.deepEqual(await list(`?limit=3&around=${ids[2]}`), [3, 2, 1]);
    assert.deepEqual(await list(`?limit=2&around=${ids[4]}`), [4, 3]);
    assert.equal((await list('?limit=0')).code, 50035);
    assert.equal((await list('?before=soon')).errors.before._errors[0].message, 'Value is not snowflake.');
  });

  it('shows the text of others over HTTP only to applications with the content intent, or when addressed', async () => {
    const reader = emulator.createApplication({ privilegedIntents: 1 << 15 });
    for (const [application, expected] of [
      [bot, ''],
      [reader, 'overheard'],
    ] as const) {
      const { id } = emulator.say({ channelId: channelOf(application), content: 'overheard' });
      const url = `${emulator.url}/v10/channels/${channelOf(application)}/messages/${id}`;
      assert.equal((await call(url, 'GET', { token: application.token })).body.content, expected);
    }
  });

  it('replies, pinging the author unless told not to', async () => {
    const client = new RawClient(emulator);
    await client.login(bot.token);
    const { id, author } = emulator.say({ channelId: channelOf(bot), author: 'ada', content: 'hi', mention: bot.id });
    const reply = (more: object) =>
      call(`${channelUrl}/messages`, 'POST', as({ content: 'yes', message_reference: { message_id: id }, ...more }));
    const { body } = await reply({});
    assert.deepEqual([body.type, body.message_reference.message_id], [19, id]);
    assert.deepEqual(
      body.mentions.map((user: { id: string }) => user.id),
      [author.id],
    );
    assert.equal(body.referenced_message.content, `<@${bot.id}> hi`);
    assert.deepEqual((await reply({ allowed_mentions: { parse: [], replied_user: false } })).body.mentions, []);
    assert.equal(
      (await client.next(({ t, d }) => t === 'MESSAGE_CREATE' && d.type === 19)).d.message_reference.message_id,
      id,
    );
    assert.equal(emulator.ledger.entries({ type: 'message' }).at(-1)?.replyTo, id);
    const unknown = { message_reference: { message_id: '100000000000000000' } };
    assert.equal((await reply(unknown)).body.errors.message_reference._errors[0].code, 'REPLIES_UNKNOWN_MESSAGE');
    const forgiving = { message_reference: { ...unknown.message_reference, fail_if_not_exists: false } };
    assert.equal((await reply(forgiving)).body.type, 0);
  });

  it('replies to what a channel no longer holds, without showing it', async () => {
    await using small = await createEmulator({ clock, messagesPerChannel: 2 });
    const replier = small.createApplication({ guilds: 2 });
    const client = new RawClient(small);
    await client.login(replier.token);
    const [channelId, elsewhere] = [channelOf(replier), channelOf(replier, 1)];
    const url = `${small.url}/v10/channels/${channelId}/messages`;
    const forgotten = small.say({ channelId, author: 'ada', content: 'hi' });
    const deleted = small.say({ channelId, author: 'ada', content: 'oh' });
    small.people.erase(small.world.channel(channelId), deleted.id, deleted.author);
    for (const content of ['one', 'two']) small.say({ channelId, content });
    const reply = (message_id: string, at = url) =>
      call(at, 'POST', { token: replier.token, body: { content: 'yes', message_reference: { message_id } } });
    const { status, body } = await reply(forgotten.id);
    assert.deepEqual([status, body.type, body.message_reference?.message_id], [200, 19, forgotten.id]);
    assert.ok(!('referenced_message' in body), 'null would say that it was deleted');
    const { d } = await client.next(({ t, d }) => t === 'MESSAGE_CREATE' && d.type === 19);
    assert.ok(!('referenced_message' in d));
    const edit = { token: replier.token, body: { content: 'no' } };
    for (const { mentions } of [body, (await call(`${url}/${body.id}`, 'PATCH', edit)).body])
      assert.deepEqual(
        mentions.map(({ id }: { id: string }) => id),
        [forgotten.author.id],
      );
    for (const refused of [
      await reply(deleted.id),
      await reply(forgotten.id, `${small.url}/v10/channels/${elsewhere}/messages`),
    ])
      assert.equal(refused.body.errors?.message_reference._errors[0].code, 'REPLIES_UNKNOWN_MESSAGE');
  });

  it('pings only whom allowed_mentions lets it', async () => {
    const { author } = emulator.say({ channelId: channelOf(bot), author: 'bob', content: 'hi' });
    const content = `<@${author.id}> and <@!${author.id}> and <@100000000000000000>`;
    const mentions = async (allowed?: object) => {
      clock.advance(5_000);
      const body = allowed ? { content, allowed_mentions: allowed } : { content };
      return (await call(`${channelUrl}/messages`, 'POST', as(body))).body.mentions.length;
    };
    assert.equal(await mentions(), 1);
    assert.equal(await mentions({ parse: [] }), 0);
    assert.equal(await mentions({ parse: ['users'] }), 1);
    assert.equal(await mentions({ users: [author.id] }), 1);
  });

  it('tells the gateway who is typing', async () => {
    const client = new RawClient(emulator);
    await client.login(bot.token, { intents: ordinaryIntents | (1 << 11) | (1 << 14) });
    assert.equal((await call(`${channelUrl}/typing`, 'POST', as())).status, 204);
    const { d } = await client.event('TYPING_START');
    assert.deepEqual([d.user_id, d.guild_id], [bot.id, bot.guildIds[0]]);
    const { channelId } = emulator.directMessage({ applicationId: bot.id, content: 'hi' });
    await call(`${emulator.url}/v10/channels/${channelId}/typing`, 'POST', as());
    assert.equal((await client.event('TYPING_START')).d.guild_id, undefined);
  });

  it('opens direct channels with people, and not with bots or nobody', async () => {
    const open = (recipient: string) =>
      call(`${emulator.url}/v10/users/@me/channels`, 'POST', as({ recipient_id: recipient }));
    const person = emulator.say({ channelId: channelOf(bot), author: 'eve', content: 'hi' }).author;
    const { body } = await open(person.id);
    assert.deepEqual([body.type, body.recipients[0].id], [1, person.id]);
    assert.equal((await open(person.id)).body.id, body.id);
    assert.equal(emulator.directMessage({ applicationId: bot.id, author: 'eve', content: 'hey' }).channelId, body.id);
    assert.equal((await open(bot.id)).body.code, 50007);
    assert.equal((await open('1')).body.code, 10013);
    assert.equal(
      (await call(`${emulator.url}/v10/users/@me/channels`, 'POST', as({}))).body.errors.recipient_id._errors[0].code,
      'BASE_TYPE_REQUIRED',
    );
    const { body: channel } = await call(`${emulator.url}/v10/channels/${body.id}`, 'GET', as());
    assert.equal(channel.id, body.id);
  });

  it('allows five messages per channel in five seconds, says so in headers, and answers 429 with the wait', async () => {
    for (let left = 4; left >= 0; left--) {
      const { headers } = await post('x');
      assert.equal(headers.get('x-ratelimit-limit'), '5');
      assert.equal(headers.get('x-ratelimit-remaining'), String(left));
    }
    clock.advance(1_500);
    const { status, headers, body } = await post('x');
    assert.equal(status, 429);
    assert.deepEqual(body, { message: 'You are being rate limited.', code: 0, retry_after: 3.5, global: false });
    assert.deepEqual(
      ['retry-after', 'x-ratelimit-scope', 'x-ratelimit-remaining', 'x-ratelimit-reset-after', 'via'].map((name) =>
        headers.get(name),
      ),
      ['4', 'user', '0', '3.500', '1.1 droas-emulator'],
    );
    assert.equal(
      (await call(`${emulator.url}/v10/channels/${channelOf(bot, 1)}/messages`, 'POST', as({ content: 'x' }))).status,
      200,
    );
    clock.advance(3_500);
    assert.equal((await post('x')).status, 200);
  });
});
