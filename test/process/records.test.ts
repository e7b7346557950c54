import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseStat } from '../../src/adapters/process/proc.ts';
import { blankExit, givenUp, parseExit, parseIntent, parsePid, parseShim } from '../../src/adapters/process/records.ts';

const stat = (pid: number, name: string, state: string, threads: number, start: number): string =>
  `${pid} (${name}) ${state} 1 7 8 0 -1 4194304 1 0 0 0 5 6 0 0 20 0 ${threads} 0 ${start} 1000 10 0`;
const over = (text: string): string => text + blankExit.slice(text.length);

test('every exit that a shell records is read back, whatever else it says', () => {
  const word = fc.constantFrom(
    '',
    'Killed\n',
    'Segmentation fault (core dumped)\n',
    'sh: line 1: 77 Killed   ( exec 2>/dev/null )\n',
  );
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 255 }), word, (code, said) => {
      const exit = parseExit(over(`${said}exit ${code}\n`));
      const signal = code - 128;
      if (signal < 1 || signal > 64) assert.deepEqual(exit, { kind: 'code', code });
      else assert.deepEqual(exit, said === '' ? { kind: 'either', code, signal } : { kind: 'signal', signal });
    }),
  );
});

test('an exit record that is not complete is none', () => {
  for (const text of ['', blankExit, 'exit 1', over('Killed\nexit 13'), 'exit 1234\n', 'no exit 1\n']) {
    assert.equal(parseExit(text), null, JSON.stringify(text));
  }
});

test('identity survives any name of a process', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 2 ** 22 }),
      fc.string(),
      fc.integer({ min: 0, max: 2 ** 40 }),
      (pid, name, start) => {
        const parsed = parseStat(stat(pid, name, 'S', 1, start));
        assert.deepEqual(parsed, { pid, start, parent: 1, session: 8, alive: true });
      },
    ),
  );
});

test('a zombie is dead unless other threads of it live', () => {
  assert.equal(parseStat(stat(2, 'x', 'Z', 1, 3))?.alive, false);
  assert.equal(parseStat(stat(2, 'x', 'X', 1, 3))?.alive, false);
  assert.equal(parseStat(stat(2, 'x', 'Z', 2, 3))?.alive, true);
  assert.equal(parseStat(stat(2, 'x', 'D', 1, 3))?.alive, true);
});

test('no text is a process unless it is whole', () => {
  for (const text of ['', '12', '12 (sh', '0 (sh) S 1', '12 (sh) S 1 2 3', '-1 (x) S'])
    assert.equal(parseStat(text), null, text);
  fc.assert(
    fc.property(fc.string(), (text) => void [parseStat(text), parsePid(text), parseShim(text), parseExit(text)]),
  );
});

test('pid tells of a start, a refusal, and a decision not to start', () => {
  const line = stat(12, 'sh', 'R', 1, 99);
  const main = { pid: 12, start: 99 };
  assert.deepEqual(parsePid(`${line}\n`), { kind: 'started', main, refused: null });
  assert.deepEqual(parsePid(`${line}\nnoexec 127\n`), { kind: 'started', main, refused: 127 });
  assert.deepEqual(parsePid(givenUp), { kind: 'given-up' });
  for (const text of ['', line, 'noexec 127\n', 'given-up']) assert.equal(parsePid(text), null, text);
});

test('shim tells its kind and who it is', () => {
  const line = stat(12, 'sh', 'R', 1, 99);
  assert.deepEqual(parseShim(`reaper ${line}\n`), { pid: 12, start: 99, kind: 'reaper' });
  assert.deepEqual(parseShim(`plain ${line}\n`), { pid: 12, start: 99, kind: 'plain' });
  for (const text of ['', `${line}\n`, `reaper ${line}`, 'reaper x\n']) assert.equal(parseShim(text), null, text);
});

test('an intent is read back as it was written, and nothing else is one', () => {
  const intent = {
    version: 1,
    bot: 'music',
    incarnation: 3,
    run: 'ab'.repeat(16),
    bootId: 'b',
    specHash: 'aa',
    keyHash: 'bb',
    spawnedAtMs: 1.5,
    spawnedAtWallMs: 2,
  };
  assert.deepEqual(parseIntent(JSON.stringify(intent)), intent);
  assert.deepEqual(parseIntent(JSON.stringify({ ...intent, later: 1 })), intent);
  for (const change of [{ version: 2 }, { incarnation: 0 }, { run: 'x' }, { bot: 1 }, { keyHash: '../..' }]) {
    assert.equal(parseIntent(JSON.stringify({ ...intent, ...change })), null, JSON.stringify(change));
  }
  assert.equal(parseIntent('{"version":1'), null);
});
