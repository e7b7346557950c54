import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Evidence } from '../../src/core/health/evidence.ts';
import { isFailing, workFindings } from '../../src/core/health/work.ts';

describe('too much of its work fails', () => {
  const rows: readonly (readonly [what: string, before: boolean, done: number, failed: number, expected: boolean])[] = [
    ['nothing was done', false, 0, 0, false],
    ['four failures are too few to tell', false, 0, 4, false],
    ['five are enough', false, 0, 5, true],
    ['half is too much', false, 10, 10, true],
    ['less than half is not', false, 11, 10, false],
    ['a quarter still is, once it was more', true, 30, 10, true],
    ['less than a quarter is not', true, 31, 10, false],
    ['one failure among few still counts, once there were more', true, 0, 1, true],
    ['nobody asked any more', true, 0, 0, false],
  ];
  for (const [what, before, done, failed, expected] of rows) {
    test(what, () => assert.equal(isFailing(before, { done, failed }), expected));
  }

  test('a rate between the limits changes nothing', () => {
    const between = fc.integer({ min: 26, max: 49 });
    fc.assert(
      fc.property(fc.boolean(), fc.array(between), (before, percents) => {
        const after = percents.reduce((now, failed) => isFailing(now, { done: 100 - failed, failed }), before);
        assert.equal(after, before);
      }),
    );
  });
});

describe('what its own work says about a bot', () => {
  const says = (work: Evidence['work'], model: Evidence['model'] = null) =>
    workFindings({ work, model } as Evidence).map(({ says, reason, condemn, nextMs }) => {
      assert.deepEqual([condemn, nextMs], [null, null]);
      return `${says}: ${reason}`;
    });

  test('nothing, when it does not count it', () => assert.deepEqual(says(null), []));

  test('how much was done and failed', () => {
    assert.deepEqual(says({ done: 7, failed: 0, failing: false }), ['note: 7 requests done within 5 min']);
    assert.deepEqual(says({ done: 7, failed: 1, failing: false }), ['note: 1 of 8 requests failed within 5 min']);
    assert.deepEqual(says({ done: 5, failed: 7, failing: true }), [
      'degraded: 7 of 12 requests failed within 5 min (warning from 50 % until below 25 %)',
    ]);
  });

  test('how its language model does', () => {
    assert.deepEqual(says(null, { reachable: true, refusal: null }), ['note: the language model answers']);
    assert.deepEqual(says(null, { reachable: false, refusal: null }), [
      'degraded: the language model cannot be reached',
    ]);
    for (const [status, words] of [
      [401, /HTTP 401\): it does not accept `llm\.key`/],
      [402, /pay/],
      [403, /HTTP 403.*not allowed/],
      [404, /`llm\.model`/],
      [429, /quota/],
      [418, /HTTP 418\): see its log/],
    ] as const) {
      assert.match(says(null, { reachable: true, refusal: status })[0] ?? '', words);
    }
  });
});
