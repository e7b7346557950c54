import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type TestContext, test } from 'node:test';
import { send } from '../../src/adapters/process/kill.ts';
import { exists, readStat } from '../../src/adapters/process/proc.ts';
import { RunDirectory } from '../../src/adapters/process/run-directory.ts';
import { shimArguments } from '../../src/adapters/process/shim.ts';
import { bootId } from '../../src/adapters/system/boot-id.ts';
import type { ChildProcess, Intent } from '../../src/ports/spawner.ts';
import { fastClock, isLiving, machine, observe, path, read, readPid, Stage, until } from './support.ts';

const run = '0123456789abcdef'.repeat(2);
const blank = ' '.repeat(512);

/** A run directory as a supervisor leaves it that dies just before the spawn. */
async function prepared(stage: Stage, changes: Partial<Intent> = {}): Promise<RunDirectory> {
  const directory = new RunDirectory(stage.file('run'), 'music', 1);
  const [spawnedAtMs, spawnedAtWallMs] = [1, 2];
  const intent = {
    version: 1,
    bot: 'music',
    incarnation: 1,
    run,
    bootId: bootId(),
    spawnedAtMs,
    spawnedAtWallMs,
  } as const;
  await directory.prepare({ ...intent, specHash: 'a', keyHash: 'b', ...changes });
  return directory;
}

/** Adopts the only survivor. */
async function adopt(stage: Stage) {
  const { survivors, untrusted } = await stage.successor().survey();
  const [survivor, ...others] = survivors;
  assert.ok(survivor !== undefined && others.length === 0);
  assert.deepEqual(untrusted, []);
  const watcher = observe();
  return { watcher, child: stage.keep(survivor.adopt(watcher)) };
}

async function sleeper(t: TestContext, env: NodeJS.ProcessEnv = { PATH: path }) {
  const bystander = spawn('sleep', ['1000'], { env });
  t.after(() => bystander.kill('SIGKILL'));
  await once(bystander, 'spawn');
  const { pid } = bystander;
  assert.ok(pid !== undefined);
  const end = async (): Promise<void> => {
    bystander.kill('SIGKILL');
    await once(bystander, 'exit');
  };
  return { pid, stat: read(`/proc/${pid}/stat`), end };
}

/** A line of /proc/PID/stat with another start time. */
const later = (stat: string): string =>
  stat.replace(/^((?:\S+ ){21})(\d+)/, (_, head, start) => `${head}${Number(start) + 1}`);

test('a living bot is adopted by another spawner and its exit is told', async (t) => {
  const stage = new Stage(t);
  const first = await stage.sh(`trap 'exit 3' TERM; : >${stage.file('x.armed')}; sleep 1000 & wait`);
  await until('the trap is set', () => existsSync(stage.file('x.armed')));
  first.child.abandon();
  const { watcher, child } = await adopt(stage);
  assert.deepEqual(child.intent, first.child.intent);
  assert.deepEqual([child.pid, child.spools], [first.child.pid, first.child.spools]);
  assert.equal(child.tree().length, 2);
  child.askStop();
  assert.deepEqual((await watcher.end).exit, { kind: 'code', code: 3 });
  assert.deepEqual(first.watcher.calls, []);
});

test('an exit while nobody watched is told with its code', async (t) => {
  const stage = new Stage(t);
  const { child } = await stage.sh(`until [ -e ${stage.file('go')} ]; do sleep 0.01; done; exit 42`);
  child.abandon();
  writeFileSync(stage.file('go'), '');
  await until('it is gone', () => !isLiving(child.pid ?? 0) && read(stage.run(1, 'exit')).includes('exit'));
  const { watcher } = await adopt(stage);
  assert.deepEqual(watcher.calls, []);
  assert.deepEqual(await watcher.end, { exit: { kind: 'code', code: 42 }, treeEmpty: true });
});

test('descendants of a bot that ended while nobody watched are found', async (t) => {
  const stage = new Stage(t);
  const { child } = await stage.sh(`setsid sleep 1000 & until [ -e ${stage.file('go')} ]; do sleep 0.01; done`);
  child.abandon();
  writeFileSync(stage.file('go'), '');
  await until('it is gone', () => read(stage.run(1, 'exit')).includes('exit'));
  const second = await adopt(stage);
  assert.equal((await second.watcher.end).treeEmpty, false);
  second.child.killTree();
  await second.watcher.empty;
});

