import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { REST } from '@discordjs/rest';
import type { Application, Emulator } from '../../src/emulator/index.ts';
import { createEmulator } from '../../src/emulator/index.ts';
import { call, channelOf } from './call.ts';

describe('a fault of the REST API', () => {
  let emulator: Emulator;
  let bot: Application;
  before(async () => {
    emulator = await createEmulator({ seed: 1 });
    bot = emulator.createApplication();
  });
  beforeEach(() => emulator.faults.clearAll());
  after(() => emulator.close());
  const me = () => call(`${emulator.url}/v10/users/@me`, 'GET', { token: bot.token });

  it('answers with the error that was asked for, in Discord’s form', async () => {
    const bodies: Record<number, unknown> = {
      400: { message: '400: Bad Request', code: 0 },
      401: { message: '401: Unauthorized', code: 0 },
      403: { message: 'Missing Access', code: 50001 },
      404: { message: '404: Not Found', code: 0 },
      418: { message: '418: Error', code: 0 },
      503: { message: '503: Service Unavailable', code: 0 },
    };
    for (const [status, body] of Object.entries(bodies)) {
      emulator.faults.set({ fault: 'rest-error', status: Number(status), count: 1 });
      const answer = await me();
      assert.deepEqual([answer.status, answer.body], [Number(status), body]);
    }
    assert.equal((await me()).status, 200);
  });

  it('answers 429 for each scope, and says when to come again', async () => {
    for (const scope of ['user', 'global', 'shared'] as const) {
      emulator.faults.set({ fault: 'rest-error', status: 429, scope, retryAfterMs: 2_500, count: 1 });
      const { status, body, headers } = await me();
      assert.deepEqual([status, body.retry_after, body.global], [429, 2.5, scope === 'global']);
      assert.deepEqual([headers.get('retry-after'), headers.get('x-ratelimit-scope')], ['3', scope]);
      assert.equal(headers.get('x-ratelimit-global'), scope === 'global' ? 'true' : null);
    }
  });

  it('answers with HTML where JSON was expected', async () => {
    emulator.faults.set({ fault: 'rest-error', status: 502, html: true, count: 1 });
    const response = await fetch(`${emulator.url}/gateway`);
    assert.equal(response.status, 502);
    assert.match(response.headers.get('content-type') ?? '', /^text\/html/);
    assert.match(await response.text(), /<h1>502<\/h1>/);
  });

  it('is survived by @discordjs/rest, which waits and tries again', async () => {
    const hitsBefore = emulator.ledger.count('fault-hit', bot.id);
    emulator.faults.set({ fault: 'rest-error', status: 500, count: 1, target: bot.id });
    emulator.faults.set({ fault: 'rest-error', status: 429, retryAfterMs: 100, count: 1, target: bot.id });
    const rest = new REST({ api: emulator.url }).setToken(bot.token);
    const self = (await rest.get('/users/@me')) as { id: string };
    assert.equal(self.id, bot.id);
    assert.equal(emulator.ledger.count('fault-hit', bot.id) - hitsBefore, 2);
  });

  it('hits one route, one method and one application', async () => {
    const other = emulator.createApplication();
    emulator.faults.set({ fault: 'rest-error', route: 'POST /channels/*/messages', target: bot.id });
    const post = ({ token, channelIds }: Application) =>
      call(`${emulator.url}/channels/${channelIds[0]}/messages`, 'POST', { token, body: { content: 'x' } });
    assert.equal((await post(bot)).status, 500);
    assert.equal((await post(other)).status, 200);
    const listed = await call(`${emulator.url}/channels/${channelOf(bot)}/messages`, 'GET', { token: bot.token });
    assert.equal(listed.status, 200);
  });

  it('knows whose a follow-up is from its address', async () => {
    emulator.faults.set({ fault: 'rest-error', status: 503, target: bot.id });
    const followUp = (id: string) => call(`${emulator.url}/webhooks/${id}/token`, 'POST', { body: { content: 'x' } });
    assert.equal((await followUp(bot.id)).status, 503);
    assert.ok((await followUp(emulator.createApplication().id)).status < 500);
  });

  it('makes answers late', async () => {
    emulator.faults.set({ fault: 'rest-latency', delayMs: 60, jitterMs: 10, count: 1 });
    const startedMs = performance.now();
    assert.equal((await me()).status, 200);
    assert.ok(performance.now() - startedMs >= 49);
  });

  it('never answers, and the emulator still closes', async () => {
    const other = await createEmulator();
    other.faults.set({ fault: 'rest-hang', count: 1 });
    other.faults.set({ fault: 'rest-latency', delayMs: 3_600_000, route: '/gateway/bot' });
    const silent = Promise.allSettled(['gateway', 'gateway/bot'].map((path) => fetch(`${other.url}/${path}`)));
    await other.ledger.waitFor({ type: 'fault-hit' });
    await fetch(`${other.pageUrl}`);
    await other.close();
    assert.deepEqual(
      (await silent).map(({ status }) => status),
      ['rejected', 'rejected'],
    );
  });

  it('cuts the body, and the call has taken effect all the same', async () => {
    emulator.faults.set({ fault: 'rest-cut', route: 'POST /**', count: 1 });
    const posting = fetch(`${emulator.url}/channels/${channelOf(bot)}/messages`, {
      method: 'POST',
      headers: { authorization: `Bot ${bot.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ content: 'half heard' }),
    });
    const response = await posting;
    assert.equal(response.status, 200);
    assert.ok(Number(response.headers.get('content-length')) > 100);
    await assert.rejects(response.text());
    assert.equal(emulator.messages(channelOf(bot)).at(-1)?.content, 'half heard');
  });

  it('shifts the clock of the rate limit headers', async () => {
    const path = `${emulator.url}/channels/${channelOf(bot)}/messages`;
    const resetAfter = async () => {
      const { headers } = await call(path, 'POST', { token: bot.token, body: { content: 'x' } });
      return Number(headers.get('x-ratelimit-reset-after'));
    };
    const before = await resetAfter();
    emulator.faults.set({ fault: 'clock-offset', offsetMs: 100_000 });
    assert.ok((await resetAfter()) > before + 90);
  });
});
