import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { automaticLimit, identifyGate } from '../../../src/core/identify/budget.ts';
import type { Spent } from '../../../src/core/identify/throttle.ts';
import { type Child, liveIncarnation, newChild } from '../../../src/core/lifecycle/state.ts';
import { timerOf } from '../../../src/core/lifecycle/timers.ts';
import type { RestartPolicy } from '../../../src/core/restart/policy.ts';
import { restartPolicy } from '../policies.ts';
import { type Body, step, verdict } from './fixtures.ts';

const calm = { gates: { automatic: null, person: null }, outage: false };
const causes = ['crash', 'hung', 'memory', 'outage', 'clean', 'fatal'] as const;
const incarnation = fc.integer({ min: -1, max: 1 });
/** Events of the world with the incarnation given relative to the newest: stale and premature ones too. */
const anyEvent = fc.oneof(
  fc.constantFrom<Body>(
    { type: 'start', by: 'person' },
    { type: 'start', by: 'boot' },
    { type: 'stop' },
    { type: 'restart' },
    { type: 'reset' },
  ),
  fc.record({ type: fc.constantFrom('ready', 'tree-empty'), incarnation }) as fc.Arbitrary<Body>,
  fc.record({
    type: fc.constant('spawn-failed'),
    incarnation,
    verdict: fc.constantFrom(...causes).map((cause) => verdict(cause)),
  }) as fc.Arbitrary<Body>,
  fc.record({
    type: fc.constant('condemned'),
    incarnation,
    verdict: fc.constantFrom('hung', 'fatal', 'memory').map((cause) => verdict(cause as 'hung')),
  }) as fc.Arbitrary<Body>,
  fc.record({
    type: fc.constant('exited'),
    incarnation,
    verdict: fc.constantFrom(...causes).map((cause) => verdict(cause)),
    treeEmpty: fc.boolean(),
  }) as fc.Arbitrary<Body>,
  fc.record({
    type: fc.constant('health'),
    incarnation,
    stability: fc.constantFrom('counts', 'pauses', 'resets'),
  }) as fc.Arbitrary<Body>,
  fc.record({
    type: fc.constant('timer'),
    timer: fc.constantFrom('start-deadline', 'stable', 'kill', 'backoff', 'trial'),
  }) as fc.Arbitrary<Body>,
);
const history = fc.array(
  fc.record({
    event: anyEvent,
    waitMs: fc.integer({ min: 0, max: 900_000 }),
    jitter: fc.double({ min: 0, max: 0.999, noNaN: true }),
  }),
  {
    maxLength: 60,
  },
);

const aim = (body: Body, child: Child): Body =>
  'incarnation' in body ? { ...body, incarnation: child.incarnation + body.incarnation } : body;

