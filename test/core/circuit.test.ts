import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { attemptsInWindow, mustOpen, trialDelayMs } from '../../src/core/restart/circuit.ts';
import { restartPolicy } from './policies.ts';

const middle = 0.5;
const minutes = (ms: number): number => ms / 60_000;

describe('circuit', () => {
  test('an attempt counts until it is exactly one window old', () => {
    assert.deepEqual(attemptsInWindow([1_000, 1_001, 2_000], 3_601_000, 3_600_000), [1_001, 2_000]);
  });

  test('the circuit opens when the failure comes after the fifth attempt, not before', () => {
    assert.equal(mustOpen([1, 2, 3, 4], restartPolicy), false);
    assert.equal(mustOpen([1, 2, 3, 4, 5], restartPolicy), true);
    assert.equal(mustOpen([], { ...restartPolicy, maxAttempts: 0 }), true);
  });

  test('trials that cost an IDENTIFY come at 5 min, then twice as late, up to 1 h', () => {
    const trials = [1, 2, 3, 4, 5, 6, 5_000].map((trial) => minutes(trialDelayMs(trial, restartPolicy, middle)));
    assert.deepEqual(trials, [5, 10, 20, 40, 60, 60, 60]);
  });

  test('trials that cost none come every 5 min', () => {
    const policy = { ...restartPolicy, startCostsIdentify: false };
    assert.deepEqual(
      [1, 2, 9].map((trial) => minutes(trialDelayMs(trial, policy, middle))),
      [5, 5, 5],
    );
  });

  test('trials have the same jitter as attempts', () => {
    assert.equal(trialDelayMs(1, restartPolicy, 0), 240_000);
    assert.equal(trialDelayMs(1, restartPolicy, 0.75), 330_000);
  });

  test('a trial number below one or between integers is refused', () => {
    for (const trial of [0, -1, 1.5, Number.NaN]) {
      assert.throws(() => trialDelayMs(trial, restartPolicy, middle), RangeError);
    }
  });

  test('a window that slides never holds more than maxAttempts attempts, whatever the rhythm of the crashes', () => {
    const crashes = fc.array(fc.integer({ min: 1, max: 7_200_000 }), { maxLength: 60 });
    fc.assert(
      fc.property(crashes, (pauses) => {
        let nowMs = 0;
        const attempts: number[] = [];
        for (const pauseMs of pauses) {
          nowMs += pauseMs;
          const recent = attemptsInWindow(attempts, nowMs, restartPolicy.windowMs);
          if (!mustOpen(recent, restartPolicy)) attempts.push(nowMs);
        }
        for (const endMs of attempts) {
          const hour = attempts.filter((atMs) => atMs <= endMs && atMs > endMs - restartPolicy.windowMs);
          assert.ok(hour.length <= restartPolicy.maxAttempts, `${hour.length} attempts in the hour before ${endMs}`);
        }
      }),
    );
  });
});
