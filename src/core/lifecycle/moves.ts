import { attemptDelayMs } from '../restart/backoff.ts';
import { attemptsInWindow, mustOpen, trialDelayMs } from '../restart/circuit.ts';
import type { RestartPolicy } from '../restart/policy.ts';
import type { Verdict } from '../restart/verdict.ts';
import type { Effect, Fact } from './effect.ts';
import type { Moment } from './event.ts';
import type { Child, Live, Milliseconds, Running, Starting, Stopping, WaitReason } from './state.ts';

export type Step = readonly [Child, readonly Effect[]];

const hourMs = 3_600_000;
/** A tree that survived SIGKILL is killed again after this; after `unkillableAfter` kills a person hears of it. */
const killAgainMs = 1_000;
const unkillableAfter = 5;

export const record = (fact: Fact): Effect => ({ type: 'record', fact });
export const stay = (child: Child): Step => [child, []];

/** A person intervened: the circuit closes, the window and the exponent are forgotten. */
export const forgiven = (child: Child): Child => ({ ...child, attempts: [], streak: 0 });

const circuitClosed = (trial: number, by: 'person' | 'health'): readonly Effect[] =>
  trial > 0 ? [record({ type: 'circuit.closed', by })] : [];

/** Spawns the next incarnation. */
export function begin(
  child: Child,
  at: Moment,
  policy: RestartPolicy,
  how: { trial: number; attempt: number; automatic: boolean },
): Step {
  const incarnation = child.incarnation + 1;
  return [
    {
      ...child,
      incarnation,
      state: {
        name: 'starting',
        incarnation,
        trial: how.trial,
        sinceMs: at.ms,
        deadlineMs: at.ms + policy.startDeadlineMs,
      },
    },
    [
      record({ type: 'bot.starting', incarnation, trial: how.trial, attempt: how.attempt }),
      { type: 'spawn', incarnation, automatic: how.automatic },
    ],
  ];
}

/** Spawns now, or waits for the gate. */
export function beginWhenAllowed(
  child: Child,
  at: Moment,
  policy: RestartPolicy,
  how: { trial: number; attempt: number; automatic: boolean },
): Step {
  const gate = how.automatic ? at.gates.automatic : at.gates.person;
  if (gate === null || gate.notBeforeMs <= at.ms) return begin(child, at, policy, how);
  const { reason, notBeforeMs: untilMs } = gate;
  return [
    { ...child, state: { name: 'backoff', reason, ...how, sinceMs: at.ms, untilMs } },
    [record({ type: 'bot.waiting', delayMs: untilMs - at.ms, reason })],
  ];
}

/** A person asks for a start from a state without processes. */
export function startByPerson(child: Child, at: Moment, policy: RestartPolicy, trial: number): Step {
  const wanted = forgiven({ ...child, desired: 'running' });
  const [next, effects] = beginWhenAllowed(wanted, at, policy, { trial: 0, attempt: 0, automatic: false });
  return [next, [...circuitClosed(trial, 'person'), ...effects]];
}

/** No process exists and none is wanted. */
export function settleStopped(child: Child, incarnation: number): Step {
  if (child.desired === 'absent') {
    return [{ ...child, state: { name: 'stopped' } }, [record({ type: 'bot.deleted' }), { type: 'forget' }]];
  }
  return [{ ...child, state: { name: 'stopped' } }, [record({ type: 'bot.stopped', incarnation })]];
}

/** Asks a live incarnation to stop; the tree is killed when the grace period ends. */
export function stop(
  child: Child,
  state: Starting | Running,
  at: Moment,
  graceMs: Milliseconds,
  verdict: Verdict | null,
  why: string,
): Step {
  const { incarnation, trial } = state;
  const stopping: Stopping = {
    name: 'stopping',
    incarnation,
    trial,
    sinceMs: at.ms,
    verdict,
    killAtMs: at.ms + graceMs,
    kills: 0,
  };
  return [
    { ...child, state: stopping },
    [record({ type: 'bot.stopping', incarnation, why }), { type: 'ask-stop', incarnation }],
  ];
}

/** Ends an incarnation by policy. Only a memory restart deserves the full grace: the others serve nobody any more. */
export function condemn(
  child: Child,
  state: Starting | Running,
  at: Moment,
  policy: RestartPolicy,
  verdict: Verdict,
): Step {
  const graceMs = verdict.cause === 'memory' ? policy.graceMs : policy.hungGraceMs;
  return stop({ ...child, lastVerdict: verdict }, state, at, graceMs, verdict, verdict.sentence);
}

/** The main process ended by itself. */
export function exited(
  child: Child,
  state: Starting | Running,
  at: Moment,
  policy: RestartPolicy,
  verdict: Verdict,
  treeEmpty: boolean,
): Step {
  const known: Child = { ...child, lastVerdict: verdict };
  const fact = record({ type: 'bot.exited', incarnation: state.incarnation, verdict });
  if (treeEmpty) {
    const [next, effects] = over(known, state, at, policy, verdict);
    return [next, [fact, ...effects]];
  }
  const why = 'the main process ended, its descendants did not';
  const [next, effects] = stop(known, state, at, policy.hungGraceMs, verdict, why);
  return [next, [fact, ...effects]];
}

