import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { read } from '../../src/core/config/explain.ts';
import { pathText } from '../../src/core/config/problem.ts';
import { botDocument, fleetDocument } from '../../src/core/config/schema.ts';
import { musicToken } from './fixtures.ts';

/** What is wrong with a bot's document, one line each: `path (key|value): what`. */
const faultsOf = (document: unknown, written: unknown = document): readonly string[] =>
  read(botDocument, document, written).problems.map(({ path, at, what }) => `${pathText(path)} (${at}): ${what}`);

const parsed = (document: unknown) => read(botDocument, document, document).value;

test('a document is turned into units that programs use, and nothing is filled in', () => {
  assert.deepEqual(
    parsed({
      command: 'node  bot.js --fast',
      memoryLimit: '100MB',
      startDeadline: '1m',
      env: { PORT: 3000, DEBUG: true, NAME: 'x' },
      ready: { tcp: 2333 },
      health: { probe: { exec: ['true'], interval: '1s' } },
      llm: { baseUrl: 'http://127.0.0.1:1234/v1//' },
    }),
    {
      command: ['node', 'bot.js', '--fast'],
      memoryLimit: 100e6,
      startDeadline: 60_000,
      env: { PORT: '3000', DEBUG: 'true', NAME: 'x' },
      ready: { tcp: { host: '127.0.0.1', port: 2333 } },
      health: { probe: { exec: ['true'], interval: 1_000 } },
      llm: { baseUrl: 'http://127.0.0.1:1234/v1' },
    },
  );
  assert.deepEqual(parsed({}), {});
  assert.deepEqual(parsed({ memoryLimit: 'none', ready: 'sdk' }), { memoryLimit: null, ready: 'sdk' });
});

