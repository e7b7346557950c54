import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import { fileSystemOf } from '../../bench/support/machine.ts';
import { judge, type Row } from '../../bench/support/row.ts';
import { Report } from '../../bench/support/section.ts';
import { summarize } from '../../bench/support/statistics.ts';
import { table } from '../../bench/support/table.ts';

const oneToHundred = Array.from({ length: 100 }, (_, n) => 100 - n);
const row = (samples: readonly number[], rest: Partial<Row> = {}): Row => ({
  what: 'it',
  unit: 'ms',
  samples,
  ...rest,
});
const below = (limit: number): Partial<Row> => ({ target: { statistic: 'p99', relation: '<', limit } });
const upTo = (limit: number): Partial<Row> => ({ target: { statistic: 'p99', relation: '≤', limit } });

test('quantiles are values that occurred, and none is left out', () => {
  assert.deepEqual(summarize(oneToHundred), { n: 100, p50: 50, p95: 95, p99: 99, max: 100 });
  assert.deepEqual(summarize([7]), { n: 1, p50: 7, p95: 7, p99: 7, max: 7 });
  fc.assert(
    fc.property(fc.array(fc.double({ noNaN: true }), { minLength: 1, maxLength: 99 }), (samples) => {
      const { p50, p95, p99, max } = summarize(samples);
      assert.ok(p50 <= p95 && p95 <= p99);
      assert.equal(p99, max, 'below 100 samples one bad one decides');
      assert.ok(samples.includes(p50) && samples.includes(p95));
    }),
  );
});

test('numbers are put in order as numbers, not as text', () => {
  assert.equal(summarize([9, 10, 100]).p50, 10);
});

test('nothing measured is an error, never a good figure', () => {
  assert.throws(() => summarize([]), /nothing was measured/);
});

test('a target is judged by its own statistic and relation', () => {
  assert.equal(judge(row([50], below(50)), false).verdict, 'failed');
  assert.equal(judge(row([50], upTo(50)), false).verdict, 'ok');
  assert.equal(judge(row(oneToHundred, upTo(99)), false).verdict, 'ok');
  assert.equal(judge(row(oneToHundred, upTo(98)), false).verdict, 'failed');
  assert.equal(judge(row([50]), false).verdict, 'no target');
});

test('a short run forgives times, and nothing else', () => {
  assert.equal(judge(row([51], below(50)), true).verdict, 'missed');
  assert.equal(judge(row([51], { ...below(50), unit: 'MB' }), true).verdict, 'failed');
});

test('the file system is that of the longest mount above the directory, the last one on top', () => {
  const mounts = [
    '/dev/a / ext4 rw 0 0',
    'tmpfs /tmp tmpfs rw 0 0',
    '/dev/b /tmp xfs rw 0 0',
    'tmpfs /tmp/deep\\040er tmpfs rw 0 0',
    '',
  ].join('\n');
  assert.equal(fileSystemOf('/tmp/x', mounts), 'xfs (/dev/b on /tmp)');
  assert.equal(fileSystemOf('/tmp', mounts), 'xfs (/dev/b on /tmp)');
  assert.equal(fileSystemOf('/tmpfile', mounts), 'ext4 (/dev/a on /)');
  assert.equal(fileSystemOf('/tmp/deep er/x', mounts), 'tmpfs (tmpfs on /tmp/deep er)');
  assert.equal(fileSystemOf('/x', ''), 'unknown file system');
});

test('a part that does not work is told, and the next one still runs', async () => {
  const progress: string[] = [];
  const report = new Report((what) => void progress.push(what));
  await report.part('broken', () => Promise.reject(new Error('no bot came')));
  await report.part('whole', async () => ({ rows: [row([1])], notes: ['as shipped'] }));
  assert.deepEqual(report.failures, ['broken: no bot came']);
  assert.deepEqual([report.rows.length, report.notes, progress], [1, ['as shipped'], ['broken', 'whole']]);
});

test('when the release fails too, both failures are told', async () => {
  const report = new Report(() => {});
  await report.attempt('bots', async () => {
    await using stack = new AsyncDisposableStack();
    stack.defer(() => Promise.reject(new Error('the supervisor died')));
    throw new Error('no answer');
  });
  assert.deepEqual(report.failures, ['bots: no answer', 'bots: the supervisor died']);
});

test('the table shows figures, targets and verdicts in columns', () => {
  const rows = [row([1.234], below(50)), row([103.84], { what: 'memory', unit: 'MB', ...upTo(90) })];
  const lines = stripVTControlCharacters(table(rows.map((each) => judge(each, false)))).split('\n');
  assert.deepEqual(lines, [
    'what    n    p50    p95    p99    max  unit  target',
    'it      1   1.23   1.23   1.23   1.23  ms    p99 < 50  ok',
    'memory  1  103.8  103.8  103.8  103.8  MB    p99 ≤ 90  FAIL',
  ]);
});