/** The tree of the present incarnation is empty: what comes next follows from desired and verdict alone. */
export function over(child: Child, state: Live, at: Moment, policy: RestartPolicy, verdict: Verdict | null): Step {
  const { incarnation, trial } = state;
  const [next, effects] = afterEnd(child, incarnation, trial, at, policy, verdict);
  return [next, [{ type: 'release', incarnation }, ...effects]];
}

export function afterEnd(
  child: Child,
  incarnation: number,
  trial: number,
  at: Moment,
  policy: RestartPolicy,
  verdict: Verdict | null,
): Step {
  if (child.desired !== 'running' || child.draining) return settleStopped(child, incarnation);
  if (verdict === null) return beginWhenAllowed(child, at, policy, { trial: 0, attempt: 0, automatic: false });
  switch (verdict.cause) {
    case 'fatal':
      return [{ ...child, state: { name: 'failed', sinceMs: at.ms } }, [record({ type: 'bot.failed', verdict })]];
    case 'clean':
      return settleStopped(child, incarnation);
    case 'outage':
      return waitForOutage(child, incarnation, trial, at, policy, verdict);
    case 'environment':
      return waitForMachine(child, incarnation, trial, at, policy, verdict);
    case 'crash':
    case 'hung':
    case 'memory':
      return policy.mode === 'never'
        ? settleStopped(child, incarnation)
        : countedRestart(child, incarnation, trial, at, policy, verdict);
    default:
      return verdict.cause satisfies never;
  }
}

/** An outage is nobody's fault: the restart is not counted, and comes when the outage is over or the longest delay has passed. */
function waitForOutage(
  child: Child,
  incarnation: number,
  trial: number,
  at: Moment,
  policy: RestartPolicy,
  verdict: Verdict,
): Step {
  const untilMs = Math.max(at.ms + policy.initialDelayMs, at.gates.automatic?.notBeforeMs ?? 0);
  return waitUncounted(
    { ...child, restarts: child.restarts + 1 },
    incarnation,
    trial,
    at,
    untilMs,
    'outage',
    policy,
    verdict,
  );
}

/** The machine could not start it: not counted either, but asked ever more rarely. */
function waitForMachine(
  child: Child,
  incarnation: number,
  trial: number,
  at: Moment,
  policy: RestartPolicy,
  verdict: Verdict,
): Step {
  const streak = child.streak + 1;
  const untilMs = at.ms + attemptDelayMs(streak, policy, at.jitter);
  return waitUncounted({ ...child, streak }, incarnation, trial, at, untilMs, 'state-directory', policy, verdict);
}

function waitUncounted(
  child: Child,
  incarnation: number,
  trial: number,
  at: Moment,
  untilMs: Milliseconds,
  reason: 'outage' | 'state-directory',
  policy: RestartPolicy,
  verdict: Verdict,
): Step {
  const state = { name: 'backoff', reason, attempt: 0, trial, automatic: true, sinceMs: at.ms, untilMs } as const;
  return [{ ...child, state }, [scheduled(incarnation, 0, at, untilMs, reason, policy, verdict)]];
}

const postponedMs = 1_000;

/**
 * The step that was decided, without its spawn: what could not be made durable must not be started. Everything else of it
 * holds, and the start is asked for again in a second; until then the child takes every other wish.
 */
export function postponed(before: Child, [decided, effects]: Step, at: Moment): Step {
  const spawn = effects.find((effect) => effect.type === 'spawn');
  const starting = effects.find((effect) => effect.type === 'record' && effect.fact.type === 'bot.starting');
  if (spawn === undefined || starting?.type !== 'record' || starting.fact.type !== 'bot.starting')
    return [decided, effects];
  const { trial, attempt } = starting.fact;
  const { automatic } = spawn;
  const untilMs = at.ms + postponedMs;
  const state = {
    name: 'backoff',
    reason: 'state-directory',
    attempt,
    trial,
    automatic,
    sinceMs: at.ms,
    untilMs,
  } as const;
  return [
    { ...decided, incarnation: before.incarnation, state },
    effects.filter((effect) => effect !== spawn && effect !== starting),
  ];
}

