import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Outcome, Project, repository } from './project.ts';

const doubled = 'export function double(n: number): number {\n  return n * 2;\n}\n';
const passing = `import assert from 'node:assert/strict';
import { test } from 'node:test';
import { double } from '../src/core/double.ts';
test('two becomes four', () => assert.equal(double(2), 4));
`;

/** Empty when the process is gone, also when nobody has collected its exit yet. */
function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1');
  } catch {
    return '';
  }
}

/** What `node scripts/test.ts` says about a project with one covered file, one passing test and these files. */
async function tested(files: Readonly<Record<string, string>>, ...args: readonly string[]): Promise<Outcome> {
  using project = new Project({ 'src/core/double.ts': doubled, 'test/double.test.ts': passing, ...files });
  project.copy('scripts/test.ts', 'scripts/test');
  return await project.node('scripts/test.ts', ...args);
}
const testOf = (body: string): string => `import { test } from 'node:test';\n${body}\n`;

test('a run that passes ends with the counts and exit code 0', async () => {
  const { code, out } = await tested({});
  assert.equal(code, 0, out);
  assert.match(out, /core +100\.00 % of 3 +100\.00 % of 2\n/);
  assert.match(
    out,
    /ℹ tests 1\nℹ suites 0\nℹ pass 1\nℹ fail 0\nℹ cancelled 0\nℹ skipped 0\nℹ todo 0\nℹ duration_ms [\d.]+\n$/,
  );
});

const failures: readonly (readonly [what: string, files: Readonly<Record<string, string>>, said: RegExp])[] = [
  [
    'a failing test',
    { 'test/b.test.ts': testOf("test('no', () => { throw new Error('it broke'); });") },
    /it broke[\s\S]*FAIL 1 fail/,
  ],
  ['a test file that cannot be loaded', { 'test/b.test.ts': "import './none.ts';\n" }, /FAIL 1 fail/],
  ['a skipped test', { 'test/b.test.ts': testOf("test.skip('later', () => {});") }, /FAIL 1 skipped/],
  [
    'a file that no test covers',
    { 'src/core/other.ts': 'export const other = () => 1;\n' },
    /FAIL coverage of core: 75 % of lines/,
  ],
  [
    'a file left in the temporary directory',
    {
      'test/b.test.ts': `import { mkdtempSync } from 'node:fs';\nimport { tmpdir } from 'node:os';\nmkdtempSync(tmpdir() + '/forgotten-');\n`,
    },
    /FAIL a test left a file behind: \S+\/tmp\/forgotten-/,
  ],
  ['a test file without a test', { 'test/b.test.ts': '' }, /FAIL test\/b\.test\.ts holds no test/],
];

for (const [what, files, said] of failures) {
  test(`${what} fails the run`, async () => {
    const { code, out } = await tested(files);
    assert.equal(code, 1, out);
    assert.match(out, said);
  });
}

test('a test file that does not end is ended, and named', async () => {
  using project = new Project({ 'test/b.test.ts': testOf("test('fine', () => {});\nsetInterval(() => {}, 1000);") });
  project.copy('scripts/test.ts', 'scripts/test');
  const runner = readFileSync(join(repository, 'scripts/test/run.ts'), 'utf8');
  project.write({ 'scripts/test/run.ts': runner.replace('fileLimitMs = 180_000', 'fileLimitMs = 1_000') });
  const { code, out } = await project.node('scripts/test.ts');
  assert.equal(code, 1, out);
  assert.match(out, /FAIL test\/b\.test\.ts did not end within 1 s/);
  assert.doesNotMatch(out, /left a process behind/);
});

test('processes left behind fail the run and are ended, also those with a clean environment, as bots have', async () => {
  const spawning = `import { spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
const options = { detached: true, stdio: 'ignore' };
spawn('sleep', ['60'], options).unref();
spawn('env', ['-i', 'sleep', '61'], { ...options, cwd: tmpdir() }).unref();
`;
  const { code, out } = await tested({ 'test/b.test.ts': spawning });
  assert.equal(code, 1, out);
  const left = [...out.matchAll(/FAIL a test left a process behind: (\d+) (sleep 6[01])$/gm)];
  assert.deepEqual(left.map(([, , command]) => command).sort(), ['sleep 60', 'sleep 61'], out);
  for (const [, pid] of left) assert.equal(commandOf(Number(pid)), '', 'it is still alive');
});

test('tests that need more than Node are not part of the run', async () => {
  const broken = testOf("test('no', () => { throw new Error('no'); });");
  const { code, out } = await tested({ 'test/system/a.test.ts': broken, 'test/live/b.test.ts': broken });
  assert.equal(code, 0, out);
});

test('a run of no tests at all fails', async () => {
  const { code, out } = await tested({}, 'test/nowhere');
  assert.equal(code, 1, out);
  assert.match(out, /FAIL no test was run/);
});

test('a part of the tests can be run, without judging the coverage', async () => {
  const files = {
    'src/api/other.ts': 'export const other = () => 1;\n',
    'test/b.test.ts': testOf("test('no', () => { throw 1; });"),
  };
  const { code, out } = await tested(files, 'test/double.test.ts');
  assert.equal(code, 0, out);
  assert.match(out, /ℹ tests 1\n/);
});
