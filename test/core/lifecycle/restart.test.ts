import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { postponed } from '../../../src/core/lifecycle/after-end.ts';
import type { Child } from '../../../src/core/lifecycle/state.ts';
import { timerOf } from '../../../src/core/lifecycle/timers.ts';
import { at, child, nowMs, policy, states, step, verdict, words } from './fixtures.ts';

const minute = 60_000;
const crash = verdict('crash', 'exited with code 1');

/** Runs the present timer at the moment it is due. */
function ring(before: Child): { child: Child; atMs: number } {
  const due = timerOf(before, policy);
  assert.ok(due, `no timer in ${before.state.name}`);
  return { child: step(before, { type: 'timer', timer: due.name }, at(due.atMs)).child, atMs: due.atMs };
}

const fail = (before: Child, ms: number) =>
  step(before, { type: 'exited', incarnation: before.incarnation, verdict: crash, treeEmpty: true }, at(ms));

/** Crashes at once after each start until the circuit opens; returns the delays. */
function crashLoop(from: Child, startMs: number): { delays: number[]; child: Child; ms: number } {
  const delays: number[] = [];
  let now = from;
  let ms = startMs;
  for (let round = 0; round < 20; round++) {
    now = fail(now, ms).child;
    if (now.state.name !== 'backoff') break;
    delays.push(now.state.untilMs - ms);
    ({ child: now, atMs: ms } = ring(now));
  }
  return { delays, child: now, ms };
}

