import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { createConfigStore, removeBotFile, validateBot, writeBotFile } from '../../src/adapters/yaml/index.ts';
import type { ErrorCode } from '../../src/core/errors.ts';
import { asOrdinaryUser, failure, faults, folder, lines, load, modToken, musicToken } from './fixtures.ts';

test('a file that may not be read is told with the way out', () => {
  const path = folder({ 'droas.yaml': 'version: 1\n', 'bots.d/a.yaml': 'command: x\n' });
  const bots = join(dirname(path), 'bots.d');
  chmodSync(path, 0o644);
  chmodSync(join(bots, 'a.yaml'), 0o000);
  const refused = () => lines(failure(() => load(path), 'CONFIG_INVALID'));
  assert.deepEqual(asOrdinaryUser(path, refused), [
    'bots.d/a.yaml: the user of the supervisor may not read this: give it access with chown or chmod',
  ]);
  chmodSync(bots, 0o000);
  assert.match(asOrdinaryUser(path, refused)[0] ?? '', /^bots\.d: the user of the supervisor may not read this/);
  chmodSync(bots, 0o700);
  chmodSync(path, 0o000);
  assert.match(asOrdinaryUser(path, refused).join(), /droas\.yaml: the user of the supervisor may not read this/);
});

test('bots.d that is a file, and a folder that is named like a bot, are explained', () => {
  assert.deepEqual(faults({ 'droas.yaml': 'version: 1\n', 'bots.d': 'x' }), [
    'bots.d: this must be a folder with one file per bot: move the file away',
  ]);
  assert.deepEqual(faults({ 'droas.yaml': 'version: 1\n', 'bots.d/a.yaml/': '' }), [
    'bots.d/a.yaml: this is not an ordinary file',
  ]);
});

test('a link to nowhere and a pipe that nobody writes to are explained, and nobody waits for them', () => {
  const path = folder({ 'droas.yaml': 'version: 1\n', 'bots.d/': '' });
  const bots = join(dirname(path), 'bots.d');
  symlinkSync('nowhere', join(bots, 'a.yaml'));
  execFileSync('mkfifo', [join(bots, 'b.yaml')]);
  assert.deepEqual(lines(failure(() => load(path), 'CONFIG_INVALID')), [
    'bots.d/a.yaml: this does not exist',
    'bots.d/b.yaml: this is not an ordinary file',
  ]);
});

test('two files of one bot are refused with both names, and with nothing else', () => {
  const text = `command: x\ntoken: "\${T}"\n`;
  const files = { 'droas.yaml': 'version: 1\n', 'bots.d/a.yaml': text, 'bots.d/a.yml': text };
  assert.deepEqual(faults(files, { T: musicToken }), [
    'bots.d/a.yml:1:1: a bot "a" stands in bots.d/a.yaml:1:1 and in bots.d/a.yml: remove or rename one',
  ]);
});

const document = { command: ['node', 'bot.js'], env: { A: '0644', B: `\${B}` }, stop: { grace: '5s' } };

test('a bot that was validated and written is the bot that is loaded', () => {
  const path = folder({ 'droas.yaml': 'version: 1\ndefaults: { env: { C: c } }\n' });
  const store = createConfigStore({ configPath: path, env: { B: 'b' } });
  assert.equal(store.path, path);
  const spec = store.validate('music', document);
  assert.deepEqual(spec.env, { A: '0644', B: 'b', C: 'c' });
  store.write('music', document);
  assert.deepEqual(store.load().bots, [spec]);
  const bots = join(dirname(path), 'bots.d');
  assert.deepEqual(readdirSync(bots), ['music.yaml']);
  assert.equal(statSync(join(bots, 'music.yaml')).mode & 0o777, 0o600);
  assert.equal(statSync(bots).mode & 0o777, 0o700);
  assert.match(
    readFileSync(join(bots, 'music.yaml'), 'utf8'),
    /\$\{B\}/,
    'variables are resolved when the file is read, not when it is written',
  );
  store.remove('music');
  store.remove('music');
  assert.deepEqual(readdirSync(bots), []);
});

test('faults of a new bot have the path inside its document', () => {
  const path = folder({ 'droas.yaml': 'version: 1\n' });
  const refused = (spec: Record<string, unknown>) =>
    lines(failure(() => validateBot('music', spec, { configPath: path, env: {} }), 'CONFIG_INVALID'));
  assert.deepEqual(refused({ command: 'x', restart: { maxAttempts: 'x' } }), [
    "restart.maxAttempts: expected a number, got 'x'",
  ]);
  assert.match(refused({})[0] ?? '', /^spec: nothing to run/);
  assert.match(refused({ command: 'x', after: ['y'] })[0] ?? '', /^after\[0\]: no bot is named "y"/);
  assert.match(
    refused({ command: 'x', env: { A: `\${A}` } })[0] ?? '',
    /^env\.A: the variable A is not set, and bot "music" needs it/,
  );
  assert.match(
    refused({ command: 'x', systemPrompt: 'x'.repeat(70_000) })[0] ?? '',
    /^spec: line 2 has 70014 characters/,
  );
  assert.match(
    refused({ command: 'x', token: musicToken.slice(3) })[0] ?? '',
    /^token: this does not look like a bot token/,
  );
});

