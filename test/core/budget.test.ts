import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  automaticLimit,
  identifyGate,
  identifyReserve,
  identifySummary,
  identifyWarning,
  latestGate,
  type Spent,
} from '../../src/core/identify/budget.ts';

const dayMs = 86_400_000;
const minuteMs = 60_000;
const byPerson = { automatic: false, shard: 0, maxConcurrency: 1 };
const every = (count: number, stepMs: number, automatic = true): readonly Spent[] =>
  Array.from({ length: count }, (_, index) => ({ atMs: index * stepMs, automatic }));

describe('identify budget', () => {
  test('the documented limits', () => {
    assert.deepEqual([identifyReserve, identifyWarning, automaticLimit], [50, 200, 200]);
  });

  test('the 200th automatic start of a day is free, the 201st waits until the oldest has left', () => {
    const nowMs = 300 * minuteMs;
    assert.equal(identifyGate(every(199, minuteMs), nowMs), null);
    assert.deepEqual(identifyGate(every(200, minuteMs), nowMs), { notBeforeMs: dayMs, reason: 'identify-budget' });
    assert.equal(identifyGate(every(200, minuteMs), dayMs), null);
  });

  test('a start that says nothing of shards is held by every shard', () => {
    assert.equal(identifyGate([{ atMs: 0, automatic: false, shard: 1 }], 0)?.reason, 'identify-window');
  });

  test('beyond the limit as many must leave as are too many', () => {
    assert.equal(identifyGate(every(205, minuteMs).toReversed(), 300 * minuteMs)?.notBeforeMs, dayMs + 5 * minuteMs);
  });

  test('what people start does not count against the automatic limit, and is not held by it', () => {
    const nowMs = 700 * minuteMs;
    assert.equal(identifyGate(every(600, minuteMs, false), nowMs), null);
    assert.equal(identifyGate(every(200, minuteMs), nowMs, null, byPerson), null);
  });

  test('automatic starts stop at the reserve, people at the last IDENTIFY', () => {
    const gate = (remaining: number, automatic: boolean) =>
      identifyGate([], 1_000, { remaining, resetAtMs: 9_000 }, { ...byPerson, automatic });
    const held = { notBeforeMs: 9_000, reason: 'identify-budget' };
    assert.equal(gate(50, true), null);
    assert.deepEqual(gate(49, true), held);
    assert.equal(gate(1, false), null);
    assert.deepEqual(gate(0, false), held);
  });

  test('what was spent since Discord told its count is subtracted, what came before is not', () => {
    const ledger = [5, 10, 11, 12].map((atMs) => ({ atMs, automatic: false }));
    const session = { remaining: 51, resetAtMs: dayMs, seenAtMs: 10 };
    assert.equal(identifySummary(ledger, 60_000, session).left, 49);
    assert.equal(identifyGate(ledger, 60_000, session)?.notBeforeMs, dayMs);
    assert.equal(identifyGate(ledger, 60_000, { remaining: 51, resetAtMs: dayMs }), null);
    assert.equal(identifySummary(ledger, 60_000, { remaining: 1, resetAtMs: dayMs, seenAtMs: 0 }).left, 0);
  });

  test('after its reset a count is worth nothing', () => {
    const session = { remaining: 0, resetAtMs: 9_000 };
    assert.notEqual(identifyGate([], 8_999, session), null);
    assert.equal(identifyGate([], 9_000, session), null);
    assert.equal(identifySummary([], 9_000, session).left, null);
  });

  test('of several floors the last one holds', () => {
    const nowMs = 200 * minuteMs;
    const ledger = [...every(199, minuteMs), { atMs: nowMs - 1, automatic: true }];
    assert.equal(identifyGate(ledger, nowMs)?.reason, 'identify-budget');
    assert.equal(identifyGate(ledger, nowMs, null, byPerson)?.reason, 'identify-window');
    assert.equal(
      identifyGate(ledger, nowMs, { remaining: 3, resetAtMs: nowMs + 10 }, byPerson)?.reason,
      'identify-window',
    );
    const [early, late] = [
      { notBeforeMs: 1, reason: 'outage' },
      { notBeforeMs: 2, reason: 'identify-window' },
    ] as const;
    assert.equal(latestGate(early, null, late), late);
    assert.equal(latestGate(late, early), late);
    assert.equal(latestGate(null), null);
  });

  test('the summary counts the last 24 h', () => {
    const ledger = [...every(3, minuteMs), { atMs: 5 * minuteMs, automatic: false }];
    const summary = { last24h: 4, automatic: 3, automaticLimit: 200, left: null };
    assert.deepEqual(identifySummary(ledger, 10 * minuteMs), summary);
    assert.deepEqual(identifySummary(ledger, dayMs), { ...summary, last24h: 3, automatic: 2 });
  });

  test('whatever the rhythm of the crashes, no 24 h hold more than 200 automatic IDENTIFYs', () => {
    fc.assert(
      fc.property(fc.integer({ min: 100, max: 7_200_000 }), (lifeMs) => {
        let nowMs = 0;
        let ledger: Spent[] = [];
        const starts: number[] = [];
        while (nowMs < 2 * dayMs) {
          const gate = identifyGate(ledger, nowMs);
          nowMs = gate?.notBeforeMs ?? nowMs;
          ledger = [...ledger.filter(({ atMs }) => nowMs - atMs < dayMs), { atMs: nowMs, automatic: true }];
          starts.push(nowMs);
          nowMs += lifeMs;
        }
        starts.forEach((atMs, index) => {
          const twoHundredLater = starts[index + automaticLimit];
          assert.ok(twoHundredLater === undefined || twoHundredLater - atMs >= dayMs);
        });
      }),
    );
  });
});
