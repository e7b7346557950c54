import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs, {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { createSecretFiles, createWishFile } from '../../src/adapters/process/index.ts';
import { openOurFile, readOurFile, replaceFile, unwritable } from '../../src/adapters/process/private-files.ts';
import { temporaryDirectory } from './support.ts';

const mode = (file: string): string => (statSync(file).mode & 0o777).toString(8);

test('a wish is one word in a private file, written over in place, and forgotten', (t) => {
  const state = temporaryDirectory(t);
  const wishes = createWishFile(state);
  const file = join(state, 'run', 'music', 'desired');
  assert.equal(wishes.read('music'), null);
  for (const wish of ['running', 'stopped', 'absent'] as const) {
    wishes.write('music', wish);
    assert.equal(createWishFile(state).read('music'), wish);
  }
  assert.deepEqual([readFileSync(file, 'utf8'), mode(file), mode(dirname(file))], ['absent \n', '600', '700']);
  wishes.remove('music');
  wishes.remove('music');
  assert.deepEqual([wishes.read('music'), readdirSync(join(state, 'run'))], [null, []]);
});

test('a wish that nobody sane wrote is none', (t) => {
  const state = temporaryDirectory(t);
  const wishes = createWishFile(state);
  wishes.write('music', 'running');
  const file = join(state, 'run', 'music', 'desired');
  for (const text of ['', 'maybe\n', '\0'.repeat(5000)]) {
    writeFileSync(file, text);
    assert.equal(wishes.read('music'), null);
  }
  writeFileSync(file, 'running\n');
  chmodSync(file, 0o666);
  assert.equal(wishes.read('music'), null);
});

test('forgetting a wish leaves run directories alone', (t) => {
  const state = temporaryDirectory(t);
  const wishes = createWishFile(state);
  wishes.write('music', 'absent');
  mkdirSync(join(state, 'run', 'music', '4'));
  wishes.remove('music');
  assert.deepEqual(readdirSync(join(state, 'run', 'music')), ['4']);
});

test('a wish that cannot be read says so; one that cannot be forgotten is left without a word', (t) => {
  const state = temporaryDirectory(t);
  writeFileSync(join(state, 'run'), '');
  const wishes = createWishFile(state);
  assert.throws(() => wishes.read('music'), { code: 'ENOTDIR' });
  wishes.remove('music');
  mkdirSync(join(state, 'run.d', 'run', 'music', 'desired'), { recursive: true });
  createWishFile(join(state, 'run.d')).remove('music');
  assert.deepEqual(readdirSync(join(state, 'run.d', 'run', 'music')), ['desired']);
});

/** Leaves no folder of ours in memory, unless somebody uses it. */
function tidy(t: TestContext): void {
  t.after(() => {
    for (const folder of ['/dev/shm/droas', `/dev/shm/droas-${process.geteuid?.()}`]) {
      if (existsSync(folder) && readdirSync(folder).length === 0) rmdirSync(folder);
    }
  });
}

const secret = () => `made-up-${Math.random()}`;

test('secrets lie in memory, in a private file, and go', (t) => {
  const state = temporaryDirectory(t);
  const secrets = createSecretFiles(state);
  tidy(t);
  const content = { DISCORD_TOKEN: secret() };
  const file = secrets.write('music', 3, content);
  assert.deepEqual(JSON.parse(readFileSync(file, 'utf8')), content);
  assert.deepEqual([mode(file), mode(dirname(file)), mode(dirname(dirname(file)))], ['600', '700', '700']);
  assert.equal(execFileSync('stat', ['-f', '-c', '%T', file], { encoding: 'utf8' }).trim(), 'tmpfs');
  assert.deepEqual(readdirSync(dirname(file)), ['music.3.json']);
  secrets.remove('music', 3);
  secrets.remove('music', 3);
  assert.equal(existsSync(file), false);
});

test("a sweep keeps only what is named, in every folder, and touches no other supervisor's", (t) => {
  const memory = join(temporaryDirectory(t), 'droas-0');
  const [first, other] = [temporaryDirectory(t), temporaryDirectory(t)];
  const secrets = createSecretFiles(first, [memory]);
  const kept = secrets.write('music', 3, {});
  const gone = secrets.write('music', 2, {});
  const onDisk = createSecretFiles(first, []).write('music', 1, {});
  writeFileSync(`${kept}.new`, '');
  const others = createSecretFiles(other, [memory]).write('music', 2, {});
  secrets.sweep([{ bot: 'music', incarnation: 3 }]);
  assert.deepEqual(
    [kept, gone, onDisk, `${kept}.new`, others].map((file) => existsSync(file)),
    [true, false, false, false, true],
  );
});

test('secrets that cannot be removed are left without a word, and the others go', (t) => {
  const memory = join(temporaryDirectory(t), 'droas-0');
  const state = temporaryDirectory(t);
  const secrets = createSecretFiles(state, [memory]);
  const folder = dirname(secrets.write('music', 1, {}));
  mkdirSync(join(folder, 'alarm.1.json'));
  mkdirSync(join(folder, 'zebra.1.json'));
  secrets.remove('alarm', 1);
  secrets.sweep([]);
  assert.deepEqual(readdirSync(folder).sort(), ['alarm.1.json', 'zebra.1.json']);
  const { mock } = t.mock.method(fs, 'readdirSync', () => {
    throw Object.assign(new Error('EMFILE: too many open files'), { code: 'EMFILE' });
  });
  t.after(() => {
    mock.restore();
    syncBuiltinESMExports();
  });
  syncBuiltinESMExports();
  secrets.sweep([]);
  secrets.remove('music', 1);
});

test('a folder that somebody planted is passed over; the state directory serves instead', (t) => {
  const place = temporaryDirectory(t);
  const state = join(place, 'state');
  mkdirSync(join(place, 'theirs'), { mode: 0o700 });
  symlinkSync(join(place, 'theirs'), join(place, 'linked'));
  mkdirSync(join(place, 'open'));
  chmodSync(join(place, 'open'), 0o777);
  const secrets = createSecretFiles(state, [join(place, 'linked'), join(place, 'open')]);
  const file = secrets.write('music', 1, { KEY: secret() });
  assert.deepEqual([dirname(file), mode(file), mode(dirname(file))], [join(state, 'secrets-run'), '600', '700']);
  assert.deepEqual([readdirSync(join(place, 'theirs')), readdirSync(join(place, 'open'))], [[], []]);
});

test('secrets that can be laid nowhere are an error that does not show them', (t) => {
  const state = join(temporaryDirectory(t), 'file');
  writeFileSync(state, '');
  const value = secret();
  try {
    createSecretFiles(state, []).write('music', 1, { KEY: value });
    assert.fail('written');
  } catch (error) {
    assert.equal((error as { code: string }).code, 'STATE_UNWRITABLE');
    assert.doesNotMatch(`${(error as Error).stack}`, new RegExp(value));
  }
});

test('the runtime directory of the user is preferred where it is in memory', (t) => {
  tidy(t);
  const before = process.env['XDG_RUNTIME_DIR'];
  t.after(() => {
    if (before === undefined) delete process.env['XDG_RUNTIME_DIR'];
    else process.env['XDG_RUNTIME_DIR'] = before;
  });
  const state = temporaryDirectory(t);
  const at = (runtime: string): string => {
    process.env['XDG_RUNTIME_DIR'] = runtime;
    const secrets = createSecretFiles(state);
    const file = secrets.write('music', 1, {});
    secrets.sweep([]);
    assert.equal(existsSync(dirname(file)), false);
    return dirname(dirname(file));
  };
  assert.equal(at('/dev/shm'), '/dev/shm/droas');
  for (const useless of ['/no/such/place', '/proc', 'relative']) {
    assert.equal(at(useless), `/dev/shm/droas-${process.geteuid?.()}`);
  }
});

test('a planted FIFO, a link or a foreign file is not read', (t) => {
  const place = temporaryDirectory(t);
  execFileSync('mkfifo', [join(place, 'fifo')]);
  symlinkSync('/etc/passwd', join(place, 'link'));
  assert.throws(() => readOurFile(join(place, 'fifo'), 10), /fifo is not a file; it was left alone/);
  assert.throws(() => openOurFile(join(place, 'link')), /link is a symbolic link/);
  const foreign = process.geteuid?.() === 0 ? join(place, 'foreign') : '/etc/passwd';
  if (!foreign.startsWith('/etc')) {
    writeFileSync(foreign, '');
    chownSync(foreign, 1, 1);
  }
  assert.throws(() => readOurFile(foreign, 10), /belongs to user [01]; it was left alone/);
});

test('a replacement that fails leaves the old file and no draft', (t) => {
  const place = temporaryDirectory(t);
  mkdirSync(join(place, 'folder', 'x'), { recursive: true });
  assert.throws(() => replaceFile(join(place, 'folder'), 'text'));
  assert.deepEqual(readdirSync(place), ['folder']);
});

test('the state directory says why it refuses, and what to do', () => {
  const remedies = ['ENOSPC', 'EDQUOT', 'EROFS', 'EACCES'].map((code) => {
    return unwritable(Object.assign(new Error('no'), { code }), 'music: not kept').remedy;
  });
  assert.equal(new Set(remedies).size, 4);
  assert.equal(unwritable('odd', 'music: not kept').message, 'music: not kept: odd');
});
