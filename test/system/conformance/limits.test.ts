import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import type { Application, Emulator, EmulatorOptions } from '../../../src/emulator/index.ts';
import { createEmulator } from '../../../src/emulator/index.ts';
import { discordLimits } from '../../../src/emulator/limits.ts';
import { call, channelOf } from '../../emulator/call.ts';
import { RawClient } from '../../emulator/raw-client.ts';
import { measured } from './table.ts';

/** A client without any manners runs into every limit. Numbers are Discord's unless a test says that it shortens them. */
type Meet = (emulator: Emulator, application: Application) => Promise<string>;

function refuses(behaviour: string, expected: string, limits: EmulatorOptions, meet: Meet): void {
  it(`${behaviour}: ${expected}`, async () => {
    await using emulator = await createEmulator(limits);
    const result = await meet(emulator, emulator.createApplication());
    measured(behaviour, 'any client', result);
    assert.equal(result, expected);
  });
}

async function serving(emulator: Emulator, { token }: Application, fields: object = {}): Promise<RawClient> {
  const client = new RawClient(emulator);
  await client.login(token, fields);
  return client;
}

describe('the gateway, for a client that does not keep to the rules', { concurrency: 8 }, () => {
  refuses('gateway: 121 payloads in 60 s', 'close 4008', {}, async (emulator, application) => {
    const client = await serving(emulator, application); // whose IDENTIFY was the first
    for (let sent = 1; sent < discordLimits.sends; sent++) client.send(1, null);
    await client.op(11);
    assert.equal(emulator.ledger.count('close'), 0);
    client.send(1, null);
    return `close ${await client.closed}`;
  });

  refuses('gateway: a payload of 4097 bytes', 'close 4002', {}, async (emulator, application) => {
    const client = await serving(emulator, application);
    const padded = (bytes: number) => JSON.stringify({ op: 1, d: null }).padEnd(bytes);
    client.socket.send(padded(4_096));
    await client.op(11);
    client.socket.send(padded(4_097));
    return `close ${await client.closed}`;
  });

  refuses('gateway: second IDENTIFY within 5 s', 'op 9, not resumable', {}, async (emulator, application) => {
    await serving(emulator, application);
    const client = new RawClient(emulator);
    await client.identify(application.token);
    const { d } = await client.op(9);
    return `op 9, ${d ? '' : 'not '}resumable`;
  });

  const budget = { identifyBudget: 3, identifyWindowMs: 1 };
  refuses(
    'gateway: IDENTIFY beyond the day (3 instead of 1000)',
    'close 4004, 3 sessions ended, token reset',
    budget,
    async (emulator, application) => {
      const { token, id } = application;
      const clients: RawClient[] = [];
      for (let n = 0; n < 3; n++) clients.push(await serving(emulator, application));
      const { body } = await call(`${emulator.url}/v10/gateway/bot`, 'GET', { token });
      assert.equal(body.session_start_limit.remaining, 0);
      const last = new RawClient(emulator);
      await last.identify(token);
      const codes = await Promise.all([last, ...clients].map(({ closed }) => closed));
      assert.deepEqual(codes, [4004, 4004, 4004, 4004]);
      const { status } = await call(`${emulator.url}/v10/gateway/bot`, 'GET', { token });
      assert.equal(status, 401);
      const ended = emulator.ledger.count('session-ended', id);
      return `close ${codes[0]}, ${ended} sessions ended, token ${emulator.ledger.count('token-reset', id) === 1 ? 'reset' : 'kept'}`;
    },
  );

  refuses(
    'gateway: no heartbeat for two intervals (0.3 s)',
    'closed, then resumed',
    { heartbeatIntervalMs: 300 },
    async (emulator, application) => {
      const client = new RawClient(emulator);
      const ready = await client.login(application.token);
      await client.closed;
      const next = new RawClient(emulator);
      await next.resume(application.token, ready.session_id, client.sequence);
      await next.event('RESUMED');
      return 'closed, then resumed';
    },
  );

  const early: Readonly<Record<string, readonly [string, (client: RawClient, application: Application) => unknown]>> = {
    'gateway: op 3 before IDENTIFY': ['close 4003', (client) => client.send(3, { status: 'idle' })],
    'gateway: no JSON': ['close 4002', (client) => client.socket.send('{')],
    'gateway: op 77': ['close 4001', (client) => client.send(77, null)],
    'gateway: a wrong token': ['close 4004', (client, { token }) => client.identify(`${token}x`)],
    'gateway: shard 3 of 2': ['close 4010', (client, { token }) => client.identify(token, { shard: [3, 2] })],
    'gateway: an intent that does not exist': [
      'close 4013',
      (client, { token }) => client.identify(token, { intents: 1 << 23 }),
    ],
    'gateway: an intent that is not switched on': [
      'close 4014',
      (client, { token }) => client.identify(token, { intents: 1 << 15 }),
    ],
  };
  for (const [behaviour, [expected, misbehave]] of Object.entries(early))
    refuses(behaviour, expected, {}, async (emulator, application) => {
      const client = new RawClient(emulator);
      await once(client.socket, 'open');
      await misbehave(client, application);
      return `close ${await client.closed}`;
    });

  refuses(
    'gateway: version 9',
    'close 4012',
    {},
    async (emulator) => `close ${await new RawClient(emulator, '?v=9').closed}`,
  );

  refuses(
    'gateway: second IDENTIFY on a connection',
    'close 4005',
    { identifyWindowMs: 1 },
    async (emulator, application) => {
      const client = await serving(emulator, application);
      client.send(2, { token: application.token, intents: 1, properties: {} });
      return `close ${await client.closed}`;
    },
  );

  refuses('gateway: RESUME with a sequence not yet sent', 'close 4007', {}, async (emulator, application) => {
    const client = new RawClient(emulator);
    const ready = await client.login(application.token);
    client.socket.terminate();
    const next = new RawClient(emulator);
    await next.resume(application.token, ready.session_id, 9_999);
    return `close ${await next.closed}`;
  });
});