describe('restart policy', () => {
  test('the five attempts wait 0, 1, 2, 4 and 8 s; when the fifth fails the circuit opens, first trial after 5 min', () => {
    const { delays, child: open, ms } = crashLoop(child(states.running), nowMs);
    assert.deepEqual(delays, [0, 1_000, 2_000, 4_000, 8_000]);
    assert.equal(open.state.name, 'suspended');
    assert.equal(open.state.name === 'suspended' && open.state.trialAtMs - ms, 5 * minute);
    assert.equal(open.restarts, 5);
  });

  test('trials double up to an hour while they cost an IDENTIFY, and come every 5 min when they cost none', () => {
    const gaps = (startCostsIdentify: boolean): number[] => {
      const own = { ...policy, startCostsIdentify };
      let now = child(states.suspended);
      const found: number[] = [];
      for (let trial = 1; trial <= 6; trial++) {
        assert.ok(now.state.name === 'suspended');
        const ms = now.state.trialAtMs;
        now = step(now, { type: 'timer', timer: 'trial' }, at(ms), own).child;
        assert.equal(now.state.name === 'starting' && now.state.trial, trial);
        now = step(
          now,
          { type: 'exited', incarnation: now.incarnation, verdict: crash, treeEmpty: true },
          at(ms),
          own,
        ).child;
        assert.ok(now.state.name === 'suspended');
        found.push((now.state.trialAtMs - ms) / minute);
      }
      return found;
    };
    assert.deepEqual(gaps(true), [10, 20, 40, 60, 60, 60]);
    assert.deepEqual(gaps(false), [5, 5, 5, 5, 5, 5]);
  });

  test('a trial that stays healthy for ten minutes closes the circuit and clears the window', () => {
    const trial = { ...states.running, trial: 2 };
    const before = child(trial, { attempts: [nowMs - 9, nowMs - 8, nowMs - 7, nowMs - 6, nowMs - 5], streak: 5 });
    const { child: after, effects } = step(before, { type: 'timer', timer: 'stable' }, at(nowMs + 10 * minute));
    assert.deepEqual(words(effects), ['record circuit.closed', 'record bot.stable']);
    assert.deepEqual([after.attempts, after.streak], [[], 0]);
    assert.equal(after.state.name === 'running' && after.state.trial, 0);
    assert.equal(timerOf(after, policy), null);
  });

  test('stability is healthy time: Degraded pauses the ten minutes, Unhealthy resets them', () => {
    let now = child({ ...states.running, stability: { collectedMs: 0, countingSinceMs: null, reached: false } });
    const health = (stability: 'counts' | 'pauses' | 'resets', ms: number) => {
      now = step(now, { type: 'health', incarnation: 3, stability }, at(nowMs + ms)).child;
    };
    assert.equal(timerOf(now, policy), null);
    health('counts', 0);
    assert.equal(timerOf(now, policy)?.atMs, nowMs + 10 * minute);
    health('pauses', 4 * minute);
    assert.equal(timerOf(now, policy), null);
    health('counts', 9 * minute);
    assert.equal(timerOf(now, policy)?.atMs, nowMs + 15 * minute);
    health('counts', 10 * minute);
    assert.equal(timerOf(now, policy)?.atMs, nowMs + 15 * minute);
    health('resets', 11 * minute);
    health('counts', 12 * minute);
    assert.equal(timerOf(now, policy)?.atMs, nowMs + 22 * minute);
    now = step(now, { type: 'timer', timer: 'stable' }, at(nowMs + 22 * minute)).child;
    const stable = now;
    health('resets', 23 * minute);
    assert.equal(now, stable);
  });

  test('a stable bot starts again with the shortest delay, but its attempts stay in the window', () => {
    const before = child(states.running, { attempts: [nowMs - 20 * minute], streak: 1 });
    const stable = step(before, { type: 'timer', timer: 'stable' }, at(nowMs + 10 * minute)).child;
    const { child: after } = fail(stable, nowMs + 11 * minute);
    assert.ok(after.state.name === 'backoff');
    assert.equal(after.state.untilMs, nowMs + 11 * minute);
    assert.equal(after.state.attempt, 2);
  });

  test('the window slides: an attempt that is an hour old no longer counts', () => {
    const attempts = [60, 50, 40, 30, 20].map((minutesAgo) => nowMs - minutesAgo * minute);
    const { child: after } = fail(child(states.running, { attempts, streak: 5 }), nowMs);
    assert.equal(after.state.name, 'backoff');
    const { child: open } = fail(child(states.running, { attempts: attempts.map((ms) => ms + 1), streak: 5 }), nowMs);
    assert.equal(open.state.name, 'suspended');
  });

  test('the longest delay is reached by a bot that fails slowly, and never passed', () => {
    const { child: after } = fail(child(states.running, { streak: 30 }), nowMs);
    assert.equal(after.state.name === 'backoff' && after.state.untilMs - nowMs, 5 * minute);
  });

  test('more than three automatic restarts within an hour raise one alert', () => {
    let now = child(states.running);
    const alerts: number[] = [];
    for (let round = 1; round <= 5; round++) {
      const { child: after, effects } = fail(now, nowMs + round);
      if (words(effects).includes('record alert.fired')) alerts.push(round);
      now = { ...after, state: { ...states.running, incarnation: 3 } };
    }
    assert.deepEqual(alerts, [4]);
  });

  test('cost is a floor: the start waits for the gate when that is later than the backoff, and says why', () => {
    const gate = { notBeforeMs: nowMs + 5_000, reason: 'identify-window' } as const;
    const waits = step(
      child(states.running),
      { type: 'exited', incarnation: 3, verdict: crash, treeEmpty: true },
      at(nowMs, gate),
    ).child;
    assert.deepEqual(waits.state, {
      name: 'backoff',
      reason: 'identify-window',
      attempt: 1,
      trial: 0,
      automatic: true,
      sinceMs: nowMs,
      untilMs: nowMs + 5_000,
    });
    const slow = child(states.running, { streak: 4 });
    const delayed = step(
      slow,
      { type: 'exited', incarnation: 3, verdict: crash, treeEmpty: true },
      at(nowMs, gate),
    ).child;
    assert.equal(delayed.state.name === 'backoff' && delayed.state.reason, 'delay');
  });

  test('a gate that is still closed when the delay is over holds the start again', () => {
    const gate = { notBeforeMs: nowMs + 90_000, reason: 'identify-budget' } as const;
    const { child: after } = step(child(states.backoff), { type: 'timer', timer: 'backoff' }, at(nowMs + 1_000, gate));
    assert.equal(after.state.name === 'backoff' && after.state.reason, 'identify-budget');
    assert.equal(timerOf(after, policy)?.atMs, nowMs + 90_000);
  });

  test('each start is held by its own gate: a person may spend what the policy may not', () => {
    const gate = { notBeforeMs: nowMs + 1, reason: 'identify-budget' } as const;
    const start = (held: 'automatic' | 'person', by: 'person' | 'boot') => {
      const gates = { automatic: null, person: null, [held]: gate };
      return step(child(states.stopped), { type: 'start', by }, { ...at(), gates }).child.state.name;
    };
    assert.equal(start('automatic', 'person'), 'starting');
    assert.equal(start('person', 'person'), 'backoff');
    assert.equal(start('automatic', 'boot'), 'backoff');
    assert.equal(start('person', 'boot'), 'starting');
  });

  test('who is not ready in time because Discord is out of reach is not counted', () => {
    const late = step(
      child(states.starting),
      { type: 'timer', timer: 'start-deadline' },
      { ...at(nowMs + 60_000), outage: true },
    ).child;
    const { child: after } = step(late, { type: 'tree-empty', incarnation: 3 }, at(nowMs + 61_000));
    assert.deepEqual([after.state.name, after.attempts], ['backoff', []]);
  });

  for (const [cause, mode, next] of [
    ['fatal', 'always', 'failed'],
    ['fatal', 'never', 'failed'],
    ['clean', 'on-failure', 'stopped'],
    ['crash', 'never', 'stopped'],
    ['hung', 'never', 'stopped'],
    ['crash', 'on-failure', 'backoff'],
    ['memory', 'always', 'backoff'],
    ['hung', 'always', 'backoff'],
    ['outage', 'always', 'backoff'],
  ] as const) {
    test(`${cause} under restart: ${mode} → ${next}`, () => {
      const own = { ...policy, mode };
      const { child: after } = step(
        child(states.running),
        { type: 'exited', incarnation: 3, verdict: verdict(cause), treeEmpty: true },
        at(),
        own,
      );
      assert.equal(after.state.name, next);
      assert.equal(after.desired, 'running');
      assert.equal(after.lastVerdict?.cause, cause);
    });
  }

  test('an outage counts nothing and waits for its gate', () => {
    const before = child(states.running, { attempts: [nowMs - 1], streak: 1 });
    const gate = { notBeforeMs: nowMs + 15_000, reason: 'outage' } as const;
    const { child: after } = step(
      before,
      { type: 'exited', incarnation: 3, verdict: verdict('outage'), treeEmpty: true },
      at(nowMs, gate),
    );
    assert.deepEqual([after.attempts, after.streak, after.restarts], [[nowMs - 1], 1, 1]);
    assert.equal(after.state.name === 'backoff' && after.state.untilMs, nowMs + 15_000);
  });
});