test('what a supervisor started that is then killed -9 is adopted, and was started once', async (t) => {
  const stage = new Stage(t);
  const fixture = spawn(process.execPath, [join(import.meta.dirname, 'fixture-supervisor.ts'), stage.state], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(createInterface(fixture.stdout), 'line')) as [string];
  fixture.kill('SIGKILL');
  await once(fixture, 'exit');
  const { survivors } = await stage.spawner.survey();
  assert.deepEqual(survivors.map(({ intent }) => `${intent.bot} ${intent.incarnation}`).sort(), [
    'alive 1',
    'ends 1',
    'music 1',
  ]);
  const watchers = new Map(
    survivors.map((survivor) => {
      const watcher = observe();
      return [survivor.intent.bot, { watcher, child: stage.keep(survivor.adopt(watcher)) }];
    }),
  );
  const adopted = (bot: string): { watcher: ReturnType<typeof observe>; child: ChildProcess } => {
    const found = watchers.get(bot);
    assert.ok(found);
    return found;
  };
  assert.deepEqual(
    (JSON.parse(line) as number[]).sort(),
    ['alive', 'ends', 'music'].map((bot) => adopted(bot).child.pid).sort(),
  );
  writeFileSync(stage.file('go'), '');
  assert.deepEqual((await adopted('ends').watcher.end).exit, { kind: 'code', code: 6 });
  adopted('alive').child.askStop();
  assert.deepEqual((await adopted('alive').watcher.end).exit, { kind: 'signal', signal: 15 });
  assert.deepEqual(adopted('music').watcher.calls, []);
  assert.equal(read(stage.file('starts')), 'started\n'.repeat(3));
});

test('an incarnation whose supervisor died before the spawn never starts, however late its shim comes', async (t) => {
  const stage = new Stage(t);
  const directory = await prepared(stage);
  const { watcher, child } = await adopt(stage);
  assert.deepEqual(await watcher.end, { exit: { kind: 'not-started' }, treeEmpty: true });
  assert.deepEqual([child.pid, child.tree()], [null, []]);
  const command = ['/bin/sh', '-c', `: >${stage.file('started')}`];
  const late = () => {
    const [file, ...args] = shimArguments(machine, { directory: directory.path, oomScoreAdj: 0, command });
    return once(spawn(file, args, { stdio: 'ignore' }), 'exit');
  };
  await late();
  const again = await adopt(stage);
  assert.deepEqual((await again.watcher.end).exit, { kind: 'not-started' });
  await child.release();
  await late();
  assert.equal(existsSync(stage.file('started')), false);
});

test('an adoption in the middle of a spawn waits for the shim, and learns the pid', async (t) => {
  const stage = new Stage(t);
  const { child } = await stage.sh('sleep 1000');
  child.abandon();
  const pid = read(stage.run(1, 'pid'));
  renameSync(stage.run(1, 'pid'), stage.file('pid'));
  writeFileSync(stage.run(1, 'pid'), '', { mode: 0o600 });
  const second = await adopt(stage);
  assert.equal(second.child.pid, null);
  assert.ok(second.child.tree().includes(child.pid ?? 0));
  writeFileSync(stage.run(1, 'pid'), pid);
  await until('the pid is known', () => second.child.pid === child.pid);
  assert.deepEqual(second.watcher.calls, []);
});

test('a shim that died before it could write the pid counts as never started', async (t) => {
  const stage = new Stage(t);
  await prepared(stage);
  writeFileSync(stage.run(1, 'pid'), '', { mode: 0o600 });
  const { watcher } = await adopt(stage);
  assert.deepEqual(await watcher.end, { exit: { kind: 'unknown' }, treeEmpty: true });
});

test("an exit without a pid is the shim's own, not the bot's", async (t) => {
  const stage = new Stage(t);
  await prepared(stage);
  writeFileSync(stage.run(1, 'exit'), `exit 1\n${blank}`);
  const { watcher } = await adopt(stage);
  assert.deepEqual((await watcher.end).exit, { kind: 'unknown' });
});

for (const [what, line] of [
  ['a pid that is in use again', (stat: string) => later(stat)],
  ['a pid with the right start time but no tie to the run', (stat: string) => stat],
] as const) {
  test(`${what} is not taken for the bot, and not killed`, async (t) => {
    const stage = new Stage(t);
    const bystander = await sleeper(t);
    await prepared(stage);
    writeFileSync(stage.run(1, 'shim'), `reaper ${later(bystander.stat)}`, { mode: 0o600 });
    writeFileSync(stage.run(1, 'pid'), line(bystander.stat), { mode: 0o600 });
    const { watcher, child } = await adopt(stage);
    child.askStop();
    child.killTree();
    assert.equal(child.signal('SIGKILL'), false);
    assert.deepEqual([child.pid, child.tree()], [null, []]);
    assert.deepEqual(await watcher.end, { exit: { kind: 'unknown' }, treeEmpty: true });
    await child.release();
    assert.ok(isLiving(bystander.pid));
  });
}

