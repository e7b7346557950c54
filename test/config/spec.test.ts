import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { botSpec } from '../../src/core/config/build.ts';
import { diffFleet } from '../../src/core/config/diff.ts';
import { read } from '../../src/core/config/explain.ts';
import { canonical, specIdentity } from '../../src/core/config/identity.ts';
import { type BotDocument, botDocument, type Defaults, defaultsDocument } from '../../src/core/config/schema.ts';
import type { BotSpec, FleetSpec } from '../../src/core/config/spec.ts';
import { modToken, musicToken } from './fixtures.ts';

const place = { name: 'music', cwd: '/srv/music', fileEnv: {}, source: 'bots.d/music.yaml:1:1' };
const bot = (document: unknown): BotDocument => botDocument.parse(document);
const spec = (document: unknown, defaults: unknown = {}, more: Partial<typeof place> = {}): BotSpec =>
  botSpec(bot(document), defaultsDocument.parse(defaults), { ...place, ...more });

test('a command with nothing else has every default', () => {
  assert.deepEqual(spec({ command: ['node', 'bot.js'] }), {
    name: 'music',
    kind: 'bot',
    program: { kind: 'command', command: ['node', 'bot.js'] },
    token: null,
    discordApi: 'https://discord.com/api',
    secretsIn: 'file',
    cwd: '/srv/music',
    env: {},
    autostart: true,
    after: [],
    ready: { kind: 'spawned' },
    restart: {
      mode: 'always',
      immediateFirst: true,
      initialDelayMs: 1_000,
      factor: 2,
      maxDelayMs: 300_000,
      jitter: 0.2,
      maxAttempts: 5,
      windowMs: 3_600_000,
      stableAfterMs: 600_000,
      trialMaxDelayMs: 3_600_000,
      startCostsIdentify: false,
      startDeadlineMs: 60_000,
      graceMs: 30_000,
      hungGraceMs: 5_000,
      alertAbove: 3,
    },
    health: {
      sweepMs: 30_000,
      heartbeatMs: 5_000,
      misses: 3,
      reconnectMs: 120_000,
      loopLagWarnMs: 250,
      latencyWarnMs: 1_000,
      probe: null,
    },
    memoryLimitBytes: null,
    source: 'bots.d/music.yaml:1:1',
  });
});

test('the built-in bot has its own defaults', () => {
  const { program, ready, memoryLimitBytes, token, restart } = spec({
    builtin: 'assistant',
    token: musicToken,
    llm: { model: 'm', key: 'k' },
  });
  assert.deepEqual(program, {
    kind: 'assistant',
    llm: {
      baseUrl: 'https://api.openai.com/v1',
      key: { secret: 'k' },
      model: 'm',
      maxTokens: 1000,
      temperature: 1,
      timeoutMs: 60_000,
      budget: { user: null, guild: null, requestsPerDay: 2_000, tokensPerDay: null },
    },
    systemPrompt: 'You are a helpful assistant on Discord. Answer briefly and in the language of the question.',
    prompts: {},
    guilds: null,
    directMessages: true,
    conversationMessages: 20,
    conversationTokens: 6_000,
    conversationChannels: 50,
  });
  assert.deepEqual(
    { ready, memoryLimitBytes, token },
    { ready: { kind: 'sdk' }, memoryLimitBytes: 100e6, token: { secret: musicToken } },
  );
  assert.equal(restart.startCostsIdentify, true);
});

