import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { attemptDelayMs, spread } from '../../src/core/restart/backoff.ts';
import { restartPolicy } from './policies.ts';

const middle = 0.5;
const delays = (policy: typeof restartPolicy, count: number): readonly number[] =>
  Array.from({ length: count }, (_, streak) => attemptDelayMs(streak, policy, middle));

describe('backoff', () => {
  test('the five attempts wait 0, 1, 2, 4 and 8 s', () => {
    assert.deepEqual(delays(restartPolicy, 5), [0, 1_000, 2_000, 4_000, 8_000]);
  });

  test('without immediateFirst the first attempt waits the initial delay', () => {
    assert.deepEqual(delays({ ...restartPolicy, immediateFirst: false }, 5), [1_000, 2_000, 4_000, 8_000, 16_000]);
  });

  test('the delay stays at the cap, however long the streak', () => {
    for (const streak of [10, 11, 1_000, 1e9, Number.MAX_SAFE_INTEGER]) {
      assert.equal(attemptDelayMs(streak, restartPolicy, middle), 300_000);
    }
  });

  test('jitter moves a delay from -20 % to just under +20 %', () => {
    assert.equal(attemptDelayMs(10, restartPolicy, 0), 240_000);
    assert.equal(attemptDelayMs(10, restartPolicy, 0.75), 330_000);
    assert.equal(attemptDelayMs(10, restartPolicy, 0.999_999), 359_999);
    assert.equal(attemptDelayMs(10, { ...restartPolicy, jitter: 0 }, 0.9), 300_000);
    assert.equal(spread(1_001, 0.1, 0), 900);
  });

  test('an initial delay of zero stays zero instead of becoming NaN', () => {
    assert.equal(attemptDelayMs(5_000, { ...restartPolicy, initialDelayMs: 0 }, middle), 0);
  });

  test('a streak that is negative or not an integer is refused', () => {
    for (const streak of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      assert.throws(() => attemptDelayMs(streak, restartPolicy, middle), RangeError);
    }
  });

  const policies = fc.record({
    immediateFirst: fc.boolean(),
    initialDelayMs: fc.integer({ min: 0, max: 60_000 }),
    factor: fc.double({ min: 1, max: 10, noNaN: true }),
    maxDelayMs: fc.integer({ min: 0, max: 3_600_000 }),
    jitter: fc.double({ min: 0, max: 1, noNaN: true }),
  });
  const jitters = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

  test('every delay is a whole number between zero and the cap plus jitter', () => {
    fc.assert(
      fc.property(fc.nat(), policies, jitters, (streak, overrides, jitter) => {
        const delayMs = attemptDelayMs(streak, { ...restartPolicy, ...overrides }, jitter);
        assert.ok(Number.isInteger(delayMs));
        assert.ok(delayMs >= 0 && delayMs <= overrides.maxDelayMs * (1 + overrides.jitter));
      }),
    );
  });

  test('a longer streak never waits less, with the same jitter', () => {
    fc.assert(
      fc.property(fc.nat({ max: 2_000 }), policies, jitters, (streak, overrides, jitter) => {
        const policy = { ...restartPolicy, ...overrides };
        assert.ok(attemptDelayMs(streak, policy, jitter) <= attemptDelayMs(streak + 1, policy, jitter));
      }),
    );
  });
});
