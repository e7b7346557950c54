import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs, {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { keepCopy } from '../../src/adapters/process/version-copy.ts';

/** Two files of a package, and a folder for the copies, which is not there yet. */
function packaged(t: TestContext) {
  const place = mkdtempSync(join(tmpdir(), 'droas-versions-'));
  t.after(() => rmSync(place, { recursive: true, force: true }));
  const files = ['run.cjs', 'bot.cjs'].map((name) => join(place, name));
  for (const file of files) writeFileSync(file, `// ${basename(file)}\n`);
  const versions = join(place, 'state', 'versions');
  return { files, versions, keep: () => keepCopy(files, versions, '1.2.3') };
}

/** Lets the code under test see what was mocked in `fs`, until the test ends. */
function replaceBuiltins(t: TestContext): void {
  syncBuiltinESMExports();
  t.after(() => {
    t.mock.restoreAll();
    syncBuiltinESMExports();
  });
}

const contents = (directory: string) =>
  Object.fromEntries(readdirSync(directory).map((name) => [name, readFileSync(join(directory, name), 'utf8')]));
const whole = { 'bot.cjs': '// bot.cjs\n', 'run.cjs': '// run.cjs\n' };

test('a copy is made once, private, and named after version and content', (t) => {
  const { files, versions, keep } = packaged(t);
  const directory = keep();
  assert.match(directory, /\/1\.2\.3-[0-9a-f]{12}$/);
  assert.deepEqual(contents(directory), whole);
  assert.equal((statSync(directory).mode & 0o777).toString(8), '700');
  const { ino } = statSync(directory);
  assert.deepEqual([keep(), statSync(directory).ino], [directory, ino]);
  writeFileSync(files[0] ?? '', '// upgraded\n');
  assert.notEqual(keep(), directory);
  assert.deepEqual([contents(directory), readdirSync(versions).length], [whole, 2]);
});

for (const [what, spoil] of [
  ['torn', (directory: string) => truncateSync(join(directory, 'bot.cjs'), 3)],
  ['changed at equal size', (directory: string) => writeFileSync(join(directory, 'bot.cjs'), '// BOT.cjs\n')],
  ['incomplete', (directory: string) => rmSync(join(directory, 'run.cjs'))],
  [
    'a file',
    (directory: string) => {
      rmSync(directory, { recursive: true });
      writeFileSync(directory, '');
    },
  ],
] as const) {
  test(`a copy that is ${what} is made anew`, (t) => {
    const { versions, keep } = packaged(t);
    spoil(keep());
    assert.deepEqual(contents(keep()), whole);
    assert.equal(readdirSync(versions).length, 1);
  });
}

test('a copy is on the disk before it has its name', (t) => {
  const { files, versions, keep } = packaged(t);
  const acts: string[] = [];
  const { fsyncSync, renameSync } = fs;
  t.mock.method(fs, 'fsyncSync', (descriptor: number) => {
    acts.push(`fsync ${basename(readlinkSync(`/proc/self/fd/${descriptor}`)).replace(/^.*\.\d+$/, 'staging')}`);
    fsyncSync(descriptor);
  });
  t.mock.method(fs, 'renameSync', (from: string, to: string) => {
    acts.push('rename');
    renameSync(from, to);
  });
  replaceBuiltins(t);
  keep();
  const synced = [...files.map((file) => basename(file)), 'staging'].map((name) => `fsync ${name}`);
  assert.deepEqual(acts, [...synced, 'rename', `fsync ${basename(versions)}`]);
});

test('what a dead supervisor left half-copied goes; that of a living one and all else stays', (t) => {
  const { versions, keep } = packaged(t);
  const { pid: dead } = spawnSync('true');
  const name = `1.0.0-${'ab'.repeat(6)}`;
  const stay = [name, `${name}.${process.ppid}`, 'notes.99999999'];
  for (const entry of [`${name}.${dead}`, `${name}.${process.pid}`, ...stay]) {
    mkdirSync(join(versions, entry), { recursive: true });
    writeFileSync(join(versions, entry, 'bot.cjs'), '');
  }
  const made = basename(keep());
  assert.deepEqual(readdirSync(versions).sort(), [...stay, made].sort());
});

test('a copy that cannot be made says so, and leaves nothing half-made', (t) => {
  const { versions, keep } = packaged(t);
  const refusal = { code: 'STATE_UNWRITABLE', message: /cannot be copied to .*versions$/, remedy: /disk/ };
  mkdirSync(dirname(versions));
  writeFileSync(versions, '');
  assert.throws(keep, refusal);
  rmSync(versions);
  t.mock.method(fs, 'renameSync', () => {
    throw Object.assign(new Error('EIO: i/o error'), { code: 'EIO' });
  });
  replaceBuiltins(t);
  assert.throws(keep, refusal);
  assert.deepEqual(readdirSync(versions), []);
});
