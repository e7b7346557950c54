import type { RestartPolicy } from '../restart/policy.ts';
import type { Effect, Fact } from './effect.ts';
import type { Moment } from './event.ts';
import type { Child } from './state.ts';

export type Step = readonly [Child, readonly Effect[]];

export const record = (fact: Fact): Effect => ({ type: 'record', fact });
export const stay = (child: Child): Step => [child, []];

/** A person intervened: the circuit closes, the window and the exponent are forgotten. */
export const forgiven = (child: Child): Child => ({ ...child, attempts: [], streak: 0 });

export const circuitClosed = (trial: number, by: 'person' | 'health'): readonly Effect[] =>
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
