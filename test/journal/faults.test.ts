import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { openJournal } from '../../src/adapters/sqlite/journal.ts';
import { openJournalReader } from '../../src/adapters/sqlite/journal-reader.ts';
import { lockState } from '../../src/adapters/sqlite/state-lock.ts';
import type { DroasError } from '../../src/core/errors.ts';
import { mountTmpfs, scratchDirectory } from '../logs/scratch.ts';
import { bot, clockAt, event } from './examples.ts';

const root = scratchDirectory();
const nowMs = 1_790_000_000_000;
const children = new Set<ChildProcess>();
after(() => {
  for (const child of children) child.kill('SIGKILL');
});

function start(fixture: string, stateDirectory: string): ChildProcess {
  const path = join(import.meta.dirname, 'fixtures', fixture);
  const child = spawn(process.execPath, [path, stateDirectory], { stdio: ['ignore', 'pipe', 'inherit'] });
  children.add(child);
  child.once('exit', () => children.delete(child));
  return child;
}

/** Writes until not one byte more goes in. */
function fill(path: string): void {
  for (let size = 1024 * 1024; size >= 1; size = Math.floor(size / 2)) {
    for (;;) {
      try {
        writeFileSync(path, Buffer.alloc(size), { flag: 'a' });
      } catch {
        break;
      }
    }
  }
}

test('killed between any two commits, the journal holds every step that was acknowledged, whole', async () => {
  const stateDirectory = join(root, 'killed');
  for (let round = 0; round < 8; round += 1) {
    const child = start('committer.ts', stateDirectory);
    let said = '';
    child.stdout?.on('data', (data) => {
      said += data;
    });
    await once(child.stdout as NodeJS.ReadableStream, 'data');
    await delay(Math.random() * 60); // the moment of the kill: any
    child.kill('SIGKILL');
    await once(child, 'close');
    const acknowledged = Number(said.slice(0, said.lastIndexOf('\n')).split('\n').at(-1));
    const reader = openJournalReader(stateDirectory);
    const incarnation = reader?.bots()[0]?.child.incarnation ?? 0;
    const events = reader?.events({ limit: 10_000 }) ?? [];
    reader?.close();
    assert.ok(incarnation === acknowledged || incarnation === acknowledged + 1, `${incarnation} after ${acknowledged}`);
    const newest = Array.from({ length: events.length }, (_, k) => String(incarnation - Math.floor(k / 2))).reverse();
    assert.deepEqual(
      events.map(({ sentence }) => sentence),
      newest,
    );
    assert.equal(events.at(-1)?.seq, incarnation * 2);
  }
});

test('a directory that cannot be written is refused by name, with the remedy', () => {
  const disk = mountTmpfs(4 * 1024 * 1024);
  try {
    execFileSync('mount', ['-o', 'remount,ro', disk.path]);
    const refused = (error: DroasError) =>
      error.code === 'STATE_UNWRITABLE' && error.message.includes(disk.path) && /mode 0700/.test(error.remedy ?? '');
    for (const directory of [disk.path, join(disk.path, 'below')]) {
      assert.throws(() => openJournal({ stateDirectory: directory, clock: clockAt(nowMs) }), refused);
      assert.throws(() => lockState(directory), refused);
    }
  } finally {
    disk.unmount();
  }
});

test('an existing state that has become read-only is refused, not taken for damage', () => {
  const disk = mountTmpfs(4 * 1024 * 1024);
  try {
    openJournal({ stateDirectory: disk.path, clock: clockAt(nowMs) }).journal.close();
    execFileSync('mount', ['-o', 'remount,ro', disk.path]);
    assert.throws(() => openJournal({ stateDirectory: disk.path, clock: clockAt(nowMs) }), {
      code: 'STATE_UNWRITABLE',
    });
  } finally {
    disk.unmount();
  }
});

test('a full disk is refused at the start and leaves nothing that passes for damage', () => {
  const disk = mountTmpfs(1024 * 1024);
  try {
    fill(join(disk.path, 'filler'));
    const refused = (error: DroasError) => error.code === 'STATE_UNWRITABLE' && /Make room/.test(error.remedy ?? '');
    assert.throws(() => openJournal({ stateDirectory: disk.path, clock: clockAt(nowMs) }), refused);
    rmSync(join(disk.path, 'filler'));
    const { journal, recovered } = openJournal({ stateDirectory: disk.path, clock: clockAt(nowMs) });
    assert.equal(recovered, null);
    journal.close();
  } finally {
    disk.unmount();
  }
});

