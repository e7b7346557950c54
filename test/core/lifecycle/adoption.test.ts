import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { adoption } from '../../../src/core/lifecycle/adoption.ts';
import type { StateName } from '../../../src/core/lifecycle/state.ts';
import { child, nowMs, states } from './fixtures.ts';

describe('adoption', () => {
  const idle: readonly StateName[] = ['stopped', 'backoff', 'suspended', 'failed'];
  const live: readonly StateName[] = ['starting', 'running', 'stopping'];

  for (const state of live) {
    test(`${state}: its own incarnation is attached as it is, older ones are discarded`, () => {
      const stored = child(states[state]);
      assert.deepEqual(adoption(stored, 'running', [2, 3], nowMs), {
        child: stored,
        attach: 3,
        discard: [2],
        lost: false,
      });
    });
  }

  for (const state of ['running', 'stopping'] as const) {
    test(`${state} without a run directory: it ended and nobody knows how`, () => {
      const stored = child(states[state]);
      assert.deepEqual(adoption(stored, 'running', [], nowMs), {
        child: stored,
        attach: null,
        discard: [],
        lost: true,
      });
    });
  }

  test('starting without a run directory: it was never spawned, is started at once, and costs no attempt', () => {
    const { child: after, lost } = adoption(child({ ...states.starting, trial: 2 }), 'running', [], nowMs);
    assert.deepEqual([after.attempts, lost], [[], false]);
    assert.ok(after.state.name === 'backoff');
    assert.deepEqual([after.state.untilMs, after.state.trial, after.state.automatic], [nowMs, 2, true]);
  });

  for (const state of idle) {
    test(`${state}: what is left of an ended incarnation is discarded, the wait goes on`, () => {
      const stored = child(states[state]);
      assert.deepEqual(adoption(stored, 'running', [3, 1], nowMs), {
        child: stored,
        attach: null,
        discard: [3, 1],
        lost: false,
      });
    });

    test(`${state} of an older database: a newer incarnation lives and is adopted as running, never doubled`, () => {
      const { child: after, attach } = adoption(child(states[state]), 'running', [4, 3], nowMs);
      assert.deepEqual([attach, after.incarnation, after.state.name], [4, 4, 'running']);
    });
  }

  test('a lost database: the run directory alone suffices, and the wish file says what was wanted', () => {
    const { child: after, attach } = adoption(null, 'stopped', [7], nowMs);
    assert.deepEqual([attach, after.incarnation, after.desired, after.state.name], [7, 7, 'stopped', 'running']);
    assert.deepEqual(adoption(null, 'running', [], nowMs).child.state.name, 'stopped');
  });
});
