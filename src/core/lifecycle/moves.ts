import type { RestartPolicy } from '../restart/policy.ts';
import type { Verdict } from '../restart/verdict.ts';
import { afterEnd } from './after-end.ts';
import { circuitClosed, forgiven, record, type Step, stay } from './begin.ts';
import type { Effect } from './effect.ts';
import type { Moment } from './event.ts';
import type { Child, Live, Milliseconds, Running, Starting, Stopping } from './state.ts';

/** A tree that survived SIGKILL is killed again after this; after `unkillableAfter` kills a person hears of it. */
const killAgainMs = 1_000;
const unkillableAfter = 5;

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
