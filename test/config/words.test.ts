import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { interpolate } from '../../src/core/config/interpolate.ts';
import { pathText, valueAt } from '../../src/core/config/problem.ts';
import { nearest } from '../../src/core/config/suggest.ts';
import { containsToken, tokenFault, tokenOwner } from '../../src/core/config/token.ts';
import { modToken, musicToken, token } from './fixtures.ts';

const resolve = (document: unknown, environment: Record<string, string | undefined> = {}) =>
  interpolate(document, environment, 'bot "music"');

test('variables are resolved in every text, however deep, and nowhere else', () => {
  const document = {
    token: `\${T}`,
    command: ['a', `x\${T}y\${U}`],
    env: { [`\${T}`]: `\${T}` },
    n: 1,
    b: true,
    none: null,
  };
  assert.deepEqual(resolve(document, { T: 'one', U: '' }), {
    document: { token: 'one', command: ['a', 'xoney'], env: { [`\${T}`]: 'one' }, n: 1, b: true, none: null },
    problems: [],
  });
});

test('a default stands in for a variable that is unset or empty', () => {
  const texts = [`\${A:-x}`, `\${B:-x}`, `\${C:-x}`, `\${A:-}`];
  assert.deepEqual(resolve(texts, { B: '', C: 'c' }).document, ['x', 'x', 'c', '']);
});

test('$${ is a plain ${, and a $ without brace is itself', () => {
  assert.deepEqual(resolve([`$\${A}`, '$A $ $$', `$$\${A}`], { A: '1' }).document, [`\${A}`, '$A $ $$', `$\${A}`]);
});

test('the text of a variable is not resolved again', () => {
  assert.equal(resolve(`\${A}`, { A: `\${B}`, B: 'x' }).document, `\${B}`);
});

test('a missing variable is named with its bot and the way out, and the text stays', () => {
  const { document, problems } = resolve({ llm: { key: `\${KEY}` } });
  assert.deepEqual(document, { llm: { key: `\${KEY}` } });
  assert.equal(problems.length, 1);
  assert.deepEqual(problems[0]?.path, ['llm', 'key']);
  assert.match(
    problems[0]?.what ?? '',
    /the variable KEY is not set, and bot "music" needs it: .*environment.*\$\{KEY:-default\}/,
  );
});

test('a name that every object knows is no variable', () => {
  assert.equal(resolve(`\${constructor}`).problems.length, 1);
});

test('what is no variable is explained, not guessed at', () => {
  for (const text of [`\${`, `\${A`, `\${}`, `\${1A}`, `\${A-B}`, `\${A:-\${B}}`]) {
    assert.match(resolve(text, { A: '1', B: '2' }).problems[0]?.what ?? '', /a variable is written/, text);
  }
});

test('any text that is escaped comes back as it was', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      fc.pre(!text.includes('$'));
      assert.equal(resolve(`a\${V}b${text}`, { V: text }).document, `a${text}b${text}`);
    }),
  );
});

test('the nearest word is found across typing errors and spellings', () => {
  const known = ['command', 'memoryLimit', 'envFile', 'env', 'after'];
  const table = {
    comand: 'command',
    comamnd: 'command',
    memory_limit: 'memoryLimit',
    'MEMORY-LIMIT': 'memoryLimit',
    _m_e_m_o_r_y_limit: 'memoryLimit',
    envfile: 'envFile',
    ev: 'env',
    atfer: 'after',
    xyz: null,
    q: null,
    command3333: null,
    [`${'c'.repeat(65)}`]: null,
  };
  for (const [word, meant] of Object.entries(table)) assert.equal(nearest(word, known), meant, word);
});

test('one slip of the keyboard is always forgiven in a long word', () => {
  fc.assert(
    fc.property(fc.nat(10), fc.constantFrom('drop', 'double', 'swap'), (at, slip) => {
      const word = 'memoryLimit';
      const [head, letter, next, tail] = [word.slice(0, at), word[at] ?? '', word[at + 1] ?? '', word.slice(at + 2)];
      const typed =
        slip === 'drop'
          ? head + next + tail
          : slip === 'double'
            ? head + letter + letter + next + tail
            : head + next + letter + tail;
      assert.equal(nearest(typed, ['command', word]), word, typed);
    }),
  );
});

test('paths read as people write them', () => {
  assert.equal(pathText(['bots', 'mod', 'command', 2]), 'bots.mod.command[2]');
  assert.equal(pathText(['env', 'a b']), 'env."a b"');
  assert.equal(pathText(['x'.repeat(200)]).length, 66);
  assert.equal(pathText([]), '');
});

test('only what a document itself holds stands at a path', () => {
  assert.equal(valueAt({ a: [{ b: 1 }] }, ['a', 0, 'b']), 1);
  assert.equal(valueAt({}, ['constructor']), undefined);
  assert.equal(valueAt({ a: 'text' }, ['a', 'length']), undefined);
  assert.equal(valueAt({ a: null }, ['a', 'b']), undefined);
});

test('the owner of a token is the user id in its first part', () => {
  assert.equal(tokenOwner(musicToken), '123456789012345678');
  const first = Buffer.from('12345').toString('base64url');
  for (const text of [
    '',
    'a.b.c',
    'abc',
    `${first}.x.y`,
    `${musicToken}.z`,
    `${musicToken}=`,
    ` ${musicToken}`,
    '!.x.y',
    'a.x.y',
  ]) {
    assert.equal(tokenOwner(text), null);
  }
});

test('a text that is no token is told why, without a character of it', () => {
  const secret = 'hunter2hunter2';
  const table = {
    '': /empty/,
    [` ${musicToken}\n`]: /white space/,
    [`Bot ${musicToken}`]: /without the word "Bot"/,
    [`mfa.${secret}`]: /user account.*self-bots/,
    [secret]: /three parts/,
  };
  for (const [text, expected] of Object.entries(table)) {
    const fault = tokenFault(text) ?? '';
    assert.match(fault, expected);
    assert.ok(!fault.includes(secret) && !fault.includes(musicToken));
  }
  assert.equal(tokenFault(musicToken), null);
});

test('a token is found anywhere in a text, and ordinary text holds none', () => {
  for (const text of [
    modToken,
    `--token=${modToken}`,
    `\${T:-${modToken}}`,
    `first ${token('323456789012345678')} then`,
  ])
    assert.ok(containsToken(text));
  for (const text of ['', 'discord.com/api', `${'a'.repeat(30)}.${'b'.repeat(6)}.${'c'.repeat(38)}`])
    assert.ok(!containsToken(text), text);
});