describe('whatever happens', () => {
  test('a spawn comes only when nothing of an earlier incarnation may live, and takes the next number', () => {
    fc.assert(
      fc.property(history, (steps) => {
        let child = newChild('stopped');
        let ms = 0;
        const mayLive = new Set<number>();
        for (const { event, waitMs, jitter } of steps) {
          ms += waitMs;
          const body = aim(event, child);
          const present = liveIncarnation(child.state);
          const result = step(child, body, { ms, jitter, ...calm }, restartPolicy);
          const accepted = present !== null && 'incarnation' in body && body.incarnation === present;
          const ended =
            body.type === 'tree-empty' || body.type === 'spawn-failed' || (body.type === 'exited' && body.treeEmpty);
          if (accepted && ended && liveIncarnation(result.child.state) !== present) mayLive.delete(present);
          for (const effect of result.effects) {
            if (effect.type !== 'spawn') continue;
            assert.deepEqual([...mayLive], [], 'an earlier incarnation may still live');
            assert.equal(effect.incarnation, child.incarnation + 1);
            mayLive.add(effect.incarnation);
          }
          child = result.child;
          assert.deepEqual([...mayLive], liveIncarnation(child.state) === null ? [] : [liveIncarnation(child.state)]);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  test('a stop always ends: once the processes are gone the bot is stopped, and no timer starts it again', () => {
    fc.assert(
      fc.property(history, (steps) => {
        let child = newChild('stopped');
        let ms = 0;
        for (const { event, waitMs, jitter } of steps) {
          ms += waitMs;
          child = step(child, aim(event, child), { ms, jitter, ...calm }, restartPolicy).child;
        }
        child = step(child, { type: 'stop' }, { ms, jitter: 0, ...calm }, restartPolicy).child;
        let kills = 0;
        while (child.state.name === 'stopping' && kills < 3) {
          const due = timerOf(child, restartPolicy);
          assert.ok(due !== null && due.atMs <= ms + restartPolicy.graceMs, 'the kill has a time');
          ms = Math.max(ms, due.atMs);
          child = step(child, { type: 'timer', timer: due.name }, { ms, jitter: 0, ...calm }, restartPolicy).child;
          kills += 1;
        }
        if (child.state.name === 'stopping') {
          child = step(
            child,
            { type: 'tree-empty', incarnation: child.incarnation },
            { ms, jitter: 0, ...calm },
            restartPolicy,
          ).child;
        }
        assert.equal(child.state.name, 'stopped');
        assert.equal(child.desired, 'stopped');
        assert.equal(timerOf(child, restartPolicy), null);
      }),
      { numRuns: 2_000 },
    );
  });

  test('every wait is within its bounds, and every state with a wait has the timer that ends it', () => {
    fc.assert(
      fc.property(history, (steps) => {
        let child = newChild('stopped');
        let ms = 0;
        for (const { event, waitMs, jitter } of steps) {
          ms += waitMs;
          child = step(child, aim(event, child), { ms, jitter, ...calm }, restartPolicy).child;
          const { state } = child;
          if (state.name === 'backoff') {
            const waitsMs = state.untilMs - state.sinceMs;
            assert.ok(
              waitsMs >= 0 && waitsMs <= restartPolicy.maxDelayMs * (1 + restartPolicy.jitter),
              `backoff ${waitsMs}`,
            );
          }
          if (state.name === 'suspended') {
            const waitsMs = state.trialAtMs - state.sinceMs;
            assert.ok(
              waitsMs >= restartPolicy.maxDelayMs * (1 - restartPolicy.jitter) &&
                waitsMs <= restartPolicy.trialMaxDelayMs * (1 + restartPolicy.jitter),
            );
          }
          if (state.name !== 'stopped' && state.name !== 'failed' && state.name !== 'running')
            assert.ok(timerOf(child, restartPolicy));
        }
      }),
      { numRuns: 2_000 },
    );
  });

  test('no hour ever holds more counted attempts than the policy allows', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 1_500_000 }), { minLength: 5, maxLength: 80 }), (livesMs) => {
        let child = step(
          newChild('stopped'),
          { type: 'start', by: 'person' },
          { ms: 0, jitter: 0.5, ...calm },
          restartPolicy,
        ).child;
        let ms = 0;
        const decided: number[] = [];
        for (const lifeMs of livesMs) {
          ms += lifeMs;
          const before = child.state;
          child = step(
            child,
            { type: 'exited', incarnation: child.incarnation, verdict: verdict('crash'), treeEmpty: true },
            { ms, jitter: 0.5, ...calm },
            restartPolicy,
          ).child;
          if (child.state.name === 'backoff' && 'trial' in before && before.trial === 0) decided.push(ms);
          const due = timerOf(child, restartPolicy);
          assert.ok(due);
          ms = due.atMs;
          child = step(child, { type: 'timer', timer: due.name }, { ms, jitter: 0.5, ...calm }, restartPolicy).child;
        }
        for (const end of decided) {
          const inHour = decided.filter((time) => time <= end && end - time < restartPolicy.windowMs).length;
          assert.ok(inHour <= restartPolicy.maxAttempts, `${inHour} attempts in the hour before ${end}`);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});

/** One bot for 24 virtual hours: it IDENTIFYs at each start and dies after `lifeMs`, healthy for all of it. */
function day(lifeMs: number, policy: RestartPolicy, identifiesPerStart: number): number {
  const endMs = 86_400_000;
  const ledger: Spent[] = [];
  let ms = 0;
  let child = newChild('stopped');
  const gate = () => identifyGate(ledger, ms);
  const happen = (body: Body) => {
    const result = step(
      child,
      body,
      { ms, jitter: 0.5, gates: { automatic: gate(), person: null }, outage: false },
      policy,
    );
    child = result.child;
    for (const effect of result.effects) {
      if (effect.type === 'spawn')
        for (let n = 0; n < identifiesPerStart; n++) ledger.push({ atMs: ms, automatic: effect.automatic });
    }
  };
  happen({ type: 'start', by: 'boot' });
  let diesMs = 0;
  while (ms < endMs) {
    if (child.state.name === 'starting') {
      diesMs = ms + lifeMs;
      happen({ type: 'ready', incarnation: child.incarnation });
      happen({ type: 'health', incarnation: child.incarnation, stability: 'counts' });
      continue;
    }
    const due = timerOf(child, policy);
    if (child.state.name === 'running' && (due === null || due.atMs > diesMs)) {
      ms = diesMs;
      happen({ type: 'exited', incarnation: child.incarnation, verdict: verdict('crash'), treeEmpty: true });
      continue;
    }
    assert.ok(due, `nothing would ever happen again in ${child.state.name}`);
    ms = due.atMs;
    happen({ type: 'timer', timer: due.name });
  }
  return ledger.filter((spent) => spent.atMs < endMs).length;
}

describe('IDENTIFYs of one token in 24 virtual hours', () => {
  /** A start that the last free slot allows may spend more than one: its library tries again by itself. */
  const allowed = (identifiesPerStart: number) => automaticLimit + identifiesPerStart - 1;

  test('are bounded for every rhythm of crashes from 0.1 s to 2 h', () => {
    fc.assert(
      fc.property(
        fc.double({ min: Math.log(100), max: Math.log(7_200_000), noNaN: true }),
        fc.constantFrom(1, 2),
        (exponent, perStart) => {
          const lifeMs = Math.exp(exponent);
          const spent = day(lifeMs, restartPolicy, perStart);
          assert.ok(
            spent <= allowed(perStart),
            `a bot that dies every ${(lifeMs / 1000).toFixed(1)} s spends ${spent}`,
          );
        },
      ),
      { numRuns: 400 },
    );
  });

  test('are at most 64 for a bot that dies 1.2 s after READY', () => {
    const spent = day(1_200, restartPolicy, 1);
    assert.ok(spent > 20 && spent <= 64, `${spent}`);
  });

  test('stay bounded when a person raises the attempts a thousandfold: the budget is a floor under any policy', () => {
    const reckless = { ...restartPolicy, maxAttempts: 1_000_000, maxDelayMs: 1_000, initialDelayMs: 1 };
    const spent = day(1_200, reckless, 1);
    assert.ok(spent <= allowed(1) && spent > automaticLimit / 2, `${spent}`);
  });
});
