import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { lastDay, leavesAtMs, type Spent, windowGate } from '../../src/core/identify/throttle.ts';

const dayMs = 86_400_000;
const single = { shard: 0, maxConcurrency: 1 };
const spent = (atMs: number, shard?: number): Spent => ({
  atMs,
  automatic: true,
  ...(shard === undefined ? {} : { shard }),
});

describe('identify window', () => {
  test('a start waits until 5 s after the last IDENTIFY of its token', () => {
    assert.deepEqual(windowGate([spent(1_000), spent(3_000), spent(2_000)], 4_000, single), {
      notBeforeMs: 8_000,
      reason: 'identify-window',
    });
  });

  test('nothing is held when there was none, or once the 5 s are over', () => {
    assert.equal(windowGate([], 4_000, single), null);
    assert.notEqual(windowGate([spent(1_000)], 5_999, single), null);
    assert.equal(windowGate([spent(1_000)], 6_000, single), null);
  });

  test('only shards of the same bucket share a window', () => {
    const ledger = [spent(1_000, 0), spent(2_000, 1), spent(3_000, 16)];
    const notBefore = (shard: number, maxConcurrency: number) =>
      windowGate(ledger, 3_000, { shard, maxConcurrency })?.notBeforeMs;
    assert.equal(notBefore(32, 16), 8_000);
    assert.equal(notBefore(17, 16), 7_000);
    assert.equal(notBefore(2, 16), undefined);
    assert.equal(notBefore(2, 1), 8_000);
  });

  test('a shard that was not told is shard 0', () => {
    assert.equal(windowGate([spent(1_000)], 1_000, { shard: 16, maxConcurrency: 16 })?.notBeforeMs, 6_000);
    assert.equal(windowGate([spent(1_000)], 1_000, { shard: 1, maxConcurrency: 16 }), null);
  });

  test('an entry leaves the day when it is exactly 24 h old, and one from the future never enters it', () => {
    const nowMs = 2 * dayMs;
    const [old, young, present, future] = [spent(dayMs), spent(dayMs + 1), spent(nowMs), spent(nowMs + 1)];
    assert.deepEqual(lastDay([old, young, present, future], nowMs), [young, present]);
    assert.equal(leavesAtMs(old), nowMs);
    assert.equal(windowGate([spent(nowMs + dayMs)], nowMs, single), null);
  });

  test('starts that obey the gate are at least 5 s apart in each bucket', () => {
    const wishes = fc.array(fc.record({ pauseMs: fc.nat({ max: 8_000 }), shard: fc.nat({ max: 40 }) }), {
      maxLength: 50,
    });
    fc.assert(
      fc.property(wishes, fc.integer({ min: 1, max: 16 }), (list, maxConcurrency) => {
        let nowMs = 0;
        const ledger: Spent[] = [];
        for (const { pauseMs, shard } of list) {
          nowMs += pauseMs;
          nowMs = windowGate(ledger, nowMs, { shard, maxConcurrency })?.notBeforeMs ?? nowMs;
          ledger.push(spent(nowMs, shard));
        }
        for (const [bucket, entries] of Map.groupBy(ledger, (entry) => (entry.shard ?? 0) % maxConcurrency)) {
          entries.slice(1).forEach((entry, index) => {
            const apartMs = entry.atMs - (entries[index]?.atMs ?? 0);
            assert.ok(apartMs >= 5_000, `bucket ${bucket}: ${apartMs} ms apart`);
          });
        }
      }),
    );
  });
});