test('a new bot is judged beside the others, and only for what it adds', () => {
  const path = folder({
    'droas.yaml': `version: 1\ncapacity: 1\ndefaults: { llm: { model: m, key: k } }\nbots:\n  mod: { command: x, token: "\${M}" }\n`,
    'bots.d/broken.yaml': 'comand: x\n',
  });
  const context = { configPath: path, env: { M: modToken, N: modToken, T: musicToken } };
  const refused = (name: string, spec: Record<string, unknown>, code: ErrorCode) =>
    failure(() => validateBot(name, spec, context), code);
  assert.equal(
    validateBot('music', { builtin: 'assistant', token: `\${T}`, after: ['mod', 'broken'] }, context).program.kind,
    'assistant',
  );
  assert.match(
    refused('music', { command: 'x', token: `\${N}` }, 'TOKEN_IN_USE').message,
    /^mod and music have a token of the same Discord bot/,
  );
  assert.equal(refused('music', { command: 'x', token: `\${N}`, cwd: '~/x' }, 'CONFIG_INVALID').details.length, 2);
  assert.match(refused('mod', { command: 'x' }, 'BOT_EXISTS').message, /"mod" already, in droas\.yaml:5\./);
  assert.match(refused('Music!', { command: 'x' }, 'USAGE').message, /"Music!" cannot be the name of a bot/);
  writeFileSync(path, 'version: 1\nx: 1\n');
  assert.match(refused('music', { command: 'x' }, 'CONFIG_INVALID').message, /droas\.yaml has/);
});

test('a bot is not written over another, whatever its file is called', () => {
  const path = folder({ 'droas.yaml': 'version: 1\n', 'bots.d/a.yml': 'command: x\n' });
  assert.match(failure(() => writeBotFile(path, 'a', document), 'BOT_EXISTS').message, /a\.yml/);
  failure(() => writeBotFile(path, '../a', document), 'USAGE');
  failure(() => removeBotFile(path, '../droas'), 'USAGE');
  removeBotFile(path, 'a');
  assert.deepEqual(readdirSync(join(dirname(path), 'bots.d')), []);
});

test('a bot that stands in droas.yaml is left to people, with its place', () => {
  const path = folder({ 'droas.yaml': 'version: 1\nbots:\n  mod: { command: x }\n' });
  const { message, remedy } = failure(() => removeBotFile(path, 'mod'), 'CONFIG_UNWRITABLE');
  assert.ok(message.includes(`${path}:3:3`));
  assert.match(remedy ?? '', /remove it there/);
});

test('a folder that cannot be written to leaves nothing behind and says why', () => {
  const path = folder({ 'droas.yaml': 'version: 1\n', 'bots.d/a.yaml': 'command: x\n' });
  const bots = join(dirname(path), 'bots.d');
  chmodSync(path, 0o644);
  chmodSync(bots, 0o555);
  for (const act of [() => writeBotFile(path, 'b', document), () => removeBotFile(path, 'a')]) {
    const { message, remedy } = asOrdinaryUser(path, () => failure(act, 'CONFIG_UNWRITABLE'));
    assert.match(message, /^Bot "[ab]" could not be (?:written to|removed from) .*\(EACCES\)\.$/);
    assert.match(remedy ?? '', /chown or chmod/);
  }
  assert.deepEqual(readdirSync(bots), ['a.yaml']);
  chmodSync(bots, 0o700);
  rmSync(bots, { recursive: true });
  writeFileSync(bots, '');
  assert.match(
    failure(() => writeBotFile(path, 'b', document), 'CONFIG_UNWRITABLE').remedy ?? '',
    /bots\.d must be a folder/,
  );
  rmSync(bots);
  mkdirSync(join(bots, 'b.yaml'), { recursive: true });
  failure(() => writeBotFile(path, 'b', document), 'BOT_EXISTS');
  assert.match(failure(() => removeBotFile(path, 'b'), 'CONFIG_UNWRITABLE').message, /\(ERR_FS_EISDIR\)|EISDIR/);
});

test('what was left by a writer that died does not stand in the way', () => {
  const path = folder({ 'droas.yaml': 'version: 1\n', [`bots.d/.a.yaml.${process.pid}.tmp`]: 'half' });
  writeBotFile(path, 'a', document);
  assert.deepEqual(readdirSync(join(dirname(path), 'bots.d')), ['a.yaml']);
});

test('any environment comes back from the file as it was given', () => {
  const path = folder({ 'droas.yaml': 'version: 1\n' });
  const texts = fc
    .string({ unit: 'grapheme', maxLength: 40 })
    .filter((text) => !text.includes('\0') && !text.includes('$'));
  const odd = fc.constantFrom(
    '',
    ' ',
    '0644',
    'true',
    'null',
    '~',
    '- a',
    '# b',
    'a: b',
    '*x',
    '&x',
    '!x',
    '|',
    '>',
    '"',
    "'",
    '\n',
    'a\nb\n',
    '\t',
    '1e3',
    '<<',
    '---',
    '%x',
    '{',
    '[',
  );
  fc.assert(
    fc.property(fc.dictionary(fc.stringMatching(/^[A-Z]{1,4}$/), fc.oneof(texts, odd), { maxKeys: 5 }), (env) => {
      writeBotFile(path, 'a', { command: ['x'], env });
      assert.deepEqual({ ...load(path).bots[0]?.env }, { ...env });
      removeBotFile(path, 'a');
    }),
    { numRuns: 60 },
  );
});