test('every wrong value is answered in plain words', () => {
  const table: readonly (readonly [unknown, string])[] = [
    [{ kind: 'srvice' }, "kind (value): expected bot or service (did you mean service?), got 'srvice'"],
    [{ builtin: 'chat' }, "builtin (value): expected assistant, got 'chat'"],
    [{ autostart: 'yes' }, "autostart (value): expected true or false, got 'yes'"],
    [{ after: 'lavalink' }, "after (value): expected a list, got 'lavalink'"],
    [{ after: [1] }, 'after[0] (value): expected text, got 1: put it in quotes'],
    [{ cwd: ' ' }, 'cwd (value): must not be empty'],
    [{ cwd: 'a\0b' }, 'cwd (value): must not contain a NUL character'],
    [{ cwd: ['a'] }, 'cwd (value): expected text, got a list'],
    [{ restart: null }, 'restart (value): expected a map, got nothing'],
    [{ restart: { maxAttempts: 0 } }, 'restart.maxAttempts (value): expected 1 or more, got 0'],
    [{ restart: { maxAttempts: 101 } }, 'restart.maxAttempts (value): expected 100 or less, got 101'],
    [{ restart: { maxAttempts: 1.5 } }, 'restart.maxAttempts (value): expected a whole number, got 1.5'],
    [{ restart: { jitter: '20%' } }, "restart.jitter (value): expected a number, got '20%'"],
    [
      { restart: { initialDelay: 5 } },
      'restart.initialDelay (value): expected a duration such as 30s, 500ms or 1h30m, got 5',
    ],
    [
      { restart: { initialDelay: '1ms' } },
      "restart.initialDelay (value): expected a duration from 10ms to 7d, got '1ms'",
    ],
    [{ restart: { window: '8d' } }, "restart.window (value): expected a duration from 1s to 7d, got '8d'"],
    [{ memoryLimit: 100 }, 'memoryLimit (value): expected a size such as 100MB or 256MiB, or none, got 100'],
    [
      { memoryLimit: '1KB' },
      "memoryLimit (value): expected a size such as 100MB or 256MiB (at least 1MB), or none, got '1KB'",
    ],
    [
      { memoryLimit: 'lots' },
      "memoryLimit (value): expected a size such as 100MB or 256MiB (at least 1MB), or none, got 'lots'",
    ],
    [{ command: [] }, 'command (value): the command is empty'],
    [{ command: '  ' }, 'command (value): the command is empty'],
    [{ command: ['', 'x'] }, 'command (value): the command is empty'],
    [{ command: 5 }, 'command (value): expected a command: a list such as [node, bot.js] or plain words, got 5'],
    [{ command: ['node', 3000] }, 'command[1] (value): expected text, got 3000: put it in quotes'],
    [{ command: ['node', true] }, 'command[1] (value): expected text, got true: put it in quotes'],
    [
      { ready: 'soon' },
      "ready (value): expected spawned, sdk, or one of {log: text}, {tcp: host:port}, {http: url}, {exec: command}, got 'soon'",
    ],
    [{ ready: {} }, 'ready (value): needs exactly one of log, tcp, http, exec'],
    [{ ready: { log: 'a', tcp: 1 } }, 'ready (value): needs exactly one of log, tcp, http, exec'],
    [{ ready: { log: '(' } }, "ready.log (value): expected a regular expression, got '('"],
    [
      { ready: { tcp: 70_000 } },
      'ready.tcp (value): expected a port such as 2333 or an address such as localhost:2333, got 70000',
    ],
    [
      { ready: { tcp: 'localhost' } },
      "ready.tcp (value): expected a port such as 2333 or an address such as localhost:2333, got 'localhost'",
    ],
    [
      { ready: { tcp: true } },
      'ready.tcp (value): expected a port such as 2333 or an address such as localhost:2333, got true',
    ],
    [
      { ready: { http: 'localhost:80' } },
      "ready.http (value): expected a URL that begins with http:// or https://, got 'localhost:80'",
    ],
    [
      { discordApi: 'file:///etc/passwd' },
      "discordApi (value): expected a URL that begins with http:// or https://, got 'file:///etc/passwd'",
    ],
    [{ health: { probe: { interval: '1s' } } }, 'health.probe (value): needs exactly one of tcp, http, exec'],
    [{ health: { misses: [] } }, 'health.misses (value): expected a number, got a list'],
    [{ env: { A: null } }, 'env.A (value): expected text, got nothing'],
    [{ env: [] }, 'env (value): expected a map, got a list'],
    [{ llm: { temperature: 3 } }, 'llm.temperature (value): expected 2 or less, got 3'],
    ...['20', '20/x', '/h', '1.5/h', 'h/20', '20/h/h', '9999999/h'].map(
      (rate) =>
        [
          { llm: { budget: { user: rate } } },
          `llm.budget.user (value): expected a rate such as 20/h or 5/10m, or none, got '${rate}'`,
        ] as const,
    ),
    ...['0/h', '1001/h', '5/2d', '5/500ms'].map(
      (rate) =>
        [
          { llm: { budget: { guild: rate } } },
          `llm.budget.guild (value): expected a rate of 1 to 1000 within 1s to 1d, such as 20/h, or none, got '${rate}'`,
        ] as const,
    ),
    [
      { llm: { budget: { user: 20 } } },
      'llm.budget.user (value): expected a rate such as 20/h or 5/10m, or none, got 20',
    ],
    [
      { llm: { budget: { day: '20/h' } } },
      "llm.budget.day (value): expected a whole number such as 2000, or none, got '20/h'",
    ],
    [{ llm: { budget: { tokensPerDay: 0 } } }, 'llm.budget.tokensPerDay (value): expected 1 or more, got 0'],
    [{ llm: { budget: { dya: 5 } } }, 'llm.budget.dya (key): unknown key; did you mean day?'],
    [{ guilds: [123] }, 'guilds[0] (value): expected the id of a Discord server (15 to 20 digits, in quotes), got 123'],
    [
      { guilds: ['chess'] },
      "guilds[0] (value): expected the id of a Discord server (15 to 20 digits, in quotes), got 'chess'",
    ],
    [{ prompts: { '123456789012345678': ' ' } }, 'prompts.123456789012345678 (value): must not be empty'],
    [{ conversation: { tokens: 99 } }, 'conversation.tokens (value): expected 100 or more, got 99'],
    [null, ' (value): expected a map, got nothing'],
    [[], ' (value): expected a map, got a list'],
    ['x', ' (value): expected a map, got a text'],
  ];
  for (const [document, fault] of table) {
    assert.deepEqual(faultsOf(document), [fault], JSON.stringify(document));
  }
});

test('rates are read', () => {
  const read = (user: string) => parsed({ llm: { budget: { user } } })?.llm?.budget?.user;
  assert.deepEqual(read('20/h'), { count: 20, windowMs: 3_600_000 });
  assert.deepEqual(read('5/10m'), { count: 5, windowMs: 600_000 });
  assert.deepEqual(read('1000/d'), { count: 1_000, windowMs: 86_400_000 });
  assert.deepEqual(read('1/s'), { count: 1, windowMs: 1_000 });
  assert.equal(read('none'), null);
  assert.deepEqual(parsed({ llm: { budget: { day: 'none', tokensPerDay: 7 } } })?.llm?.budget, {
    day: null,
    tokensPerDay: 7,
  });
});

