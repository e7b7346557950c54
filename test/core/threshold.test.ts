import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { settle, unsettled } from '../../src/core/health/threshold.ts';

const values = (samples: readonly number[]): readonly (number | null)[] => {
  let settled = unsettled;
  return samples.map((sample) => {
    settled = settle(settled, sample);
    return settled.value;
  });
};

describe('hysteresis', () => {
  test('one sample says nothing, and of two the smaller one speaks', () => {
    assert.deepEqual(values([900]), [null]);
    assert.deepEqual(values([900, 10]), [null, 10]);
    assert.deepEqual(values([10, 900]), [null, 10]);
    assert.deepEqual(values([800, 900]), [null, 800]);
  });

  test('one bad sample among good ones changes nothing, two do', () => {
    assert.deepEqual(values([10, 11, 900, 12, 13]), [null, 10, 11, 12, 13]);
    assert.deepEqual(values([10, 11, 900, 901]).at(-1), 900);
  });

  test('one good sample among bad ones changes nothing either', () => {
    assert.deepEqual(values([900, 901, 902, 1, 903]).slice(2), [901, 901, 902]);
  });

  test('only the last three samples are remembered', () => {
    const settled = [1, 2, 3, 4].reduce(settle, unsettled);
    assert.deepEqual(settled, { samples: [2, 3, 4], value: 3 });
  });

  test('a single outlier never crosses a threshold that its neighbours keep', () => {
    const good = fc.integer({ min: 0, max: 100 });
    fc.assert(
      fc.property(
        fc.array(good, { maxLength: 8 }),
        fc.integer(),
        fc.array(good, { maxLength: 8 }),
        (before, outlier, after) => {
          for (const value of values([...before, outlier, ...after])) assert.ok(value === null || value <= 100);
        },
      ),
    );
  });
});
