import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { codeLines, type FileCoverage, measure, percent, total } from '../../scripts/test/coverage.ts';
import { belowFloor, coverageTable } from '../../scripts/test/report.ts';
import { Project } from './project.ts';

const sized = `/** Says how large. */
export type Size = 'small' | 'large';

export function sizeOf(n: number): Size {
  if (n < 10) {
    return 'small';
  }
  return 'large';
}

export function never(): void {
  // Nobody calls this.
  throw new Error('never');
}
`;

/** Coverage of `files` after each of `programs` ran in a process of its own. */
function measured(files: Readonly<Record<string, string>>, ...programs: readonly string[]): Map<string, FileCoverage> {
  using project = new Project({ ...files, 'coverage/torn.json': '{"result": [{"ur' });
  for (const program of programs)
    execFileSync(process.execPath, ['--input-type=module', '-e', program], {
      cwd: project.root,
      env: { ...process.env, NODE_V8_COVERAGE: join(project.root, 'coverage') },
    });
  return new Map(measure(project.root, join(project.root, 'coverage')).map((file) => [file.path, file]));
}
const small = "import { sizeOf } from './src/size.ts'; sizeOf(1);";
const large = "import { sizeOf } from './src/size.ts'; sizeOf(11);";

test('only lines with code count: no blank, comment or type-only lines', () => {
  assert.deepEqual(
    codeLines(sized).map(({ line }) => line),
    [4, 5, 6, 7, 8, 9, 11, 13, 14],
  );
});

test('a line that one process missed is not covered', () => {
  assert.deepEqual(measured({ 'src/size.ts': sized }, small).get('src/size.ts')?.missed, [8, 13, 14]);
  assert.deepEqual(measured({ 'src/size.ts': sized }, large).get('src/size.ts')?.missed, [6, 7, 13, 14]);
});

test('what several processes ran adds up, and a torn report of a killed one harms nothing', () => {
  const file = measured({ 'src/size.ts': sized }, small, large).get('src/size.ts');
  assert.deepEqual(file?.missed, [13, 14]);
  assert.equal((file?.branches.total ?? 0) - (file?.branches.covered ?? 0), 1, 'the function that nobody calls');
});

test('a file that no process loaded counts with all its lines', () => {
  const files = measured({ 'src/size.ts': sized, 'src/types.ts': "export type Only = 'a type';\n" });
  assert.deepEqual(files.get('src/size.ts')?.lines, { covered: 0, total: 9 });
  assert.deepEqual(files.get('src/size.ts')?.branches, { covered: 0, total: 1 });
  assert.deepEqual(files.get('src/types.ts')?.lines, { covered: 0, total: 0 }, 'there is nothing to run in it');
});

test('a share is rounded down: just under the floor stays under it', () => {
  assert.equal(percent({ covered: 94_999, total: 100_000 }), 94.99);
  assert.equal(percent({ covered: 0, total: 0 }), 100);
});

const file = (path: string, covered: number, missed: readonly number[] = []): FileCoverage => ({
  path,
  lines: { covered, total: 100 },
  branches: { covered, total: 100 },
  missed,
});

test('core has a floor of its own, and both lines and branches are judged', () => {
  assert.deepEqual(belowFloor([file('src/core/a.ts', 95), file('src/api/b.ts', 75)]), []);
  const failures = belowFloor([file('src/core/a.ts', 94), file('src/api/b.ts', 75)]);
  assert.deepEqual(failures, [
    'coverage of core: 94 % of lines, the floor is 95 %',
    'coverage of core: 94 % of branches, the floor is 95 %',
    'coverage of overall: 84.5 % of lines, the floor is 85 %',
    'coverage of overall: 84.5 % of branches, the floor is 85 %',
  ]);
});

test('the table sums by folder and names what is missing', () => {
  const files = [file('src/core/a/b.ts', 90, [1, 2, 3, 7]), file('src/core/c.ts', 100), file('src/main.ts', 50, [4])];
  assert.equal(total(files, 'lines').covered, 240);
  const table = coverageTable(files);
  assert.match(table, /^core +95\.00 % of 200 +95\.00 % of 200$/m);
  assert.match(table, /^\(top\) +50\.00 % of 100/m);
  assert.match(table, /^overall +80\.00 % of 300/m);
  assert.match(table, /src\/core\/a\/b\.ts: 1-3, 7$/m);
});