describe('stopping', () => {
  test('a stop during backoff cancels the pending restart', () => {
    const { child: after } = step(child(states.backoff), { type: 'stop' });
    assert.deepEqual([after.state.name, after.desired, timerOf(after, policy)], ['stopped', 'stopped', null]);
  });

  test('the next incarnation is spawned only when the tree of the last one is empty', () => {
    const asked = step(child(states.running), { type: 'restart' }).child;
    const leaderGone = step(asked, { type: 'exited', incarnation: 3, verdict: crash, treeEmpty: false });
    assert.deepEqual(
      [leaderGone.child.state.name, words(leaderGone.effects)],
      ['stopping', ['record bot.exited', 'ask-stop']],
    );
    const empty = step(leaderGone.child, { type: 'tree-empty', incarnation: 3 });
    assert.deepEqual(words(empty.effects), ['release', 'record bot.starting', 'spawn']);
    assert.equal(empty.child.incarnation, 4);
  });

  test('descendants that outlive a crashed main process get 5 s, then the tree is killed; the restart still counts', () => {
    const orphaned = step(child(states.running), { type: 'exited', incarnation: 3, verdict: crash, treeEmpty: false });
    assert.deepEqual(words(orphaned.effects), ['record bot.exited', 'record bot.stopping', 'ask-stop']);
    const killed = ring(orphaned.child);
    assert.equal(killed.atMs, nowMs + 5_000);
    const over = step(killed.child, { type: 'tree-empty', incarnation: 3 }, at(killed.atMs));
    assert.equal(over.child.state.name, 'backoff');
    assert.equal(over.child.attempts.length, 1);
  });

  for (const [cause, graceMs] of [
    ['hung', 5_000],
    ['fatal', 5_000],
    ['memory', 30_000],
  ] as const) {
    test(`a bot condemned as ${cause} has ${graceMs / 1000} s`, () => {
      const { child: after } = step(child(states.running), {
        type: 'condemned',
        incarnation: 3,
        verdict: verdict(cause),
      });
      assert.equal(timerOf(after, policy)?.atMs, nowMs + graceMs);
    });
  }

  test('the reason of an end that the policy brought about is kept, with the exit that followed', () => {
    const condemned = step(child(states.running), {
      type: 'condemned',
      incarnation: 3,
      verdict: verdict('hung'),
    }).child;
    const exit = { kind: 'signal', signal: 9 } as const;
    const ended = step(condemned, {
      type: 'exited',
      incarnation: 3,
      verdict: { ...verdict('crash'), exit },
      treeEmpty: true,
    });
    assert.deepEqual(ended.child.lastVerdict, { ...verdict('hung'), exit });
    assert.deepEqual(ended.effects[0], {
      type: 'record',
      fact: { type: 'bot.exited', incarnation: 3, verdict: { ...verdict('hung'), exit } },
    });
  });

  test('a condemned fatal bot ends as failed, whatever its exit code says', () => {
    const condemned = step(child(states.running), {
      type: 'condemned',
      incarnation: 3,
      verdict: verdict('fatal'),
    }).child;
    const { child: after } = step(condemned, {
      type: 'exited',
      incarnation: 3,
      verdict: verdict('fatal'),
      treeEmpty: true,
    });
    assert.equal(after.state.name, 'failed');
  });

  test('a tree that survives SIGKILL is killed again and again, one alert, and never a second copy', () => {
    let now = child(states.stopping);
    const alerts: string[] = [];
    let ms = nowMs;
    for (let round = 0; round < 12; round++) {
      const due = timerOf(now, policy);
      assert.ok(due);
      ms = due.atMs;
      const killed = step(now, { type: 'timer', timer: 'kill' }, at(ms));
      alerts.push(...words(killed.effects).filter((word) => word === 'record alert.fired'));
      assert.ok(!words(killed.effects).includes('spawn'));
      now = killed.child;
    }
    assert.equal(alerts.length, 1);
    assert.equal(now.state.name, 'stopping');
    assert.equal(timerOf(now, policy)?.atMs, ms + 5_000);
  });

  test('a start while stopping is kept and carried out when the tree is empty', () => {
    const stopping = step(child(states.running), { type: 'stop' }).child;
    const wanted = step(stopping, { type: 'start', by: 'person' }).child;
    const { child: after } = step(wanted, { type: 'exited', incarnation: 3, verdict: crash, treeEmpty: true });
    assert.deepEqual([after.state.name, after.incarnation], ['starting', 4]);
  });

  test('a restart by a person while the policy ends the bot is theirs: no attempt is counted', () => {
    const condemned = step(child(states.running, { attempts: [nowMs], streak: 1 }), {
      type: 'condemned',
      incarnation: 3,
      verdict: verdict('hung'),
    }).child;
    const asked = step(condemned, { type: 'restart' }).child;
    const { child: after } = step(asked, { type: 'exited', incarnation: 3, verdict: verdict('hung'), treeEmpty: true });
    assert.deepEqual([after.state.name, after.attempts], ['starting', []]);
  });

  test('a spawn that fails after a stop was asked settles as stopped', () => {
    const stopping = step(child(states.starting), { type: 'stop' }).child;
    const { child: after } = step(stopping, { type: 'spawn-failed', incarnation: 3, verdict: verdict('fatal') });
    assert.equal(after.state.name, 'stopped');
  });

  test('a spawn that fails for a policy end counts as its failure', () => {
    const condemned = step(child(states.starting), {
      type: 'condemned',
      incarnation: 3,
      verdict: verdict('hung'),
    }).child;
    const { child: after } = step(condemned, { type: 'spawn-failed', incarnation: 3, verdict: verdict('crash') });
    assert.equal(after.state.name, 'backoff');
  });

  test('a drain stops without changing the wish, and nothing starts afterwards', () => {
    const draining = step(child(states.running), { type: 'drain' }).child;
    const { child: after } = step(draining, { type: 'exited', incarnation: 3, verdict: crash, treeEmpty: true });
    assert.deepEqual([after.state.name, after.desired], ['stopped', 'running']);
    for (const state of [states.backoff, states.suspended]) {
      assert.equal(timerOf(step(child(state), { type: 'drain' }).child, policy), null);
    }
  });

  test('while it drains, nothing starts it', () => {
    for (const state of [states.stopped, states.backoff, states.suspended, states.failed, states.stopping]) {
      const draining = child(state, { draining: true });
      for (const body of [
        { type: 'start', by: 'person' },
        { type: 'start', by: 'boot' },
        { type: 'restart' },
        { type: 'reset' },
      ] as const) {
        assert.equal(step(draining, body).child, draining);
      }
    }
  });

  test('a delete ends with the bot forgotten', () => {
    const deleting = step(child(states.running), { type: 'delete' }).child;
    const { effects } = step(deleting, { type: 'tree-empty', incarnation: 3 });
    assert.deepEqual(words(effects), ['release', 'record bot.deleted', 'forget']);
  });
});