test('unknown keys are each named, with what was meant or what is known', () => {
  assert.deepEqual(faultsOf({ comand: 1, memory_limit: 2 }), [
    'comand (key): unknown key; did you mean command?',
    'memory_limit (key): unknown key; did you mean memoryLimit?',
  ]);
  assert.deepEqual(faultsOf({ stop: { signal: 'SIGINT' } }), [
    'stop.signal (key): unknown key; known here are: grace, hungGrace',
  ]);
  assert.deepEqual(faultsOf({ ready: { lgo: 'x' } }), ['ready.lgo (key): unknown key; did you mean log?']);
});

test('all faults of a document are found at once', () => {
  assert.equal(faultsOf({ kind: 1, comand: 2, restart: { factor: 'x', policy: 'x' }, stop: 3 }).length, 5);
});

test('shell syntax in a command is refused with the way out', () => {
  for (const command of [
    'a | b',
    'a && b',
    'a; b',
    'a > b',
    'a $HOME',
    'a `b`',
    'a "b c"',
    "a 'b'",
    'a *.js',
    'a b\\ c',
    '~/a',
    'a ~/b',
    'X=1 a',
    'a\nb',
  ]) {
    assert.match(faultsOf({ command })[0] ?? '', /contains shell syntax.*\[sh, -c, '…'\]/, command);
  }
  for (const command of ['node bot.js --name=x', './bot -p 80', 'python3 -m bot', 'a b~c'])
    assert.deepEqual(faultsOf({ command }), [], command);
  assert.deepEqual(parsed({ command: ['sh', '-c', 'a | b "$C"'] }), { command: ['sh', '-c', 'a | b "$C"'] });
});

test('addresses of all kinds are read', () => {
  const table = {
    '2333': ['127.0.0.1', 2333],
    'localhost:1': ['localhost', 1],
    '[::1]:80': ['::1', 80],
    'my-host.example:65535': ['my-host.example', 65_535],
  };
  for (const [tcp, [host, port]] of Object.entries(table))
    assert.deepEqual(parsed({ ready: { tcp } }), { ready: { tcp: { host, port } } });
});

test('what stands behind a variable is never shown, nor what may be a secret', () => {
  const secret = 'hunter2';
  const written = {
    autostart: `\${SECRET}`,
    stop: { grace: `x-\${SECRET}` },
    llm: { key: [secret], model: 5 },
    env: { PASSWORD: [secret] },
    token: 5,
    kind: musicToken,
    ready: 'a'.repeat(25),
  };
  const document = { ...written, autostart: secret, stop: { grace: `x-${secret}` } };
  const faults = faultsOf(document, written);
  assert.equal(faults.length, 8);
  assert.ok(!faults.join().includes(secret));
  assert.ok(!faults.join().includes(musicToken));
  assert.ok(
    faults.includes(`autostart (value): expected true or false, got the text of \${SECRET}`),
    faults.join('\n'),
  );
  assert.ok(faults.includes('token (value): expected text, got a number: put it in quotes'));
  assert.deepEqual(faultsOf({ env: secret }), ['env (value): expected a map, got a text of 7 characters']);
  assert.match(faults.join(), /kind \(value\): expected bot or service, got a text of \d+ characters/);
});

test('the version is asked for and explained', () => {
  const what = (document: unknown) => read(fleetDocument, document, document).problems.map((each) => each.what);
  assert.deepEqual(what({}), ['is missing: write `version: 1`']);
  assert.deepEqual(what({ version: 2 }), ['expected 1, the version that this droas reads, got 2']);
});

test('no document at all makes the reader throw, and each refusal says something', () => {
  const keys = fc.constantFrom(...Object.keys(botDocument.shape), 'x', '__proto__');
  const values = fc.jsonValue({ maxDepth: 3 });
  fc.assert(
    fc.property(fc.dictionary(keys, fc.oneof(values, fc.dictionary(keys, values))), (document) => {
      const { value, problems } = read(botDocument, document, document);
      assert.equal(value === null, problems.length > 0);
      for (const { what } of problems) assert.doesNotMatch(what, /^Invalid|undefined|^$/);
    }),
    { numRuns: 500 },
  );
});
