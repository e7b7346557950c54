import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Reconciliation, reconcile } from '../../src/core/fleet/reconcile.ts';
import type { Child, Desired, LifecycleState } from '../../src/core/lifecycle/state.ts';

type Remembered = Pick<Child, 'desired' | 'state'>;

const stopped: LifecycleState = { name: 'stopped' };
const failed: LifecycleState = { name: 'failed', sinceMs: 0 };
const suspended: LifecycleState = { name: 'suspended', trial: 1, sinceMs: 0, trialAtMs: 9 };
const starting: LifecycleState = { name: 'starting', incarnation: 3, trial: 0, sinceMs: 0, deadlineMs: 9 };

const nothing: Reconciliation = { create: [], start: [], stop: [], restart: [], delete: [] };
const plan = (
  moment: 'boot' | 'reload',
  child: Remembered | null,
  { autostart = true, configured = true, outdated = false } = {},
): Reconciliation =>
  reconcile({
    moment,
    specs: configured ? [{ name: 'music', autostart }] : [],
    children: new Map(child === null ? [] : [['music', child]]),
    outdated: new Set(outdated ? ['music'] : []),
  });
const child = (desired: Desired, state: LifecycleState = stopped): Remembered => ({ desired, state });
const both = ['boot', 'reload'] as const;
const unsettled: readonly LifecycleState[] = [starting, failed, suspended];

describe('reconcile', () => {
  test('a new bot is created, and started unless autostart is off', () => {
    for (const moment of both) {
      assert.deepEqual(plan(moment, null), { ...nothing, create: ['music'], start: ['music'] });
      assert.deepEqual(plan(moment, null, { autostart: false }), { ...nothing, create: ['music'] });
    }
  });

  test('what a person stopped stays stopped, even when its spec changed', () => {
    for (const moment of both) {
      for (const outdated of [true, false]) assert.deepEqual(plan(moment, child('stopped'), { outdated }), nothing);
      assert.deepEqual(plan(moment, child('stopped', failed), { outdated: true }), nothing);
    }
  });

  test('at boot a bot that should run and does not is started; a reload leaves one that came to its end', () => {
    assert.deepEqual(plan('boot', child('running')), { ...nothing, start: ['music'] });
    assert.deepEqual(plan('boot', child('running'), { outdated: true }), { ...nothing, start: ['music'] });
    assert.deepEqual(plan('reload', child('running')), nothing);
    assert.deepEqual(plan('reload', child('running'), { outdated: true }), nothing);
  });

  test('autostart: false means that boot starts nobody, and the wish says so', () => {
    assert.deepEqual(plan('boot', child('running'), { autostart: false }), { ...nothing, stop: ['music'] });
    assert.deepEqual(plan('boot', child('running', starting), { autostart: false }), nothing);
  });

  test('what lives, failed or waits is left alone, unless its spec changed', () => {
    for (const moment of both) {
      for (const state of unsettled) {
        assert.deepEqual(plan(moment, child('running', state)), nothing);
        assert.deepEqual(plan(moment, child('running', state), { outdated: true }), { ...nothing, restart: ['music'] });
      }
    }
  });

  test('what is configured no more is deleted, wanted or not', () => {
    for (const moment of both) {
      for (const desired of ['running', 'stopped', 'absent'] as const) {
        assert.deepEqual(plan(moment, child(desired, starting), { configured: false }), {
          ...nothing,
          delete: ['music'],
        });
      }
    }
  });

  test('a deletion under way is finished although its file still exists', () => {
    for (const moment of both)
      assert.deepEqual(plan(moment, child('absent', starting)), { ...nothing, delete: ['music'] });
  });
});
