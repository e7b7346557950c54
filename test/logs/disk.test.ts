import assert from 'node:assert/strict';
import { appendFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Desk } from './desk.ts';
import { mountTmpfs, scratchDirectory } from './scratch.ts';
import { until } from './until.ts';

const root = scratchDirectory();
const small = mountTmpfs(1024 * 1024);
after(() => small.unmount());

test('a full disk loses nothing: it is said once, and all is kept when there is room', async () => {
  const desk = new Desk(small.path, { pollMs: 100 });
  const source = desk.source('music', 1, root);
  const filler = join(small.path, 'filler');
  assert.throws(() => writeFileSync(filler, Buffer.alloc(2 * 1024 * 1024)), { code: 'ENOSPC' });
  truncateSync(filler, statSync(filler).size - 16 * 1024); // room for a part of what comes
  const lines = Array.from({ length: 3000 }, (_, n) => `line ${n}`);
  appendFileSync(source.spools.out, `${lines.join('\n')}\n`);
  desk.spool.follow(source);
  await until('the problem is said', () => desk.problems.length > 0);
  assert.match(desk.problems[0]?.[1] ?? '', /"music" cannot be kept: ENOSPC.*make room in/);
  for (let n = 0; n < 300; n += 1) desk.spool.note('music', 1, `note ${n}`);
  const touchedMs = () => statSync(join(desk.logsDirectory, 'music', 'current.log')).ctimeMs;
  for (let again = 0; again < 2; again += 1) {
    const beforeMs = touchedMs();
    await until('it was tried again', () => touchedMs() > beforeMs);
  }
  rmSync(filler);
  await until('it is over', () => desk.problems.length === 2);
  assert.deepEqual(desk.problems[1], ['log-unwritable', null]);
  await until('the last line is kept', async () => (await desk.texts('music')).includes('line 2999'));
  await desk.spool.finish('music', 1);
  const kept = await desk.lines('music');
  assert.deepEqual(
    kept.filter(({ stream }) => stream === 'out').map(({ text }) => text),
    lines,
  );
  assert.equal(kept.filter(({ stream }) => stream === 'droas').length, 100, 'notes that wait are bounded');
  await desk.spool.close();
});

test('consumed output is given back to the disk while the bot runs on', async () => {
  const desk = new Desk(join(root, 'punched'), { giveBackBytes: 1024 * 1024 });
  const source = desk.source('music');
  desk.spool.follow(source);
  const line = `${'x'.repeat(1023)}\n`;
  for (let megabyte = 1; megabyte <= 6; megabyte += 1) {
    appendFileSync(source.spools.out, line.repeat(1024));
    await until('it is kept', async () => (await desk.lines('music', 1))[0]?.offset === megabyte * 1024 * 1024);
  }
  await until('the space is back', () => statSync(source.spools.out).blocks * 512 <= 1024 * 1024);
  assert.equal(statSync(source.spools.out).size, 6 * 1024 * 1024);
  await desk.spool.finish('music', 1);
  assert.equal((await desk.lines('music')).filter(({ text }) => text.length === 1023).length, 6 * 1024);
  assert.deepEqual(desk.problems, []);
  await desk.spool.close();
});

test('where space cannot be given back that is said once, and lines are kept as ever', async () => {
  const { PATH } = process.env;
  process.env['PATH'] = join(root, 'nothing-here');
  const desk = new Desk(join(root, 'unpunched'), { giveBackBytes: 64 * 1024 });
  try {
    const source = desk.source('music');
    desk.spool.follow(source);
    for (const path of Object.values(source.spools)) appendFileSync(path, `${'x'.repeat(1023)}\n`.repeat(512));
    await until('the problem is said', () => desk.problems.length === 1);
    assert.match(desk.problems[0]?.[1] ?? '', /stays on the disk until its bot ends: spawn fallocate ENOENT/);
    await desk.spool.finish('music', 1);
    assert.equal((await desk.lines('music')).length, 1024);
    assert.equal(desk.problems.length, 1);
  } finally {
    process.env['PATH'] = PATH;
    await desk.spool.close();
  }
});
