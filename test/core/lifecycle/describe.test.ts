import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeFact, describeState, remedyFor } from '../../../src/core/lifecycle/describe.ts';
import type { Fact } from '../../../src/core/lifecycle/effect.ts';
import type { Child } from '../../../src/core/lifecycle/state.ts';
import { child, nowMs, policy, states, verdict } from './fixtures.ts';

const crash = verdict('crash', 'exited with code 1');
const sentences: readonly [string, Child, string][] = [
  ['stopped', child(states.stopped, { desired: 'stopped' }), 'stopped'],
  [
    'ended by itself',
    child(states.stopped, { lastVerdict: verdict('clean', 'exited with code 0') }),
    'ended and is not started again: exited with code 0',
  ],
  ['starting', child(states.starting), 'not ready yet; ended if not ready in 1m'],
  [
    'trial starting',
    child({ ...states.starting, trial: 2 }),
    'trial 2 of the open circuit, not ready yet; ended if not ready in 1m',
  ],
  ['running', child(states.running), 'running'],
  ['trial running', child({ ...states.running, trial: 1 }), 'running as trial 1; the circuit closes after 10m healthy'],
  ['stopping', child(states.stopping), 'asked to end; killed with its whole tree in 30s'],
  [
    'condemned',
    child({ ...states.stopping, verdict: verdict('hung', 'no heartbeat') }),
    'asked to end (no heartbeat); killed with its whole tree in 30s',
  ],
  ['unkillable', child({ ...states.stopping, kills: 3 }), 'killed 3 times and still not gone'],
  [
    'backoff',
    child(states.backoff, { lastVerdict: crash }),
    'attempt 2 of 5 starts in 1s (backoff) after: exited with code 1',
  ],
  [
    'waiting',
    child({ ...states.backoff, attempt: 0, reason: 'identify-window' }),
    "starts in 1s (Discord's 5 s between two IDENTIFYs of one token)",
  ],
  [
    'suspended',
    child(states.suspended, { lastVerdict: crash }),
    'circuit open after: exited with code 1; trial 1 starts in 5m',
  ],
  ['suspended, cause lost', child(states.suspended), 'circuit open; trial 1 starts in 5m'],
  ['failed', child(states.failed, { lastVerdict: verdict('fatal', 'no such command') }), 'no such command'],
  ['failed, cause lost', child(states.failed), 'failed'],
];
for (const [name, bot, sentence] of sentences) {
  test(`says of a bot that is ${name} what it does and what comes next`, () => {
    assert.equal(describeState(bot, policy, nowMs), sentence);
  });
}

test('says what to do where a person is needed, and nothing where not', () => {
  const remedy = (bot: Child) => remedyFor(bot, 'music', policy, nowMs);
  assert.equal(remedy(child(states.failed)), 'fix the cause, then: droas start music');
  assert.equal(
    remedy(child(states.failed, { lastVerdict: { ...crash, remedy: 'enable the intent' } })),
    'enable the intent',
  );
  assert.match(remedy(child(states.suspended)) ?? '', /droas logs music.*droas restart music/);
  assert.equal(remedy(child(states.backoff)), null);
  assert.match(
    remedy(child(states.backoff, { attempts: [1, 2, 3, 4, 5].map((n) => nowMs - n) })) ?? '',
    /circuit opens/,
  );
  assert.equal(remedy(child(states.stopping)), null);
  assert.match(remedy(child({ ...states.backoff, reason: 'state-directory' })) ?? '', /make room/);
  assert.match(remedy(child({ ...states.stopping, kills: 2 })) ?? '', /uninterruptible/);
  for (const state of [states.stopped, states.starting, states.running]) assert.equal(remedy(child(state)), null);
});

const facts: readonly [Fact, string, string][] = [
  [{ type: 'bot.starting', incarnation: 1, trial: 0, attempt: 0 }, 'info', 'starting'],
  [{ type: 'bot.starting', incarnation: 1, trial: 0, attempt: 2 }, 'info', 'starting: attempt 2'],
  [{ type: 'bot.starting', incarnation: 1, trial: 3, attempt: 0 }, 'info', 'starting: trial 3 of the open circuit'],
  [{ type: 'bot.ready', incarnation: 1, tookMs: 1_300 }, 'info', 'ready after 1.3s'],
  [{ type: 'bot.stopping', incarnation: 1, why: 'asked to stop' }, 'info', 'stopping: asked to stop'],
  [{ type: 'bot.exited', incarnation: 1, verdict: crash }, 'info', 'exited with code 1'],
  [{ type: 'bot.exited', incarnation: 1, verdict: null }, 'info', 'ended'],
  [{ type: 'bot.killed', incarnation: 1, kills: 1 }, 'warning', 'the grace period is over: killed with its whole tree'],
  [{ type: 'bot.killed', incarnation: 1, kills: 2 }, 'warning', 'killed again (2 times)'],
  [
    {
      type: 'bot.restart-scheduled',
      incarnation: 1,
      attempt: 1,
      maxAttempts: 5,
      delayMs: 0,
      reason: 'delay',
      verdict: crash,
    },
    'warning',
    'restart at once (attempt 1 of 5, backoff) because: exited with code 1',
  ],
  [{ type: 'bot.stopped', incarnation: 1 }, 'info', 'stopped'],
  [
    {
      type: 'bot.restart-scheduled',
      incarnation: 1,
      attempt: 4,
      maxAttempts: 5,
      delayMs: 4_000,
      reason: 'delay',
      verdict: crash,
    },
    'warning',
    'restart in 4s (attempt 4 of 5, backoff) because: exited with code 1',
  ],
  [
    {
      type: 'bot.restart-scheduled',
      incarnation: 1,
      attempt: 0,
      maxAttempts: 5,
      delayMs: 4_000,
      reason: 'outage',
      verdict: crash,
    },
    'warning',
    'restart in 4s (not counted, the end of the outage) because: exited with code 1',
  ],
  [
    { type: 'bot.waiting', delayMs: 3_000, reason: 'identify-budget' },
    'info',
    'starts in 3s: the IDENTIFY budget of its token',
  ],
  [{ type: 'bot.failed', verdict: { ...crash, remedy: 'fix it' } }, 'error', 'failed: exited with code 1 → fix it'],
  [{ type: 'bot.failed', verdict: crash }, 'error', 'failed: exited with code 1'],
  [{ type: 'bot.stable', incarnation: 1 }, 'info', 'stable: the next failure starts with the shortest delay again'],
  [{ type: 'bot.deleted' }, 'info', 'deleted'],
  [
    { type: 'event.ignored', incarnation: 2, event: 'exited' },
    'info',
    'ignored exited of incarnation 2, which is not the present one',
  ],
  [
    { type: 'circuit.opened', attempts: 5, trialInMs: 300_000, verdict: crash },
    'error',
    'circuit open after 5 failed restarts: exited with code 1; first trial in 5m',
  ],
  [
    { type: 'circuit.trial-failed', trial: 1, trialInMs: 600_000, verdict: crash },
    'error',
    'trial 1 failed: exited with code 1; next in 10m',
  ],
  [{ type: 'circuit.closed', by: 'person' }, 'info', 'circuit closed by a person'],
  [{ type: 'circuit.closed', by: 'health' }, 'info', 'circuit closed by healthy time'],
  [{ type: 'alert.fired', alert: 'restart-storm', sentence: '4 restarts' }, 'error', '4 restarts'],
];
for (const [fact, severity, sentence] of facts) {
  test(`${fact.type} reads “${sentence}”`, () => assert.deepEqual(describeFact(fact), { severity, sentence }));
}
