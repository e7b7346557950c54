import assert from 'node:assert/strict';
import { chmodSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { failure, faults, folder, lines, load, modToken, musicToken, token } from './fixtures.ts';

test('bots of droas.yaml and of bots.d are one fleet, with where each stands', () => {
  const path = folder({
    'droas.yaml': 'version: 1\ncapacity: 4\nbots:\n  mod:\n    command: [node, mod.js]\n    cwd: mod\n',
    'bots.d/music.yaml': 'command: node music.js\n',
    'bots.d/quotes.yml': `command: x\ntoken: "\${T}"\n`,
    'bots.d/.hidden.yaml': '{',
    'bots.d/notes.txt': '{',
  });
  const { capacity, bots, files } = load(path, { T: musicToken });
  const base = dirname(path);
  assert.equal(capacity, 4);
  assert.deepEqual(
    bots.map(({ name, cwd, source, token: secret }) => ({ name, cwd, source, secret })),
    [
      { name: 'mod', cwd: join(base, 'mod'), source: 'droas.yaml:4:3', secret: null },
      { name: 'music', cwd: join(base, 'bots.d'), source: 'bots.d/music.yaml:1:1', secret: null },
      { name: 'quotes', cwd: join(base, 'bots.d'), source: 'bots.d/quotes.yml:1:1', secret: { secret: musicToken } },
    ],
  );
  assert.deepEqual(files, [path, join(base, 'bots.d/music.yaml'), join(base, 'bots.d/quotes.yml')]);
});

test('a file with a version alone is a fleet of nobody', () => {
  assert.deepEqual(load(folder({ 'droas.yaml': '\uFEFFversion: 1\r\n' })).bots, []);
});

test('a missing droas.yaml is told with its path', () => {
  const path = folder({});
  assert.ok(failure(() => load(path), 'CONFIG_NOT_FOUND').message.includes(path));
});

test('everything that is wrong in all files is told at once, each with its place', () => {
  const found = faults(
    {
      'droas.yaml': [
        'version: 1',
        'capacity: many',
        'bots:',
        '  mod:',
        '    comand: node x',
        '  quotes:',
        '    command: [node, 5]',
        '    restart: { maxAtempts: 3, initialDelay: abc }',
        '',
      ].join('\n'),
      'bots.d/music.yaml': `builtin: assistant\ntoken: "\${MUSIC_TOKEN}"\nllm: { model: m, key: "\${KEY}" }\n`,
      'bots.d/mod.yaml': 'command: x\n',
      'bots.d/tabs.yaml': 'command: x\nstop:\n\tgrace: 1s\n',
      'bots.d/empty.yaml': '# nothing\n',
      'bots.d/Bad Name.yaml': 'command: x\n',
    },
    { KEY: 'k' },
  );
  const expected = [
    /^droas\.yaml:2:11 capacity: expected a number, got 'many'$/,
    /^droas\.yaml:5:5 bots\.mod\.comand: unknown key; did you mean command\?$/,
    /^droas\.yaml:7:21 bots\.quotes\.command\[1\]: expected text, got 5: put it in quotes$/,
    /^droas\.yaml:8:16 bots\.quotes\.restart\.maxAtempts: unknown key; did you mean maxAttempts\?$/,
    /^droas\.yaml:8:45 bots\.quotes\.restart\.initialDelay: expected a duration such as 30s, 500ms or 1h30m, got 'abc'$/,
    /^bots\.d\/empty\.yaml:1:1: the file is empty: a bot needs at least a `command` or `builtin: assistant`$/,
    /^bots\.d\/tabs\.yaml:3:1: a tab indents this line, and YAML allows only spaces: replace the tab by spaces$/,
    /^bots\.d\/Bad Name\.yaml:1:1: "Bad Name" cannot be the name of a bot: 1–32 of a–z/,
    /^bots\.d\/mod\.yaml:1:1: a bot "mod" stands in droas\.yaml:4:3 and in bots\.d\/mod\.yaml: remove or rename one$/,
    /^bots\.d\/music\.yaml:2:8 token: the variable MUSIC_TOKEN is not set, and bot "music" needs it: /,
  ];
  assert.equal(found.length, expected.length, found.join('\n'));
  for (const pattern of expected)
    assert.ok(
      found.some((line) => pattern.test(line)),
      `${pattern}\n${found.join('\n')}`,
    );
});

test('the error as a whole counts the faults and says what to do', () => {
  const path = folder({ 'droas.yaml': 'version: 1\nx: 1\ny: 2\n' });
  const { message, remedy } = failure(() => load(path), 'CONFIG_INVALID');
  assert.equal(message, `The configuration ${path} has 2 errors; nothing was changed.`);
  assert.match(remedy ?? '', /droas config validate/);
});

test('a list of faults has an end', () => {
  const many = Array.from({ length: 150 }, (_, index) => `x${index}: 1`).join('\n');
  const found = faults({ 'droas.yaml': `version: 1\n${many}\n` });
  assert.equal(found.length, 101);
  assert.equal(found[100], '…: and 50 more');
});

test('one fault in the YAML of a file is explained, at its place', () => {
  const table: readonly (readonly [string, RegExp])[] = [
    ['', /^droas\.yaml:1:1: the file is empty: it needs at least `version: 1`$/],
    [
      'version: 1\nversion: 1\n',
      /^droas\.yaml:2:1: this key stands twice in one map, first in line 1: remove one of them$/,
    ],
    ['version: 1\nbots: { a: { command: x, command: y } }\n', /^droas\.yaml:2:26: this key stands twice/],
    ['version: 1\n---\nversion: 1\n', /^droas\.yaml:2:1: a second document begins here/],
    ['version: @1\n', /^droas\.yaml:1:10: a text cannot begin with this character: put it in quotes$/],
    ['version: 1: 2\n', /^droas\.yaml:1:10: a second ":" on this line/],
    ['version: *one\n', /^droas\.yaml:1:10: this alias \(\*name\) has no anchor/],
    ['version: !secret 1\n', /^droas\.yaml:1:10: tags \(!name\) mean nothing here/],
    ['version: "1\n', /^droas\.yaml:2:1: this is no valid YAML \(Missing closing "quote\)/],
    ['version: "\\q"\n', /^droas\.yaml:1:11: this escape sequence is not known/],
    ['? [a]\n: 1\n', /^droas\.yaml:1:3: a key must be plain text/],
    [
      `version: [\${A}]\n`,
      /^droas\.yaml:1:12: this is no valid YAML.*inside \[ \] and \{ \} a text such as \$\{NAME\} stands in quotes$/,
    ],
    ['- version: 1\n', /^droas\.yaml:1:1: expected a map, got a list$/],
    ['%YAML 9\nversion: 1\n', /^droas\.yaml:1:/],
  ];
  for (const [text, expected] of table) {
    const found = faults({ 'droas.yaml': text });
    assert.match(found[0] ?? '', expected);
  }
});

test('nothing that stands in a broken file is repeated', () => {
  const secret = 'hunter2hunter2';
  for (const text of [
    `a: "${secret}`,
    `a: ${secret}: b`,
    `a: *${secret}`,
    `a: !${secret} b`,
    `- ${secret}`,
    `a: |${secret}`,
    `a: "\\q${secret}"`,
    `${secret}`,
    `a: [${secret}`,
    `%${secret}\na: 1`,
    `\t${secret}: 1`,
  ]) {
    assert.ok(!faults({ 'droas.yaml': text }).join().includes(secret), text);
  }
});

test('files that are no configuration are refused quickly', () => {
  const million = 1_000_000;
  const table: readonly (readonly [string | Buffer, RegExp])[] = [
    [`version: "${'x'.repeat(million)}"`, /^droas\.yaml: line 1 has 1000011 characters, and the limit is 65536/],
    ['x'.repeat(2 * million), /^droas\.yaml: the file has 2000000 bytes, and the limit is 1048576 \(1 MiB\)/],
    ['a:\n'.repeat(20_001), /^droas\.yaml: the file has 20002 lines, and the limit is 20000/],
    ['['.repeat(60_000), /^droas\.yaml:1:\d+: this is nested too deeply/],
    ['? '.repeat(30_000), /^droas\.yaml:1:\d+: this is nested too deeply/],
    [Array.from({ length: 15_000 }, (_, index) => `k${index}: 1`).join('\n'), /^droas\.yaml:1:1/],
    [Buffer.from([0x76, 0xff, 0xfe]), /^droas\.yaml: the file is not UTF-8 text/],
  ];
  for (const [text, expected] of table) {
    const before = process.cpuUsage();
    assert.match(faults({ 'droas.yaml': text }).join('\n'), expected);
    const { user } = process.cpuUsage(before);
    assert.ok(user < 3e6, `${expected} took ${user / 1_000} ms of a processor`);
  }
});

test('aliases that multiply are refused', () => {
  const levels = Array.from(
    { length: 9 },
    (_, index) => `l${index + 1}: &l${index + 1} [${Array(9).fill(`*l${index}`).join(', ')}]`,
  );
  assert.match(
    faults({ 'droas.yaml': `l0: &l0 [x, x]\n${levels.join('\n')}\n` })[0] ?? '',
    /aliases \(\*name\) lead to too much/,
  );
});

test('anchors and merges work, and faults in them still have a place', () => {
  const text = [
    'version: 1',
    'bots:',
    '  a: &a',
    '    command: [x]',
    '    restart: { maxAttempts: 2 }',
    '  b:',
    '    <<: *a',
    '    autostart: false',
    '',
  ];
  const { bots } = load(folder({ 'droas.yaml': text.join('\n') }));
  assert.deepEqual(
    bots.map(({ name, autostart, restart }) => [name, autostart, restart.maxAttempts]),
    [
      ['a', true, 2],
      ['b', false, 2],
    ],
  );
  const broken = faults({ 'droas.yaml': text.join('\n').replace('maxAttempts: 2', 'maxAttempts: x') });
  assert.deepEqual(
    broken.map((line) => line.split(':')[1]),
    ['5', '6'],
  );
});

test('numbers in env keep the digits that were written', () => {
  const env = 'env:\n  OWNER: 123456789012345678\n  MODE: 0644\n  RATIO: 1.50\n  ON: true\n';
  const { bots } = load(folder({ 'droas.yaml': 'version: 1', 'bots.d/a.yaml': `command: x\n${env}` }));
  assert.deepEqual(bots[0]?.env, { OWNER: '123456789012345678', MODE: '0644', RATIO: '1.50', ON: 'true' });
});

test('ids of servers keep their digits, in quotes or not', () => {
  const [quoted, plain] = ['223456789012345678', '1234567890123456789'];
  const lines = [`guilds: ["${quoted}", ${plain}]`, `prompts: { "${quoted}": one, ${plain}: two }`];
  const bot = ['builtin: assistant', 'llm: { baseUrl: "http://llm", model: m }', `token: ${musicToken}`, ...lines];
  const { bots } = load(folder({ 'droas.yaml': 'version: 1', 'bots.d/a.yaml': bot.join('\n') }));
  const program = bots[0]?.program;
  assert.ok(program?.kind === 'assistant');
  assert.deepEqual(program.guilds, [quoted, plain]);
  assert.deepEqual(program.prompts, { [quoted]: 'one', [plain]: 'two' });
});

test('a prompt for what is no server is refused at its place, in a bot and in the defaults', () => {
  const bot = `builtin: assistant\nllm: { baseUrl: "http://llm", model: m }\ntoken: ${musicToken}\nprompts:\n  chess: x`;
  const found = faults({ 'droas.yaml': 'version: 1\ndefaults:\n  prompts: { 12: y }', 'bots.d/a.yaml': bot });
  assert.deepEqual(found, [
    'droas.yaml:3:14 defaults.prompts.12: this is no id of a Discord server (15 to 20 digits)',
    'bots.d/a.yaml:5:3 prompts.chess: this is no id of a Discord server (15 to 20 digits)',
  ]);
});

test('envFile feeds the environment of the bot and nothing else', () => {
  const path = folder({
    'droas.yaml': 'version: 1\n',
    'bots.d/a.yaml': 'command: x\nenvFile: ../a.env\nenv: { B: own }\n',
    'a.env': 'A="one two"\nB=file\n# no\n',
  });
  const { bots, files } = load(path);
  assert.deepEqual(bots[0]?.env, { A: 'one two', B: 'own' });
  assert.equal(files.at(-1), join(dirname(path), 'a.env'));
  const unset = {
    'droas.yaml': 'version: 1',
    'a.env': 'A=1',
    'bots.d/a.yaml': `command: x\nenvFile: ../a.env\nenv: { B: "\${A}" }\n`,
  };
  assert.match(faults(unset)[0] ?? '', /the variable A is not set/);
});

test('what is wrong with an envFile is told at the bot', () => {
  const withFile = (content: string, line = '../a.env') =>
    faults({ 'droas.yaml': 'version: 1', 'a.env': content, 'bots.d/a.yaml': `command: x\nenvFile: "${line}"\n` });
  assert.match(withFile('', 'none.env')[0] ?? '', /^bots\.d\/a\.yaml:2:10 envFile: .*none\.env: this does not exist$/);
  assert.match(withFile('', '..')[0] ?? '', /this is not an ordinary file/);
  assert.match(withFile('DROAS_RUN=1')[0] ?? '', /belong to the supervisor/);
  assert.match(withFile('A-B=1')[0] ?? '', /no name of a variable/);
  assert.match(withFile('A=\0')[0] ?? '', /NUL/);
  assert.equal(withFile('', '~/a.env').length, 1);
  assert.match(withFile('', `\${NOPE}`)[0] ?? '', /NOPE is not set/);
});

test('keys that need or exclude each other are told apart', () => {
  const good = `token: "\${T}"\nllm: { model: m, key: k }\n`;
  const table: readonly (readonly [string, readonly RegExp[]])[] = [
    ['autostart: true', [/^bots\.d\/a\.yaml:1:1: nothing to run: add `command/]],
    [`command: x\nbuiltin: assistant\n${good}`, [/a\.yaml:2:1 builtin: a bot has either/]],
    [
      'command: x\nllm: {}\nsystemPrompt: y',
      [/a\.yaml:2:1 llm: only the built-in bot/, /a\.yaml:3:1 systemPrompt: only the built-in bot/],
    ],
    [
      'builtin: assistant',
      [
        /1:1: the built-in bot needs a "token"/,
        /1:1: the built-in bot needs `llm.model`/,
        /1:1: api\.openai\.com needs `llm\.key`/,
      ],
    ],
    [
      `builtin: assistant\nkind: service\n${good}`,
      [/2:7 kind: the built-in bot is a Discord bot/, /3:1 token: a service is no Discord bot/],
    ],
    [
      `builtin: assistant\ntoken: "\${T}"\nllm: { baseUrl: "http://127.0.0.1:1/v1" }`,
      [/3:1 llm: the built-in bot needs `llm\.model`/],
    ],
    ['command: x\ncwd: ~/bot', [/2:6 cwd: ~ is not replaced here: write \$\{HOME\}/]],
    [
      'command: x\nenv: { DROAS_X: 1, "a b": 2 }',
      [/2:8 env\.DROAS_X: names that begin with DROAS_/, /2:20 env\."a b": this is no name of a variable/],
    ],
    ['command: x\nrestart: { initialDelay: 10m }', [/2:1 restart: `maxDelay` is shorter than `initialDelay`/]],
    ['command: x\ntoken: abc', [/2:8 token: this does not look like a bot token/]],
    [`command: x\ntoken: "\${EMPTY}"`, [/2:8 token: the token is empty/]],
  ];
  for (const [text, expected] of table) {
    const found = faults({ 'droas.yaml': 'version: 1', 'bots.d/a.yaml': text }, { T: musicToken, EMPTY: '' });
    assert.equal(found.length, expected.length, found.join('\n'));
    for (const [index, pattern] of expected.entries()) assert.match(found[index] ?? '', pattern);
  }
});

test('faults of the defaults are told once, where they stand', () => {
  const bots = { 'bots.d/a.yaml': 'command: x\n', 'bots.d/b.yaml': 'command: x\nrestart: { factor: 3 }\n' };
  const found = faults({
    'droas.yaml': `version: 1\ndefaults:\n  restart: { maxDelay: 10ms }\n  env: { DROAS_X: 1 }\n  systemPrompt: "\${NOPE}"\n`,
    ...bots,
  });
  assert.equal(found.length, 3, found.join('\n'));
  assert.match(found[0] ?? '', /^droas\.yaml:3:3 defaults\.restart: `maxDelay` is shorter/);
  assert.match(found[1] ?? '', /^droas\.yaml:4:10 defaults\.env\.DROAS_X: /);
  assert.match(
    found[2] ?? '',
    /^droas\.yaml:5:17 defaults\.systemPrompt: the variable NOPE is not set, and the fleet needs it/,
  );
});

test('what broken defaults might have said is not missed at the bots', () => {
  const bots = { 'bots.d/a.yaml': `builtin: assistant\ntoken: "\${T}"\n` };
  const found = faults({ 'droas.yaml': 'version: 1\ndefaults: { llm: { model: [] } }\n', ...bots }, { T: musicToken });
  assert.equal(found.length, 1, found.join('\n'));
});

test('an unknown name in after is told, with the one that was meant', () => {
  const files = {
    'droas.yaml': 'version: 1\nbots:\n  lavalink: { command: x, kind: service }\n',
    'bots.d/a.yaml': 'command: x\nafter: [lavalnik, redis]\n',
  };
  assert.deepEqual(faults(files), [
    'bots.d/a.yaml:2:9 after[0]: no bot is named "lavalnik"; did you mean lavalink?',
    'bots.d/a.yaml:2:19 after[1]: no bot is named "redis"',
  ]);
  const unreadable = faults({ ...files, 'droas.yaml': 'version: [\n' });
  assert.ok(!unreadable.join().includes('no bot is named'), 'nobody knows what a broken file names');
});

test('a circle of after is told once, whole', () => {
  const found = faults({
    'droas.yaml': 'version: 1',
    'bots.d/a.yaml': 'command: x\nafter: [b]\n',
    'bots.d/b.yaml': 'command: x\nafter: [c]\n',
    'bots.d/c.yaml': 'command: x\nafter: [d, a]\n',
    'bots.d/d.yaml': 'command: x\n',
  });
  assert.deepEqual(found, [
    'bots.d/a.yaml:2:9 after[0]: a waits for b waits for c waits for a: remove one of them from `after`',
  ]);
  assert.match(
    faults({ 'droas.yaml': 'version: 1', 'bots.d/a.yaml': 'command: x\nafter: [a]\n' })[0] ?? '',
    /a waits for a/,
  );
});

test('two owners of one Discord bot are refused with both names and no token', () => {
  const other = token('123456789012345678', 'z');
  const bots = { 'bots.d/a.yaml': `command: x\ntoken: "\${A}"\n`, 'bots.d/b.yaml': `command: x\ntoken: "\${B}"\n` };
  for (const second of [musicToken, other]) {
    const found = faults({ 'droas.yaml': 'version: 1', ...bots }, { A: musicToken, B: second });
    assert.equal(found.length, 1);
    assert.match(found[0] ?? '', /^bots\.d\/b\.yaml:2:8 token: a and b have a token of the same Discord bot/);
    assert.ok(!found[0]?.includes(second.split('.')[0] ?? ''));
  }
  assert.equal(load(folder({ 'droas.yaml': 'version: 1', ...bots }), { A: musicToken, B: modToken }).bots.length, 2);
});

test('more bots than the capacity are refused, services do not count', () => {
  const bots = Object.fromEntries(Array.from({ length: 3 }, (_, index) => [`bots.d/b${index}.yaml`, 'command: x\n']));
  const service = { 'bots.d/redis.yaml': 'command: x\nkind: service\n' };
  assert.deepEqual(faults({ 'droas.yaml': 'version: 1\ncapacity: 2\n', ...bots, ...service }), [
    'droas.yaml:2:11 capacity: 3 bots are configured, and the capacity is 2 (services do not count): raise `capacity`, or remove 1',
  ]);
  assert.equal(load(folder({ 'droas.yaml': 'version: 1\ncapacity: 3\n', ...bots, ...service })).bots.length, 4);
});

test('a token in plain text is accepted only where nobody else can read it', () => {
  for (const text of [
    `command: x\ntoken: ${musicToken}\n`,
    `command: [x, "--token=${musicToken}"]\n`,
    `command: x\nenv: { T: "\${T:-${musicToken}}" }\n`,
  ]) {
    const path = folder({ 'droas.yaml': 'version: 1', 'bots.d/a.yaml': text });
    const file = join(dirname(path), 'bots.d/a.yaml');
    assert.equal(load(path).bots.length, 1);
    chmodSync(file, 0o640);
    const [line = ''] = lines(failure(() => load(path), 'CONFIG_INVALID'));
    assert.match(line, /^bots\.d\/a\.yaml:2:|^bots\.d\/a\.yaml:1:/);
    assert.ok(line.includes(`chmod 600 ${file}`));
    assert.ok(!line.includes(musicToken.slice(0, 20)));
  }
});

test('so it is in droas.yaml and in an envFile', () => {
  const path = folder({
    'droas.yaml': `version: 1\ndefaults: { env: { T: ${musicToken} } }\n`,
    'bots.d/a.yaml': 'command: x\nenvFile: a.env\n',
    'bots.d/a.env': `T=${musicToken}\n`,
  });
  assert.equal(load(path).bots.length, 1);
  chmodSync(path, 0o644);
  assert.match(
    lines(failure(() => load(path), 'CONFIG_INVALID')).join(),
    /^droas\.yaml:2:23 defaults\.env\.T: a token stands here/,
  );
  chmodSync(path, 0o600);
  chmodSync(join(dirname(path), 'bots.d/a.env'), 0o644);
  assert.match(
    lines(failure(() => load(path), 'CONFIG_INVALID')).join(),
    /^bots\.d\/a\.yaml:2:10 envFile: .*a token stands here/,
  );
});

test('no text at all makes the loader throw anything but a refusal', () => {
  const path = folder({ 'droas.yaml': 'version: 1\n' });
  const pieces = fc.constantFrom(
    'version: 1',
    'bots:',
    '  a:',
    '    command: x',
    '\t',
    '- ',
    '? ',
    ': ',
    '[',
    '{',
    '}',
    '&a ',
    '*a',
    '<<: ',
    '|',
    '"',
    "'",
    '#',
    '\n',
    '\n  ',
    `\${A}`,
    'env: ',
    'null',
    '1',
    '---',
    '%',
    '!x ',
    '\0',
    '\uD800',
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.array(pieces).map((parts) => parts.join('')),
        fc.string(),
      ),
      (text) => {
        writeFileSync(path, text);
        try {
          load(path);
        } catch (error) {
          assert.equal((error as { code?: unknown }).code, 'CONFIG_INVALID', String(error));
          for (const { where, what } of (error as { details: { where: string; what: string }[] }).details) {
            assert.match(where, /^droas\.yaml(?::[1-9]\d*:[1-9]\d*)?(?: |$)/);
            assert.notEqual(what, '');
          }
        }
      },
    ),
    { numRuns: 300 },
  );
});