test('on a full disk a step is refused whole, and taken when there is room again', () => {
  const disk = mountTmpfs(2 * 1024 * 1024);
  const problems: unknown[] = [];
  try {
    const onProblem = (...problem: unknown[]) => problems.push(problem[1] === null ? 'over' : problem[0]);
    const { journal } = openJournal({ stateDirectory: disk.path, clock: clockAt(nowMs), onProblem });
    assert.deepEqual(problems, ['disk-full'], 'no room for a reserve: said at once');
    journal.commit({ bots: [bot('music', 1)] });
    fill(join(disk.path, 'filler'));
    const step = { bots: [bot('music', 2)], events: [event('x'.repeat(20_000))] };
    const refused = (error: DroasError) => error.code === 'JOURNAL_UNAVAILABLE' && error.message.includes(disk.path);
    assert.throws(() => journal.commit(step), refused);
    assert.deepEqual(journal.bots(), [bot('music', 1)]);
    assert.deepEqual(journal.events({ limit: 9 }), []);
    rmSync(join(disk.path, 'filler'));
    assert.equal(journal.commit(step).length, 1);
    assert.deepEqual(journal.bots(), [bot('music', 2)]);
    journal.close();
  } finally {
    disk.unmount();
  }
});

test('when the disk fills up, the reserve makes room for what must be recorded; it is taken again later', () => {
  const disk = mountTmpfs(24 * 1024 * 1024);
  const problems: [string, string | null][] = [];
  const clock = clockAt(nowMs);
  try {
    const onProblem = (problem: string, sentence: string | null) => problems.push([problem, sentence]);
    const { journal } = openJournal({ stateDirectory: disk.path, clock, onProblem });
    const reserve = join(disk.path, 'reserve');
    assert.equal(statSync(reserve).size, 1024 * 1024);
    fill(join(disk.path, 'filler'));
    journal.commit({ events: [event('y'.repeat(20_000))] });
    assert.equal(existsSync(reserve), false);
    clock.at += 31_000;
    journal.commit({ events: [event('still full')] });
    assert.equal(problems.length, 1);
    assert.match(problems[0]?.[1] ?? '', new RegExp(`${disk.path} is full.*make room`));
    rmSync(join(disk.path, 'filler'));
    clock.at += 1000;
    journal.commit({ events: [event('not yet tried again')] });
    assert.equal(existsSync(reserve), false);
    clock.at += 30_000;
    journal.commit({ events: [event('room again')] });
    assert.equal(existsSync(reserve), true);
    assert.deepEqual(problems[1], ['disk-full', null]);
    journal.close();
    fill(join(disk.path, 'filler'));
    openJournal({ stateDirectory: disk.path, clock }).journal.close();
    assert.equal(existsSync(reserve), false, 'a start on a full disk uses it too');
  } finally {
    disk.unmount();
  }
});

test('a second supervisor is refused with the pid of the first; after its death, however sudden, it is not', async () => {
  const stateDirectory = join(root, 'locked');
  const child = start('holder.ts', stateDirectory);
  await once(child.stdout as NodeJS.ReadableStream, 'data');
  assert.throws(
    () => lockState(stateDirectory),
    (error: DroasError) =>
      error.code === 'ALREADY_RUNNING' &&
      error.message.includes(`pid ${child.pid}`) &&
      /droas down/.test(error.remedy ?? ''),
  );
  child.kill('SIGKILL');
  await once(child, 'exit');
  const lock = lockState(stateDirectory);
  assert.equal(Number(readFileSync(join(stateDirectory, 'lock.pid'), 'utf8')), process.pid);
  assert.throws(() => lockState(stateDirectory), { code: 'ALREADY_RUNNING' });
  lock.release();
  assert.equal(existsSync(join(stateDirectory, 'lock.pid')), false);
  lockState(stateDirectory).release();
});

test('without a pid that lives the message names none', async () => {
  const stateDirectory = join(root, 'nameless');
  const lock = lockState(stateDirectory);
  rmSync(join(stateDirectory, 'lock.pid'));
  assert.throws(() => lockState(stateDirectory), /^DroasError: Another supervisor owns/);
  lock.release();
});

test('garbage in the lock file keeps nobody out', () => {
  const stateDirectory = join(root, 'scribbled');
  lockState(stateDirectory).release();
  writeFileSync(join(stateDirectory, 'lock.db'), 'scribble'.repeat(1000));
  const lock = lockState(stateDirectory);
  assert.throws(() => lockState(stateDirectory), { code: 'ALREADY_RUNNING' });
  lock.release();
});

test('a directory that others could look into is closed to them', () => {
  const stateDirectory = join(root, 'open');
  execFileSync('install', ['-d', '-m', '755', stateDirectory]);
  writeFileSync(join(stateDirectory, 'lock.db'), '', { mode: 0o644 });
  lockState(stateDirectory).release();
  assert.equal(statSync(stateDirectory).mode & 0o777, 0o700);
  assert.equal(statSync(join(stateDirectory, 'lock.db')).mode & 0o777, 0o600);
});
