import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { REST } from '@discordjs/rest';
import { Client as OceanicClient } from 'oceanic.js';
import type { Application, Emulator, LedgerEntry } from '../../src/emulator/index.ts';
import { createEmulator } from '../../src/emulator/index.ts';
import { Windows } from '../../src/emulator/rest/rate-limit/windows.ts';
import { call, channelOf } from './call.ts';
import { VirtualClock } from './virtual-clock.ts';

const restEntries = (emulator: Emulator, application?: Application): readonly LedgerEntry[] =>
  emulator.ledger.entries({ type: 'rest', ...(application ? { applicationId: application.id } : {}) });

describe('a rate limit', () => {
  it('counts for each channel apart, and says in a hash which limit it is', async () => {
    await using emulator = await createEmulator({ clock: new VirtualClock() });
    const bot = emulator.createApplication({ channels: 2 });
    const post = async (index: number, path = 'messages') => {
      const url = `${emulator.url}/v10/channels/${channelOf(bot, index)}/${path}`;
      const { headers } = await call(url, 'POST', { token: bot.token, body: { content: 'x' } });
      return ['x-ratelimit-remaining', 'x-ratelimit-bucket'].map((name) => headers.get(name));
    };
    const [left, bucket] = await post(0);
    assert.equal(left, '4');
    assert.match(String(bucket), /^[\da-f]{32}$/);
    assert.deepEqual(await post(0), ['3', bucket]);
    assert.deepEqual(await post(1), ['4', bucket]);
    const [typingLeft, typingBucket] = await post(0, 'typing');
    assert.equal(typingLeft, '4');
    assert.notEqual(typingBucket, bucket);
  });

  it('of all routes together is 50 calls a second and bot, and answered with scope global', async () => {
    const clock = new VirtualClock();
    await using emulator = await createEmulator({ clock, routeCalls: 1_000 });
    const [bot, other] = [emulator.createApplication(), emulator.createApplication()];
    const look = (application: Application, path = 'users/@me') =>
      call(`${emulator.url}/v10/${path}`, 'GET', { token: application.token });
    for (let used = 0; used < 50; used++)
      assert.equal((await look(bot, used % 2 ? 'users/@me' : 'applications/@me')).status, 200);
    clock.advance(400);
    const { status, headers, body } = await look(bot);
    assert.equal(status, 429);
    assert.deepEqual(body, { message: 'You are being rate limited.', code: 0, retry_after: 0.6, global: true });
    assert.deepEqual(
      ['retry-after', 'x-ratelimit-global', 'x-ratelimit-scope', 'x-ratelimit-bucket'].map((name) => headers.get(name)),
      ['1', 'true', 'global', null],
    );
    assert.equal(restEntries(emulator, bot).at(-1)?.scope, 'global');
    assert.equal((await look(other)).status, 200);
    const interaction = await call(`${emulator.url}/v10/interactions/1/x/callback`, 'POST', { token: bot.token });
    assert.equal(interaction.body.code, 10062, 'answers to interactions are exempt');
    clock.advance(600);
    assert.equal((await look(bot)).status, 200);
  });

  it('without a token is counted for the address', async () => {
    await using emulator = await createEmulator({ clock: new VirtualClock(), globalCalls: 2, routeCalls: 1_000 });
    const look = async () => (await call(`${emulator.url}/v10/gateway`)).status;
    assert.deepEqual([await look(), await look(), await look()], [200, 200, 429]);
    const { token } = emulator.createApplication();
    assert.equal((await call(`${emulator.url}/v10/gateway`, 'GET', { token })).status, 200);
  });
});