describe('a machine that cannot start anything', () => {
  test("is nobody's crash: not counted, asked ever more rarely, and the bot says why", () => {
    let now = child(states.starting);
    const waits: number[] = [];
    for (let round = 0; round < 4; round++) {
      now = step(now, { type: 'spawn-failed', incarnation: now.incarnation, verdict: verdict('environment') }).child;
      assert.ok(now.state.name === 'backoff');
      assert.equal(now.state.reason, 'state-directory');
      waits.push(now.state.untilMs - nowMs);
      now = step(now, { type: 'timer', timer: 'backoff' }, at(now.state.untilMs)).child;
      now = { ...now, state: { ...states.starting, incarnation: now.incarnation } };
    }
    assert.deepEqual(waits, [1_000, 2_000, 4_000, 8_000]);
    assert.deepEqual([now.attempts, now.restarts], [[], 0]);
  });

  for (const [what, before, body, automatic] of [
    ["a person's start", child(states.stopped), { type: 'start', by: 'person' }, false],
    ['a trial', child(states.suspended), { type: 'timer', timer: 'trial' }, true],
    ['an attempt', child(states.backoff), { type: 'timer', timer: 'backoff' }, true],
  ] as const) {
    test(`${what} that cannot be made durable is postponed as what it was, and takes every other wish meanwhile`, () => {
      const moment = at(nowMs + 300_000);
      const decided = step(before, body, moment);
      const [after, effects] = postponed(before, [decided.child, decided.effects], moment);
      assert.ok(!words(effects).includes('spawn') && !words(effects).includes('record bot.starting'));
      assert.equal(after.incarnation, before.incarnation);
      assert.ok(after.state.name === 'backoff');
      assert.deepEqual([after.state.reason, after.state.automatic], ['state-directory', automatic]);
      assert.equal(after.state.trial, before.state.name === 'suspended' ? 1 : 0);
      assert.equal(step(after, { type: 'stop' }).child.state.name, 'stopped');
    });
  }

  test('a step without a spawn is left as it is', () => {
    const decided = step(child(states.running), { type: 'stop' });
    assert.deepEqual(postponed(child(states.running), [decided.child, decided.effects], at()), [
      decided.child,
      decided.effects,
    ]);
  });
});