test('a bot outdoes the fleet, key by key, and the fleet outdoes what is built in', () => {
  const defaults = {
    restart: { maxAttempts: 3, factor: 3 },
    stop: { grace: '10s' },
    health: { misses: 2, probe: { tcp: 1 } },
    llm: { model: 'fleet', baseUrl: 'http://llm/v1', budget: { user: '20/h', day: 'none' } },
    systemPrompt: 'fleet',
    prompts: { '123456789012345678': 'one' },
    guilds: ['123456789012345678'],
    directMessages: false,
    conversation: { messages: 4, tokens: 500 },
    discordApi: 'http://discord/api',
    env: { A: '1', B: '1', C: '1' },
    secrets: 'env',
    autostart: false,
    startDeadline: '5s',
    memoryLimit: '50MB',
  };
  const fleetOnly = spec({ builtin: 'assistant', token: musicToken }, defaults);
  assert.deepEqual(
    [
      fleetOnly.restart.maxAttempts,
      fleetOnly.restart.factor,
      fleetOnly.restart.initialDelayMs,
      fleetOnly.restart.graceMs,
      fleetOnly.restart.startDeadlineMs,
    ],
    [3, 3, 1_000, 10_000, 5_000],
  );
  assert.deepEqual(
    [
      fleetOnly.secretsIn,
      fleetOnly.autostart,
      fleetOnly.memoryLimitBytes,
      fleetOnly.discordApi,
      fleetOnly.health.misses,
      fleetOnly.health.probe?.target,
    ],
    ['env', false, 50e6, 'http://discord/api', 2, '127.0.0.1:1'],
  );
  assert.deepEqual(fleetOnly.program, {
    kind: 'assistant',
    llm: {
      baseUrl: 'http://llm/v1',
      key: null,
      model: 'fleet',
      maxTokens: 1000,
      temperature: 1,
      timeoutMs: 60_000,
      budget: { user: { count: 20, windowMs: 3_600_000 }, guild: null, requestsPerDay: null, tokensPerDay: null },
    },
    systemPrompt: 'fleet',
    prompts: { '123456789012345678': 'one' },
    guilds: ['123456789012345678'],
    directMessages: false,
    conversationMessages: 4,
    conversationTokens: 500,
    conversationChannels: 50,
  });
  const ownModel = spec(
    {
      builtin: 'assistant',
      token: musicToken,
      llm: { budget: { user: 'none', tokensPerDay: 9 } },
      prompts: { '223456789012345678': 'two' },
      guilds: [],
      directMessages: true,
      conversation: { channels: 2 },
    },
    defaults,
  ).program;
  assert.ok(ownModel.kind === 'assistant');
  assert.deepEqual(ownModel.llm.budget, { user: null, guild: null, requestsPerDay: null, tokensPerDay: 9 });
  assert.deepEqual(ownModel.prompts, { '123456789012345678': 'one', '223456789012345678': 'two' });
  assert.deepEqual(
    [ownModel.guilds, ownModel.directMessages, ownModel.conversationTokens, ownModel.conversationChannels],
    [[], true, 500, 2],
  );
  const own = spec(
    {
      command: 'x',
      restart: { maxAttempts: 9 },
      stop: { hungGrace: '1s' },
      env: { A: '3' },
      secrets: 'file',
      autostart: true,
      startDeadline: '7s',
      memoryLimit: 'none',
    },
    defaults,
    { fileEnv: { A: '2', B: '2' } } as Partial<typeof place>,
  );
  assert.deepEqual(
    [
      own.restart.maxAttempts,
      own.restart.factor,
      own.restart.graceMs,
      own.restart.hungGraceMs,
      own.restart.startDeadlineMs,
    ],
    [9, 3, 10_000, 1_000, 7_000],
  );
  assert.deepEqual(own.env, { A: '3', B: '2', C: '1' });
  assert.deepEqual([own.secretsIn, own.autostart, own.memoryLimitBytes], ['file', true, null]);
});

test('each way to be ready and each probe reaches the spec', () => {
  const ready = (value: unknown) => spec({ command: 'x', ready: value }).ready;
  assert.deepEqual(ready({ log: 'up' }), { kind: 'log', pattern: 'up' });
  assert.deepEqual(ready({ tcp: 'db:5' }), { kind: 'tcp', host: 'db', port: 5 });
  assert.deepEqual(ready({ http: 'http://x/' }), { kind: 'http', url: 'http://x/' });
  assert.deepEqual(ready({ exec: 'a b' }), { kind: 'exec', command: ['a', 'b'] });
  assert.deepEqual(ready('sdk'), { kind: 'sdk' });
  const probe = (value: unknown) => spec({ command: 'x', health: { probe: value } }).health.probe;
  assert.deepEqual(probe({ tcp: 'db:5' }), {
    kind: 'tcp',
    target: 'db:5',
    command: [],
    intervalMs: 5_000,
    timeoutMs: 1_000,
  });
  assert.deepEqual(probe({ http: 'http://x/', timeout: '2s' }), {
    kind: 'http',
    target: 'http://x/',
    command: [],
    intervalMs: 5_000,
    timeoutMs: 2_000,
  });
  assert.deepEqual(probe({ exec: ['a', 'b'], interval: '1s' }), {
    kind: 'exec',
    target: 'a b',
    command: ['a', 'b'],
    intervalMs: 1_000,
    timeoutMs: 1_000,
  });
});

test('only a Discord bot whose token is known spends an IDENTIFY on a start', () => {
  assert.equal(spec({ command: 'x', token: musicToken }).restart.startCostsIdentify, true);
  assert.equal(spec({ command: 'x' }).restart.startCostsIdentify, false);
  assert.equal(spec({ command: 'x', kind: 'service' }).restart.startCostsIdentify, false);
});

test('the same name twice in after counts once', () => {
  assert.deepEqual(spec({ command: 'x', after: ['a', 'b', 'a'] }).after, ['a', 'b']);
});