describe('an address with too many invalid requests', () => {
  const limits = { invalidRequests: 3, banMs: 60_000 };
  const attempt = (emulator: Emulator, path: string, token = 'x') =>
    fetch(`${emulator.url}/v10/${path}`, { headers: { authorization: `Bot ${token}` } });

  it('is banned with an HTML page that Discord did not write, for every bot, until the ban ends', async () => {
    const clock = new VirtualClock();
    await using emulator = await createEmulator({ clock, ...limits });
    const { token, id } = emulator.createApplication();
    for (let used = 0; used < 3; used++) assert.equal((await attempt(emulator, 'users/@me')).status, 401);
    clock.advance(1_000);
    const banned = await attempt(emulator, 'users/@me', token);
    assert.equal(banned.status, 429);
    assert.deepEqual(
      ['content-type', 'retry-after', 'via', 'server', 'x-ratelimit-scope'].map((name) => banned.headers.get(name)),
      ['text/html; charset=UTF-8', '59', null, 'cloudflare', null],
    );
    assert.match(await banned.text(), /Error 1015/);
    const entry = emulator.ledger.entries({ type: 'rest', applicationId: id }).at(-1);
    assert.deepEqual([entry?.status, entry?.scope], [429, 'address']);
    assert.equal((await attempt(emulator, 'nowhere', token)).status, 429, 'whatever the address asks for');
    clock.advance(59_000);
    assert.equal((await attempt(emulator, 'users/@me', token)).status, 200);
  });

  it('is not banned for what is merely wrong, nor when the ten minutes are over', async () => {
    const clock = new VirtualClock();
    await using emulator = await createEmulator({ clock, ...limits });
    const { token } = emulator.createApplication();
    for (let used = 0; used < 5; used++) assert.equal((await attempt(emulator, 'channels/1', token)).status, 404);
    for (let used = 0; used < 2; used++) assert.equal((await attempt(emulator, 'users/@me')).status, 401);
    clock.advance(600_000);
    for (let used = 0; used < 2; used++) assert.equal((await attempt(emulator, 'users/@me')).status, 401);
    assert.equal((await attempt(emulator, 'users/@me', token)).status, 200);
  });
});

describe('windows of rate limits', () => {
  it('are forgotten when they ran out, so that many addresses do not fill the memory', () => {
    const clock = new VirtualClock();
    const windows = new Windows(clock);
    for (let index = 0; index <= 10_001; index++) windows.take(`${index}`, 1, 1_000);
    assert.equal(windows.size, 10_002, 'those that run are kept');
    clock.advance(1_000);
    windows.take('late', 1, 1_000);
    assert.equal(windows.size, 1);
  });
});

describe('an unmodified library', () => {
  /** Milliseconds from the first answer 429 to the next call of the same bot. */
  const pauseMs = (entries: readonly LedgerEntry[]): number => {
    const refused = entries.findIndex(({ status }) => status === 429);
    return (entries[refused + 1]?.atMs ?? 0) - (entries[refused]?.atMs ?? 0);
  };

  it('(@discordjs/rest) holds calls back when a bucket is empty: never refused, nothing lost', async () => {
    await using emulator = await createEmulator({ messageCalls: 3, messageWindowMs: 400 });
    const bot = emulator.createApplication();
    const rest = new REST({ api: emulator.url }).setToken(bot.token);
    const contents = Array.from({ length: 8 }, (_, index) => `${index}`);
    await Promise.all(
      contents.map((content) => rest.post(`/channels/${channelOf(bot)}/messages`, { body: { content } })),
    );
    const texts = emulator.messages(channelOf(bot)).map(({ content }) => content);
    assert.deepEqual(texts, contents);
    const entries = restEntries(emulator, bot);
    assert.deepEqual([...new Set(entries.map(({ status }) => status))], [200]);
    assert.ok((entries.at(-1)?.atMs ?? 0) - (entries[0]?.atMs ?? 0) >= 800, 'two windows were waited for');
  });

  it('(@discordjs/rest) pauses altogether as a global 429 tells it', async () => {
    await using emulator = await createEmulator({ globalCalls: 2, globalWindowMs: 300 });
    const bot = emulator.createApplication();
    const rest = new REST({ api: emulator.url }).setToken(bot.token);
    const paths = ['/users/@me', '/applications/@me', '/gateway/bot', `/channels/${channelOf(bot)}`] as const;
    for (const path of paths) await rest.get(path);
    const entries = restEntries(emulator, bot);
    assert.deepEqual(
      entries.map(({ status, scope }) => scope ?? status),
      [200, 200, 'global', 200, 200],
    );
    assert.ok(pauseMs(entries) >= 1_000, 'the header Retry-After is in whole seconds');
  });

  it('(oceanic.js) delivers everything in order through a small bucket', async () => {
    await using emulator = await createEmulator({ messageCalls: 2, messageWindowMs: 300 });
    const bot = emulator.createApplication();
    const client = new OceanicClient({ auth: `Bot ${bot.token}`, rest: { baseURL: `${emulator.url}/v10` } });
    client.on('error', () => {});
    const contents = ['0', '1', '2', '3', '4'];
    await Promise.all(contents.map((content) => client.rest.channels.createMessage(channelOf(bot), { content })));
    assert.deepEqual(
      emulator.messages(channelOf(bot)).map(({ content }) => content),
      contents,
    );
  });
});