test('the mark in the environment proves a main process whose shim is gone', async (t) => {
  const stage = new Stage(t);
  const orphan = await sleeper(t, { PATH: path, DROAS_RUN: run });
  await prepared(stage);
  writeFileSync(stage.run(1, 'shim'), `plain ${later(orphan.stat)}`, { mode: 0o600 });
  writeFileSync(stage.run(1, 'pid'), orphan.stat, { mode: 0o600 });
  const { watcher, child } = await adopt(stage);
  assert.deepEqual([child.pid, child.tree()], [orphan.pid, [orphan.pid]]);
  child.askStop();
  assert.deepEqual(await watcher.end, { exit: { kind: 'unknown' }, treeEmpty: true });
});

test('of another boot nothing lives: the exit is what was recorded, and processes are not touched', async (t) => {
  for (const [record, exit] of [
    ['exit 5\n', { kind: 'code', code: 5 }],
    ['', { kind: 'unknown' }],
  ] as const) {
    const stage = new Stage(t);
    const bystander = await sleeper(t, { PATH: path, DROAS_RUN: run });
    await prepared(stage, { bootId: 'another' });
    writeFileSync(stage.run(1, 'shim'), `reaper ${bystander.stat}`, { mode: 0o600 });
    writeFileSync(stage.run(1, 'pid'), bystander.stat, { mode: 0o600 });
    writeFileSync(stage.run(1, 'exit'), `${record}${blank}`);
    const { watcher, child } = await adopt(stage);
    child.killTree();
    assert.deepEqual([child.pid, child.tree()], [null, []]);
    assert.deepEqual(await watcher.end, { exit, treeEmpty: true });
    await child.release();
    assert.ok(isLiving(bystander.pid));
    await bystander.end();
  }
});

test('when the shim is killed the bot lives on, watched; its exit is unknown and its tree found by the mark', async (t) => {
  const stage = new Stage(t, { clock: fastClock });
  const { watcher, child } = await stage.sh(`setsid sleep 1000 & echo $! >${stage.file('fork')}; wait`);
  const fork = await until('the fork is there', () => readPid(stage.file('fork')));
  process.kill(stage.shim(1), 'SIGKILL');
  await until('it is noticed', () => stage.oddities.length > 0);
  assert.match(stage.oddities.join(), /^music: the shim of incarnation 1 was killed/);
  assert.deepEqual(watcher.calls, []);
  assert.deepEqual([...child.tree()].sort(), [child.pid, fork].sort());
  child.signal('SIGKILL');
  assert.deepEqual(await watcher.end, { exit: { kind: 'unknown' }, treeEmpty: false });
  child.killTree();
  await watcher.empty;
  assert.equal(stage.oddities.length, 1);
});

test('without inotify the exit, or the death of the shim, is noticed by looking', async (t) => {
  for (const shimDies of [false, true]) {
    let looks = 0;
    const clock: typeof fastClock = {
      ...fastClock,
      setTimer: (atMs, fire) =>
        fastClock.setTimer(atMs, () => {
          looks += 1;
          fire();
        }),
    };
    const stage = new Stage(t, { clock });
    const { child } = await stage.sh(`until [ -e ${stage.file('go')} ]; do sleep 0.01; done; exit 8`);
    child.abandon();
    // A file that is not there cannot be watched.
    renameSync(stage.run(1, 'exit'), stage.file('exit'));
    const { watcher } = await adopt(stage);
    renameSync(stage.file('exit'), stage.run(1, 'exit'));
    looks = 0;
    await until('it was looked at ten times', () => looks >= 10);
    assert.deepEqual(watcher.calls, []);
    if (shimDies) process.kill(stage.shim(1), 'SIGKILL');
    else writeFileSync(stage.file('go'), '');
    if (shimDies) await until('it is noticed', () => stage.oddities.length > 0);
    if (shimDies) writeFileSync(stage.file('go'), '');
    assert.deepEqual((await watcher.end).exit, shimDies ? { kind: 'unknown' } : { kind: 'code', code: 8 });
  }
});

test('a record that is no longer ours counts as none, and is told of once', async (t) => {
  const stage = new Stage(t, { clock: fastClock });
  const { watcher, child } = await stage.sh('exec sleep 1000');
  chmodSync(stage.run(1, 'exit'), 0o666);
  child.killTree();
  assert.deepEqual((await watcher.end).exit, { kind: 'unknown' });
  assert.deepEqual(stage.oddities, [`${stage.run(1, 'exit')} can be written by others; it was left alone`]);
});