function countedRestart(
  child: Child,
  incarnation: number,
  trial: number,
  at: Moment,
  policy: RestartPolicy,
  verdict: Verdict,
): Step {
  if (trial > 0) {
    const trialInMs = trialDelayMs(trial + 1, policy, at.jitter);
    return [
      { ...child, state: { name: 'suspended', trial: trial + 1, sinceMs: at.ms, trialAtMs: at.ms + trialInMs } },
      [record({ type: 'circuit.trial-failed', trial, trialInMs, verdict })],
    ];
  }
  const inWindow = attemptsInWindow(child.attempts, at.ms, policy.windowMs);
  if (mustOpen(inWindow, policy)) {
    const trialInMs = trialDelayMs(1, policy, at.jitter);
    return [
      { ...child, state: { name: 'suspended', trial: 1, sinceMs: at.ms, trialAtMs: at.ms + trialInMs } },
      [record({ type: 'circuit.opened', attempts: inWindow.length, trialInMs, verdict })],
    ];
  }
  const backoffMs = attemptDelayMs(child.streak, policy, at.jitter);
  const { automatic: gate } = at.gates;
  const held = gate !== null && gate.notBeforeMs > at.ms + backoffMs;
  const untilMs = held ? gate.notBeforeMs : at.ms + backoffMs;
  const reason = held ? gate.reason : 'delay';
  const attempt = inWindow.length + 1;
  const counted = restarted({ ...child, streak: child.streak + 1 }, at, policy);
  return [
    { ...counted, state: { name: 'backoff', reason, attempt, trial: 0, automatic: true, sinceMs: at.ms, untilMs } },
    [scheduled(incarnation, attempt, at, untilMs, reason, policy, verdict), ...stormAlert(counted, at, policy)],
  ];
}

/** Adds an automatic restart to the history, which is kept for the window, and at least an hour for the storm alert. */
export function restarted(child: Child, at: Moment, policy: RestartPolicy): Child {
  const kept = attemptsInWindow(child.attempts, at.ms, Math.max(policy.windowMs, hourMs));
  return { ...child, attempts: [...kept, at.ms], restarts: child.restarts + 1 };
}

function scheduled(
  incarnation: number,
  attempt: number,
  at: Moment,
  untilMs: Milliseconds,
  reason: WaitReason,
  policy: RestartPolicy,
  verdict: Verdict,
): Effect {
  const { maxAttempts } = policy;
  return record({
    type: 'bot.restart-scheduled',
    incarnation,
    attempt,
    maxAttempts,
    delayMs: untilMs - at.ms,
    reason,
    verdict,
  });
}

function stormAlert(child: Child, at: Moment, policy: RestartPolicy): readonly Effect[] {
  const lastHour = attemptsInWindow(child.attempts, at.ms, hourMs).length;
  if (lastHour !== policy.alertAbove + 1) return [];
  const sentence = `${lastHour} automatic restarts within an hour (limit ${policy.alertAbove})`;
  return [record({ type: 'alert.fired', alert: 'restart-storm', sentence })];
}

/** The grace period, or the wait after a kill, is over and the tree still lives. */
export function kill(child: Child, state: Stopping, at: Moment): Step {
  const kills = state.kills + 1;
  const { incarnation } = state;
  const effects: Effect[] = [record({ type: 'bot.killed', incarnation, kills }), { type: 'kill-tree', incarnation }];
  if (kills === unkillableAfter) {
    const sentence = `processes survive SIGKILL (${kills} times): probably in uninterruptible sleep; the bot stays "stopping", a second copy is never started`;
    effects.push(record({ type: 'alert.fired', alert: 'unkillable', sentence }));
  }
  const pauseMs = kills < unkillableAfter ? killAgainMs : killAgainMs * unkillableAfter;
  return [{ ...child, state: { ...state, kills, killAtMs: at.ms + pauseMs } }, effects];
}

/** Health counted, paused or reset the way to stability. */
export function countHealth(child: Child, state: Running, at: Moment, stability: 'counts' | 'pauses' | 'resets'): Step {
  const { collectedMs, countingSinceMs, reached } = state.stability;
  if (reached) return stay(child);
  const collected = collectedMs + (countingSinceMs === null ? 0 : at.ms - countingSinceMs);
  const next = {
    counts: { collectedMs: countingSinceMs === null ? collectedMs : collected, countingSinceMs: at.ms, reached },
    pauses: { collectedMs: collected, countingSinceMs: null, reached },
    resets: { collectedMs: 0, countingSinceMs: null, reached },
  }[stability];
  return stay({ ...child, state: { ...state, stability: next } });
}

/** Enough healthy time: the exponent starts again, and an open circuit closes. */
export function becomeStable(child: Child, state: Running, at: Moment): Step {
  const { incarnation, trial } = state;
  const stability = { collectedMs: state.stability.collectedMs, countingSinceMs: at.ms, reached: true };
  const attempts = trial > 0 ? [] : child.attempts;
  return [
    { ...child, streak: 0, attempts, state: { ...state, trial: 0, stability } },
    [...circuitClosed(trial, 'health'), record({ type: 'bot.stable', incarnation })],
  ];
}

/** A person closes the circuit of a running trial. */
export function closeByPerson(child: Child, state: Starting | Running | Stopping): Step {
  return [forgiven({ ...child, state: { ...state, trial: 0 } }), circuitClosed(state.trial, 'person')];
}