describe('the REST API, for a client that does not keep to the rules', { concurrency: 8 }, () => {
  const times = (count: number, request: () => ReturnType<typeof call>) =>
    Promise.all(Array.from({ length: count }, request));
  const post = (emulator: Emulator, application: Application) => () =>
    call(`${emulator.url}/v10/channels/${channelOf(application)}/messages`, 'POST', {
      token: application.token,
      body: { content: 'hi' },
    });

  refuses(
    'REST: 6 messages at once in a channel',
    '5 sent, 429 user, retry within 5 s',
    {},
    async (emulator, application) => {
      const answers = await times(6, post(emulator, application));
      const refused = answers.find(({ status }) => status === 429);
      assert.equal(refused?.headers.get('x-ratelimit-remaining'), '0');
      assert.ok(refused.body.retry_after > 0 && refused.body.retry_after <= 5);
      const sent = answers.filter(({ status }) => status === 200).length;
      return `${sent} sent, 429 ${refused.headers.get('x-ratelimit-scope')}, retry within 5 s`;
    },
  );

  refuses('REST: 60 calls in a second', '50 answered, 429 global', { routeCalls: 100 }, async (emulator, { token }) => {
    const answers = await times(60, () => call(`${emulator.url}/v10/users/@me`, 'GET', { token }));
    const refused = answers.find(({ status }) => status === 429);
    assert.equal(refused?.body.global, true);
    const answered = answers.filter(({ status }) => status === 200).length;
    return `${answered} answered, 429 ${refused.headers.get('x-ratelimit-scope')}`;
  });

  refuses(
    'REST: invalid requests (20 instead of 10,000)',
    'the address is banned, for the good bots too',
    { invalidRequests: 20, banMs: 300 },
    async (emulator, { token }) => {
      const asked = async (own: string) =>
        await fetch(`${emulator.url}/v10/users/@me`, { headers: { authorization: `Bot ${own}` } });
      for (let n = 0; n < 20; n++) assert.equal((await asked(`${token}x`)).status, 401);
      const banned = await asked(token);
      assert.equal(banned.status, 429);
      assert.equal(banned.headers.get('via'), null);
      assert.match(await banned.text(), /1015/);
      await passed(300);
      assert.equal((await asked(token)).status, 200);
      return 'the address is banned, for the good bots too';
    },
  );

  const interaction = async (emulator: Emulator, application: Application) => {
    await call(`${emulator.url}/v10/applications/${application.id}/commands`, 'PUT', {
      token: application.token,
      body: [{ name: 'ping', description: 'Answers' }],
    });
    return emulator.interact({ applicationId: application.id, channelId: channelOf(application), command: 'ping' });
  };
  const answer = (emulator: Emulator, { id, token }: { id: string; token: string }) =>
    call(`${emulator.url}/v10/interactions/${id}/${token}/callback`, 'POST', {
      body: { type: 4, data: { content: 'pong' } },
    });

  refuses(
    'REST: an interaction answered late (0.1 s instead of 3 s)',
    '404, code 10062',
    { interactionDeadlineMs: 100 },
    async (emulator, application) => {
      await serving(emulator, application);
      const asked = await interaction(emulator, application);
      await passed(100);
      const { status, body } = await answer(emulator, asked);
      return `${status}, code ${body.code}`;
    },
  );

  refuses('REST: an interaction answered twice', '400, code 40060', {}, async (emulator, application) => {
    await serving(emulator, application);
    const asked = await interaction(emulator, application);
    await answer(emulator, asked);
    const { status, body } = await answer(emulator, asked);
    return `${status}, code ${body.code}`;
  });

  refuses(
    'REST: a follow-up after 15 min (0.2 s)',
    '401, code 50027',
    { interactionLifetimeMs: 200 },
    async (emulator, application) => {
      await serving(emulator, application);
      const asked = await interaction(emulator, application);
      assert.equal((await answer(emulator, asked)).status, 204);
      await passed(200);
      const url = `${emulator.url}/v10/webhooks/${application.id}/${asked.token}`;
      const { status, body } = await call(url, 'POST', { body: { content: 'late' } });
      return `${status}, code ${body.code}`;
    },
  );
});

/** The time that a limit is about, and a little more. */
const passed = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds + 50));