test('a signal that reaches nobody, or may not, says so', (t) => {
  assert.equal(send({ pid: 2 ** 22 + 1, start: 1 }, 'SIGTERM'), false);
  const us = readStat(process.pid);
  assert.ok(us);
  t.mock.method(process, 'kill', () => {
    throw Object.assign(new Error('kill EPERM'), { code: 'EPERM' });
  });
  assert.equal(send(us, 'SIGTERM'), false);
  assert.equal(exists(us.pid), true, 'it is there, though not ours');
});

test('a supervisor that was started from inside a bot spares itself, its bots and what it descends from', async (t) => {
  const stage = new Stage(t);
  const fixture = `${process.execPath} ${join(import.meta.dirname, 'fixture-nested.ts')} ${stage.state}`;
  const { child } = await stage.sh(
    `setsid sleep 1000 & echo $! >${stage.file('fork')}; ${fixture} >${stage.file('told')}; :`,
  );
  const [before, after, inner] = await until('it told', () =>
    /^(.*)\n(.*)\n(.*)\n/.exec(read(stage.file('told')))?.slice(1),
  );
  const fork = readPid(stage.file('fork'));
  assert.deepEqual([before, after], [`[${fork}]`, '[]']);
  assert.ok(isLiving(child.pid ?? 0) && isLiving(Number(inner)));
  assert.ok(child.tree().includes(Number(inner)), 'for the outer supervisor all of it is one tree');
});

test('half-made and half-removed run directories are cleared away', async (t) => {
  const stage = new Stage(t);
  mkdirSync(stage.run(1), { recursive: true, mode: 0o700 });
  mkdirSync(stage.run(2), { mode: 0o700 });
  writeFileSync(stage.run(2, 'out'), 'x', { mode: 0o600 });
  writeFileSync(stage.run(2, 'intent.new'), '{', { mode: 0o600 });
  writeFileSync(join(stage.run(2), '..', 'desired'), 'running\n', { mode: 0o600 });
  assert.deepEqual(await stage.spawner.survey(), { survivors: [], untrusted: [] });
  assert.deepEqual([readdirSync(join(stage.run(1), '..')), stage.oddities], [['desired'], []]);
});

test('what is not ours in the run directories is told, never followed, and left alone', async (t) => {
  const stage = new Stage(t);
  const elsewhere = await prepared(new Stage(t));
  const at = (...names: string[]) => stage.file(join('run', ...names));
  const directory = (...names: string[]) => mkdirSync(at(...names), { recursive: true, mode: 0o700 });
  const intent = (bot: string, incarnation: number) => {
    directory(bot, `${incarnation}`);
    const text = readFileSync(join(elsewhere.path, 'intent'), 'utf8');
    const own = text.replace('"music"', `"${bot}"`).replace('"incarnation":1', `"incarnation":${incarnation}`);
    writeFileSync(at(bot, `${incarnation}`, 'intent'), own, { mode: 0o600 });
  };
  writeFileSync(at('Not A Bot'), '');
  symlinkSync(elsewhere.path, at('linked'));
  directory('music', 'backup');
  symlinkSync(elsewhere.path, at('music', '1'));
  intent('music', 2);
  symlinkSync(join(elsewhere.path, 'exit'), at('music', '2', 'exit'));
  intent('music', 3);
  mkdirSync(at('music', '3', 'pid'));
  directory('music', '4');
  writeFileSync(at('music', '4', 'diary'), '');
  directory('music', '5');
  writeFileSync(at('music', '5', 'intent'), '{"version":2}', { mode: 0o600 });
  intent('music', 6);
  renameSync(at('music', '6'), at('music', '7'));
  intent('music', 8);
  writeFileSync(at('music', '8', 'shim'), '');
  chmodSync(at('music', '8', 'shim'), 0o622);
  const before = readdirSync(at(), { recursive: true }).sort();
  const { survivors, untrusted } = await stage.spawner.survey();
  assert.deepEqual(survivors, []);
  assert.deepEqual(untrusted.map(({ bot }) => bot).sort(), ['linked', 'music']);
  for (const { sentence } of untrusted) assert.ok(stage.oddities.includes(sentence));
  const told = stage.oddities.map((text) => text.slice(at().length + 1)).sort();
  assert.deepEqual(told, [
    'Not A Bot is not the directory of a bot; it was left alone',
    'linked is a symbolic link; it was left alone',
    'music/1 is a symbolic link; it was left alone',
    'music/2/exit is a symbolic link; it was left alone',
    'music/3/pid is not a file; it was left alone',
    'music/4 has files but no intent; it was left alone',
    'music/5/intent is not the intent of this run; it was left alone',
    'music/7/intent is not the intent of this run; it was left alone',
    'music/8/shim can be written by others; it was left alone',
    'music/backup is no run; it was left alone',
  ]);
  assert.deepEqual(readdirSync(at(), { recursive: true }).sort(), before);
});
