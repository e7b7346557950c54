import { attemptDelayMs } from '../restart/backoff.ts';
import { attemptsInWindow, mustOpen, trialDelayMs } from '../restart/circuit.ts';
import type { RestartPolicy } from '../restart/policy.ts';
import type { Verdict } from '../restart/verdict.ts';
import { beginWhenAllowed, record, type Step, settleStopped } from './begin.ts';
import type { Effect } from './effect.ts';
import type { Moment } from './event.ts';
import type { Child, Milliseconds, WaitReason } from './state.ts';

const hourMs = 3_600_000;

/** An incarnation is over: what comes next follows from desired and verdict alone. */
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
