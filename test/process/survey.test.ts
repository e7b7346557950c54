import assert from 'node:assert/strict';
import fs, { mkdirSync, readdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Spawner } from '../../src/ports/spawner.ts';
import { isLiving, Stage } from './support.ts';

/** Surveys while the system refuses `call` for each path that `refuses`, with `code`. */
async function surveyRefused(
  t: TestContext,
  spawner: Spawner,
  {
    call,
    code,
    refuses,
  }: { call: 'openSync' | 'readdirSync' | 'rm'; code: string; refuses: (path: string) => boolean },
) {
  const calls: Record<string, unknown> = call === 'rm' ? (fs.promises as never) : (fs as never);
  const original = calls[call] as (path: string, ...rest: unknown[]) => unknown;
  const mock = t.mock.method(calls as never, call, ((path: string, ...rest: unknown[]) => {
    if (refuses(String(path))) throw Object.assign(new Error(`${code}: refused, ${call}`), { code });
    return original(path, ...rest);
  }) as never);
  syncBuiltinESMExports();
  try {
    return await spawner.survey();
  } finally {
    mock.mock.restore();
    syncBuiltinESMExports();
  }
}

for (const [code, file] of [
  ['EMFILE', 'intent'],
  ['EACCES', 'pid'],
  ['EIO', 'exit'],
] as const) {
  test(`a bot whose ${file} the system refuses to open (${code}) is not trusted, and not touched`, async (t) => {
    const stage = new Stage(t);
    const { child } = await stage.sh('exec sleep 1000');
    child.abandon();
    const before = readdirSync(stage.run(1)).sort();
    const refuses = (path: string): boolean => path === stage.run(1, file);
    const survey = await surveyRefused(t, stage.successor(), { call: 'openSync', code, refuses });
    const sentence = `${stage.run(1)} cannot be inspected (${code}: refused, openSync); it was left alone`;
    assert.deepEqual(survey, { survivors: [], untrusted: [{ bot: 'music', sentence }] });
    assert.deepEqual(stage.oddities, [sentence]);
    assert.deepEqual(readdirSync(stage.run(1)).sort(), before);
    assert.ok(isLiving(child.pid ?? 0));
  });
}

test('a bot whose whole folder cannot be read is not trusted; the others are found', async (t) => {
  const stage = new Stage(t);
  const { child } = await stage.sh('exec sleep 1000');
  child.abandon();
  const unreadable = stage.file(join('run', 'alarm'));
  mkdirSync(join(unreadable, '1'), { recursive: true, mode: 0o700 });
  const refuses = (path: string): boolean => path === unreadable;
  const survey = await surveyRefused(t, stage.successor(), { call: 'readdirSync', code: 'EIO', refuses });
  const sentence = `${unreadable} cannot be inspected (EIO: refused, readdirSync); it was left alone`;
  assert.deepEqual(survey.untrusted, [{ bot: 'alarm', sentence }]);
  assert.deepEqual(
    survey.survivors.map(({ intent }) => intent.bot),
    ['music'],
  );
  assert.deepEqual(readdirSync(unreadable), ['1']);
});

test('a bot is named once however many of its runs cannot be inspected, and what can be is a survivor still', async (t) => {
  const stage = new Stage(t);
  const { child } = await stage.sh('exec sleep 1000');
  child.abandon();
  symlinkSync(stage.run(1), stage.run(2));
  writeFileSync(stage.run(3), '');
  const { survivors, untrusted } = await stage.successor().survey();
  assert.deepEqual([survivors.length, untrusted.length, stage.oddities.length], [1, 1, 2]);
  assert.equal(untrusted[0]?.sentence, stage.oddities[0]);
});

test('a run directory under another name than its own makes the bot not trusted', async (t) => {
  const stage = new Stage(t);
  const { child } = await stage.sh('exec sleep 1000');
  child.abandon();
  renameSync(stage.run(1), stage.run(2));
  const { survivors, untrusted } = await stage.successor().survey();
  const sentence = `${stage.run(2, 'intent')} is not the intent of this run; it was left alone`;
  assert.deepEqual({ survivors, untrusted }, { survivors: [], untrusted: [{ bot: 'music', sentence }] });
  renameSync(stage.run(2), stage.run(1));
});

test('what is no run, and a remnant that cannot be cleared away, hide nothing: the bot is trusted', async (t) => {
  const stage = new Stage(t);
  mkdirSync(stage.run(1), { recursive: true, mode: 0o700 });
  mkdirSync(join(stage.run(1), '..', 'backup'));
  const refuses = (path: string): boolean => path === stage.run(1, 'intent');
  const survey = await surveyRefused(t, stage.spawner, { call: 'rm', code: 'EROFS', refuses });
  assert.deepEqual(survey, { survivors: [], untrusted: [] });
  assert.deepEqual(stage.oddities.sort(), [
    `${stage.run(1)} could not be removed: EROFS: refused, rm`,
    `${join(stage.run(1), '..', 'backup')} is no run; it was left alone`,
  ]);
});