const full = { builtin: 'assistant', token: musicToken, llm: { model: 'm', key: 'k' }, env: { A: '1' } };
const fleet = (...bots: readonly BotSpec[]): FleetSpec => ({ capacity: 10, bots, files: [] });

test('a change that a running process depends on needs a new process', () => {
  const changes: readonly (readonly [unknown, Partial<typeof place>?])[] = [
    [{ ...full, token: modToken }],
    [{ ...full, llm: { ...full.llm, model: 'other' } }],
    [{ ...full, llm: { ...full.llm, key: 'other' } }],
    [{ ...full, systemPrompt: 'x' }],
    [{ ...full, llm: { ...full.llm, budget: { day: 1 } } }],
    [{ ...full, prompts: { '123456789012345678': 'x' } }],
    [{ ...full, guilds: [] }],
    [{ ...full, directMessages: false }],
    [{ ...full, conversation: { messages: 1 } }],
    [{ ...full, discordApi: 'http://x/api' }],
    [{ ...full, secrets: 'env' }],
    [{ ...full, env: { A: '2' } }],
    [{ ...full, health: { heartbeat: '1s' } }],
    [full, { cwd: '/elsewhere' }],
    [{ command: 'x' }],
  ];
  for (const [changed, where] of changes) {
    const diff = diffFleet(fleet(spec(full)), fleet(spec(changed, {}, where)));
    assert.deepEqual(
      diff,
      { added: [], removed: [], restarted: ['music'], changed: [], unchanged: [] },
      JSON.stringify(changed),
    );
  }
});

test('policies, limits and order change in place', () => {
  const changes = [
    { restart: { maxAttempts: 1 } },
    { stop: { grace: '1s' } },
    { startDeadline: '1s' },
    { health: { misses: 1 } },
    { health: { probe: { tcp: 1 } } },
    { memoryLimit: '1GB' },
    { after: ['x'] },
    { autostart: false },
    { ready: 'spawned' },
  ];
  for (const change of changes) {
    const { changed, restarted } = diffFleet(fleet(spec(full)), fleet(spec({ ...full, ...change })));
    assert.deepEqual({ changed, restarted }, { changed: ['music'], restarted: [] }, JSON.stringify(change));
  }
});

test('a bot that only moved to another line is unchanged', () => {
  const moved = spec(full, {}, { source: 'droas.yaml:9:3' });
  assert.deepEqual(diffFleet(fleet(spec(full)), fleet(moved)).unchanged, ['music']);
});

test('every bot of both fleets has exactly one fate', () => {
  const names = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e'));
  const variants = fc.constantFrom({}, { env: { A: '1' } }, { autostart: false });
  const fleets = names.chain((chosen) =>
    fc
      .tuple(...chosen.map((name) => variants.map((variant) => spec({ command: 'x', ...variant }, {}, { name }))))
      .map((bots) => fleet(...bots)),
  );
  fc.assert(
    fc.property(fleets, fleets, (before, after) => {
      const { added, removed, restarted, changed, unchanged } = diffFleet(before, after);
      const named = (bots: readonly BotSpec[]) => bots.map(({ name }) => name).sort();
      assert.deepEqual([...added, ...restarted, ...changed, ...unchanged].sort(), named(after.bots));
      assert.deepEqual([...removed, ...restarted, ...changed, ...unchanged].sort(), named(before.bots));
      assert.deepEqual(
        diffFleet(after, after).unchanged,
        after.bots.map(({ name }) => name),
      );
    }),
  );
});

test('the identity does not depend on the order of keys, and does on every value', () => {
  assert.equal(
    specIdentity(spec({ command: 'x', env: { A: '1', B: '2' } })),
    specIdentity(spec({ env: { B: '2', A: '1' }, command: 'x' })),
  );
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      assert.deepEqual(JSON.parse(canonical(value)), JSON.parse(JSON.stringify(value)));
    }),
  );
});

test('a document that passes its schema always makes a spec', () => {
  const policies: Defaults = {};
  const documents = fc.record(
    {
      command: fc.array(fc.constantFrom('node', 'x'), { minLength: 1 }),
      after: fc.array(fc.constantFrom('a', 'b')),
      ready: fc.constantFrom<unknown>('spawned', 'sdk', { log: 'x' }, { tcp: 1 }),
      memoryLimit: fc.constantFrom('none', '5MB'),
    },
    { requiredKeys: ['command'] },
  );
  fc.assert(
    fc.property(documents, (document) => {
      const { value } = read(botDocument, document, document);
      assert.ok(value !== null && botSpec(value, policies, place).name === 'music');
    }),
  );
});
