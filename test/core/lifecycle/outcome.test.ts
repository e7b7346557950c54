import assert from 'node:assert/strict';
import { test } from 'node:test';
import { outcomeOf, type Wish } from '../../../src/core/lifecycle/outcome.ts';
import type { Child } from '../../../src/core/lifecycle/state.ts';
import { child, states, verdict } from './fixtures.ts';

const wish = (kind: Wish['kind'], incarnationBefore = 3): Wish => ({ kind, incarnationBefore });
const crashed = { lastVerdict: verdict('crash', 'exited with code 1') };

const rows: readonly [string, Wish, Child | null, string | null][] = [
  ['start, running', wish('start'), child(states.running), 'done'],
  ['start, starting', wish('start'), child(states.starting), null],
  ['start, stopping first', wish('start'), child(states.stopping), null],
  ['start, failed', wish('start'), child(states.failed, crashed), 'failed'],
  ['start, crashed once', wish('start'), child(states.backoff, crashed), 'failed'],
  ['start, waits for the identify window', wish('start'), child({ ...states.backoff, attempt: 0 }), null],
  [
    'start, state directory full',
    wish('start'),
    child({ ...states.backoff, attempt: 0, reason: 'state-directory' }),
    'failed',
  ],
  ['start, circuit open', wish('start'), child(states.suspended, crashed), 'failed'],
  ['start, ended at once under on-failure', wish('start'), child(states.stopped, crashed), 'failed'],
  ['start, supervisor draining', wish('start'), child(states.stopped, { draining: true }), 'superseded'],
  ['start, stopped meanwhile', wish('start'), child(states.stopping, { desired: 'stopped' }), 'superseded'],
  ['start, deleted meanwhile', wish('start'), child(states.stopping, { desired: 'absent' }), 'superseded'],
  ['start, forgotten', wish('start'), null, 'superseded'],
  ['restart, old incarnation still runs', wish('restart'), child(states.running), null],
  ['restart, new incarnation runs', wish('restart', 2), child(states.running), 'done'],
  ['stop, stopped', wish('stop'), child(states.stopped, { desired: 'stopped' }), 'done'],
  ['stop, stopping', wish('stop'), child(states.stopping, { desired: 'stopped' }), null],
  ['stop, started meanwhile', wish('stop'), child(states.stopping), 'superseded'],
  ['stop, deleted meanwhile', wish('stop'), child(states.stopping, { desired: 'absent' }), 'superseded'],
  ['delete, under way', wish('delete'), child(states.stopping, { desired: 'absent' }), null],
  ['delete, gone', wish('delete'), null, 'done'],
  ['reset', wish('reset'), child(states.failed), 'done'],
];

for (const [name, asked, now, expected] of rows) {
  test(`${name} → ${expected ?? 'under way'}`, () => {
    assert.equal(outcomeOf(asked, now)?.outcome ?? null, expected);
  });
}

test('a failed start says why', () => {
  assert.equal(outcomeOf(wish('start'), child(states.backoff, crashed))?.sentence, 'exited with code 1');
});