describe('what a person forgives', () => {
  const history = { attempts: [nowMs - 3, nowMs - 2], streak: 2 };

  for (const state of ['stopped', 'backoff', 'suspended', 'failed'] as const) {
    test(`start in ${state} forgets the window and the exponent`, () => {
      const { child: after } = step(child(states[state], history), { type: 'start', by: 'person' });
      assert.deepEqual([after.state.name, after.attempts, after.streak], ['starting', [], 0]);
    });

    test(`the start at boot in ${state} forgets nothing`, () => {
      const { child: after } = step(child(states[state], history), { type: 'start', by: 'boot' });
      assert.deepEqual([after.attempts, after.streak, after.desired], [history.attempts, 2, 'running']);
      assert.equal(after.state.name, state === 'stopped' ? 'starting' : state);
    });
  }

  for (const state of ['starting', 'running', 'stopping'] as const) {
    test(`reset of a trial that is ${state} closes the circuit`, () => {
      const { child: after, effects } = step(child({ ...states[state], trial: 2 }, history), { type: 'reset' });
      assert.deepEqual(words(effects), ['record circuit.closed']);
      assert.deepEqual([after.attempts, 'trial' in after.state && after.state.trial], [[], 0]);
    });
  }

  test('a restart of a running trial closes the circuit and asks it to stop', () => {
    const { child: after, effects } = step(child({ ...states.running, trial: 2 }, history), { type: 'restart' });
    assert.deepEqual(words(effects), ['record circuit.closed', 'record bot.stopping', 'ask-stop']);
    assert.equal(after.state.name === 'stopping' && after.state.trial, 0);
  });

  test('starts at boot and restarts by policy are automatic, those of a person are not', () => {
    const spawned = (body: Parameters<typeof step>[1], from: Child, ms = nowMs) =>
      step(from, body, at(ms)).effects.find((effect) => effect.type === 'spawn')?.automatic;
    assert.equal(spawned({ type: 'start', by: 'person' }, child(states.stopped)), false);
    assert.equal(spawned({ type: 'start', by: 'boot' }, child(states.stopped)), true);
    assert.equal(spawned({ type: 'timer', timer: 'backoff' }, child(states.backoff), nowMs + 1_000), true);
    assert.equal(spawned({ type: 'timer', timer: 'trial' }, child(states.suspended), nowMs + 300_000), true);
    assert.equal(
      spawned({ type: 'timer', timer: 'backoff' }, child({ ...states.backoff, automatic: false }), nowMs + 1_000),
      false,
    );
  });
});
