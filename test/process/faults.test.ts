import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { createSpawner, createWishFile } from '../../src/adapters/process/index.ts';
import { DroasError } from '../../src/core/errors.ts';
import {
  clock,
  fastClock,
  isLiving,
  machine,
  machines,
  observe,
  path,
  read,
  readPid,
  Stage,
  temporaryDirectory,
  until,
} from './support.ts';

/** Rejects with the error; checks its code, that it names the bot, and that it says what to do. */
async function refusal(act: Promise<unknown>, code: string, message: RegExp): Promise<DroasError> {
  const error = await act.then(
    () => assert.fail(`${code} expected`),
    (error: unknown) => error,
  );
  assert.ok(error instanceof DroasError, String(error));
  assert.equal(error.code, code);
  assert.match(error.message, /^music: /);
  assert.match(error.message, message);
  assert.ok(error.remedy);
  return error;
}

test('a program that cannot be run is refused before anything exists', async (t) => {
  const stage = new Stage(t);
  mkdirSync(stage.file('folder'));
  writeFileSync(stage.file('locked'), '#!/bin/sh\n', { mode: 0o644 });
  const not = (command: string, code: string, message: RegExp, env: Record<string, string> = { PATH: path }) =>
    refusal(stage.spawn([command], { env }), code, message);
  await not('no-such-program', 'COMMAND_NOT_FOUND', /"no-such-program" is in no folder of PATH \(/);
  await not('no-such-program', 'COMMAND_NOT_FOUND', /\(\/usr\/local\/bin:\/usr\/bin:\/bin\)/, {});
  await not('', 'COMMAND_NOT_FOUND', /""/);
  await not('./gone', 'COMMAND_NOT_FOUND', /there is no \/.*gone/);
  await not('/bin/sh/x', 'COMMAND_NOT_FOUND', /there is no \/bin\/sh\/x/);
  await not('./locked', 'COMMAND_NOT_EXECUTABLE', /locked may not be executed/);
  await not('locked', 'COMMAND_NOT_EXECUTABLE', /locked may not be executed/, { PATH: `:${path}` });
  await not('./folder', 'COMMAND_NOT_EXECUTABLE', /folder may not be executed/);
  const cwd = stage.file('nowhere');
  await refusal(stage.sh('', { cwd }), 'WORKING_DIRECTORY_MISSING', /nowhere does not exist/);
  await refusal(stage.sh('', { cwd: stage.file('locked') }), 'WORKING_DIRECTORY_MISSING', /locked is not a directory/);
  const under = join(stage.file('locked'), 'x');
  await refusal(stage.sh('', { cwd: under }), 'WORKING_DIRECTORY_MISSING', /cannot be entered \(ENOTDIR\)/);
  assert.deepEqual(readdirSync(stage.file('run')), []);
});

test('a program is found relative to the working directory and in relative folders of PATH', async (t) => {
  const stage = new Stage(t);
  mkdirSync(stage.file('bin'));
  writeFileSync(stage.file('bin/hello'), '#!/bin/sh\nexit 21\n', { mode: 0o755 });
  for (const [command, search] of [
    ['bin/hello', ''],
    ['hello', `/nowhere:bin:${path}`],
  ] as const) {
    const { watcher } = await stage.spawn([command], { env: { PATH: search } });
    assert.deepEqual((await watcher.end).exit, { kind: 'code', code: 21 });
  }
});

for (const [what, shell, forked, direct] of [
  [
    'does not exist',
    '/no/such/shell',
    /its shim ended \(exit 2\), saying "cannot execute \/no\/such\/shell: No such file or directory"\.$/,
    /the system refused \(spawn \/no\/such\/shell ENOENT\)\.$/,
  ],
  ['ends before it records anything', '/bin/false', /its shim ended \(exit 1\)\.$/, null],
  ['is killed', 'killed', /its shim ended \(signal 9\)\.$/, /its shim ended \(SIGKILL\)\.$/],
  ['only complains', 'complain', /its shim ended \(exit 1\), saying "no room"\.$/, null],
] as const) {
  for (const { name, machine } of machines) {
    test(`a shim that ${what} is a failed spawn, and leaves nothing behind (${name})`, async (t) => {
      const tools = temporaryDirectory(t);
      writeFileSync(join(tools, 'complain'), '#!/bin/sh\necho no room >&2\nexit 1\n', { mode: 0o755 });
      writeFileSync(join(tools, 'killed'), '#!/bin/sh\nkill -KILL $$\n', { mode: 0o755 });
      const stage = new Stage(t, {
        machine: { ...machine, shell: join(shell.startsWith('/') ? '/' : tools, shell) },
      });
      const message = machine.perl === null ? (direct ?? forked) : forked;
      const error = await refusal(stage.sh('exit 0'), 'SPAWN_FAILED', message);
      assert.match(error.message, /incarnation 1 was not started/);
      assert.equal(existsSync(stage.run(1)), false);
    });
  }
}

for (const { name, machine } of machines) {
  test(`an order that no system takes is a failed spawn, and the next one is taken (${name})`, async (t) => {
    const stage = new Stage(t, { machine });
    const tooBig = stage.sh('exit 0', { env: { PATH: path, BIG: 'x'.repeat(1 << 20) } });
    await refusal(tooBig, 'SPAWN_FAILED', /E2BIG|Argument list too long/);
    assert.equal(existsSync(stage.run(1)), false);
    await refusal(stage.sh('exit 0', { env: { PATH: path, NUL: 'a\0b' } }), 'SPAWN_FAILED', /NUL|null bytes/);
    const { watcher } = await stage.sh('exit 3');
    assert.deepEqual((await watcher.end).exit, { kind: 'code', code: 3 });
  });

  test(`a shim that records nothing for ten seconds is given up (${name})`, async (t) => {
    const tools = temporaryDirectory(t);
    writeFileSync(join(tools, 'silent'), `#!/bin/sh\necho $$ >${tools}/pid\nexec sleep 1000\n`, { mode: 0o755 });
    const stage = new Stage(t, { clock: fastClock, machine: { ...machine, shell: join(tools, 'silent') } });
    await refusal(stage.sh('exit 0'), 'SPAWN_FAILED', /its shim recorded nothing within 10 s/);
    await until('the shim is gone', () => !isLiving(readPid(join(tools, 'pid')) ?? 0));
    assert.equal(existsSync(stage.run(1)), false);
  });
}

test('a launcher that was killed is replaced, and whom it started lives on', async (t) => {
  assert.ok(machine.perl);
  const stage = new Stage(t);
  const parentOf = (pid: number) => Number(read(`/proc/${pid}/stat`).split(') ')[1]?.split(' ')[1]);
  const { child } = await stage.sh('exec sleep 1000');
  const launcher = parentOf(stage.shim(1));
  assert.equal(parentOf(launcher), process.pid);
  process.kill(launcher, 'SIGKILL');
  await until('the launcher is gone', () => !isLiving(launcher));
  // Whoever asks before its end is noticed is told, and asks again.
  const again = () => stage.sh('exit 4');
  const { watcher } = await again().catch((error: DroasError) => {
    assert.match(error.message, /its launcher ended \(SIGKILL\)/);
    return again();
  });
  assert.deepEqual((await watcher.end).exit, { kind: 'code', code: 4 });
  assert.ok(isLiving(child.pid ?? 0));
});

test('a shim that made its pid file and went silent is taken as started, and finds out itself', async (t) => {
  const tools = temporaryDirectory(t);
  writeFileSync(join(tools, 'torn'), '#!/bin/sh\n: >"$4/pid"; kill -KILL $$\n', { mode: 0o755 });
  const stage = new Stage(t, { machine: { ...machine, perl: null, shell: join(tools, 'torn') } });
  const { watcher, child } = await stage.sh('exit 0');
  assert.equal(child.pid, null);
  assert.deepEqual(await watcher.end, { exit: { kind: 'unknown' }, treeEmpty: true });
});

test('an incarnation that exists already is never started again', async (t) => {
  const stage = new Stage(t);
  const { child } = await stage.sh('exec sleep 1000');
  const again = stage.spawner.spawn({ ...stage.order(['true']), incarnation: 1 }, observe());
  await refusal(again, 'STATE_UNWRITABLE', /incarnation 1 was not started, .*EEXIST/);
  assert.deepEqual(child.tree(), [child.pid]);
});

test('run directories that others could have planted are refused', async (t) => {
  const stage = new Stage(t);
  mkdirSync(stage.file('elsewhere'), { mode: 0o700 });
  symlinkSync(stage.file('elsewhere'), dirname(stage.run(1)));
  await refusal(stage.sh('exit 0'), 'STATE_UNWRITABLE', /music is a symbolic link/);
  assert.deepEqual(readdirSync(stage.file('elsewhere')), []);
  chmodSync(stage.file('run'), 0o777);
  assert.throws(() => stage.successor(), { code: 'STATE_UNWRITABLE', message: /run can be written by others/ });
});

test('a state directory below a file cannot be made, and says so', (t) => {
  const file = join(temporaryDirectory(t), 'file');
  writeFileSync(file, '');
  const options = { stateDirectory: file, clock, onOddity: assert.fail };
  assert.throws(() => createSpawner(options), {
    code: 'STATE_UNWRITABLE',
    message: /^The run directories cannot be kept/,
  });
  assert.throws(() => createWishFile(file).write('music', 'running'), {
    code: 'STATE_UNWRITABLE',
    message: /^music: /,
  });
});

/**
 * Runs the fixture on a file system of 256 kB that only its own mount namespace sees: it goes when the fixture does.
 * @returns what the fixture prints, one JSON value per line.
 */
async function onTinyDisk(t: TestContext, story: 'full' | 'fills' | 'half-made' | 'read-only'): Promise<unknown[]> {
  const disk = temporaryDirectory(t);
  const user = process.getuid?.() === 0 ? [] : ['--user', '--map-root-user'];
  const script = 'mount -t tmpfs -o size=256k tiny "$1" && exec "$2" "$3" "$1" "$4"';
  const fixture = join(import.meta.dirname, 'fixture-disk.ts');
  const args = [...user, '--mount', 'sh', '-c', script, 'sh', disk, process.execPath, fixture, story];
  const { stdout } = await promisify(execFile)('unshare', args, { timeout: 20_000 });
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

test('on a full disk nothing is started or left behind, and with room again it works', async (t) => {
  assert.deepEqual(await onTinyDisk(t, 'full'), [
    { code: 'STATE_UNWRITABLE', names: true, remedy: 'Free some space on that file system.' },
    { runs: [] },
    { read: 'running' }, // a wish is written over the last one, which needs no room
    { exit: { kind: 'code', code: 0 }, treeEmpty: true },
  ]);
});

test('a bot that fills the disk still has its exit recorded', async (t) => {
  assert.deepEqual(await onTinyDisk(t, 'fills'), [{ exit: { kind: 'code', code: 7 }, treeEmpty: true }]);
});

test('what a full disk does not let us decide is decided when there is room', async (t) => {
  const [first, second] = await onTinyDisk(t, 'half-made');
  const told = first as { oddities: string[]; calls: string[] };
  assert.match(told.oddities.join(), /^music: incarnation 1 cannot be given up: ENOSPC/);
  assert.deepEqual([told.calls, second], [[], { exit: { kind: 'not-started' }, treeEmpty: true }]);
});

test('in a read-only state directory nothing is started; what runs is watched, and its removal fails aloud', async (t) => {
  const remedy = 'Mount that file system writable, or choose another state directory.';
  assert.deepEqual(await onTinyDisk(t, 'read-only'), [
    { code: 'STATE_UNWRITABLE', names: true, remedy },
    { tree: 1 },
    { oddities: 1, names: true },
  ]);
});
