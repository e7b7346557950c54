import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shiftChild } from '../../../src/core/lifecycle/shift.ts';
import type { LifecycleState, StateName } from '../../../src/core/lifecycle/state.ts';
import { timerOf } from '../../../src/core/lifecycle/timers.ts';
import { child, nowMs, policy, states } from './fixtures.ts';

for (const state of Object.keys(states) as StateName[]) {
  test(`${state}: another boot's clock moves every time by the same amount`, () => {
    const before = child(states[state], { attempts: [nowMs - 5] });
    const after = shiftChild(before, -9_000_000, nowMs);
    assert.deepEqual(after.attempts, [nowMs - 9_000_005]);
    const due = timerOf(before, policy);
    assert.equal(timerOf(after, policy)?.atMs, due === null ? undefined : due.atMs - 9_000_000);
  });

  test(`${state}: a wall clock set forward meanwhile never makes a past fact lie in the future, nor a wait longer`, () => {
    const after = shiftChild(child(states[state], { attempts: [nowMs - 5] }), 3_600_000, nowMs);
    assert.deepEqual(after.attempts, [nowMs]);
    const before = timerOf(child(states[state]), policy);
    assert.equal(timerOf(after, policy)?.atMs, before?.atMs);
  });
}

test('paused stability stays paused', () => {
  const paused: LifecycleState = {
    ...states.running,
    stability: { collectedMs: 7, countingSinceMs: null, reached: false },
  };
  const { state } = shiftChild(child(paused), 100, nowMs);
  assert.ok(state.name === 'running');
  assert.deepEqual(state.stability, { collectedMs: 7, countingSinceMs: null, reached: false });
});
