import type { Effect } from '../../../src/core/lifecycle/effect.ts';
import type { Gate, LifecycleEvent, Moment } from '../../../src/core/lifecycle/event.ts';
import { type Child, type LifecycleState, newChild, type StateName } from '../../../src/core/lifecycle/state.ts';
import { transition } from '../../../src/core/lifecycle/transition.ts';
import type { RestartPolicy } from '../../../src/core/restart/policy.ts';
import type { Cause, Verdict } from '../../../src/core/restart/verdict.ts';
import { restartPolicy } from '../policies.ts';

/** The documented defaults, without jitter so that delays are exact. */
export const policy: RestartPolicy = { ...restartPolicy, jitter: 0 };
export const nowMs = 10_000_000;
export const at = (ms: number = nowMs, gate: Gate | null = null): Moment => ({
  ms,
  jitter: 0.5,
  gates: { automatic: gate, person: gate },
  outage: false,
});

export const verdict = (cause: Cause, sentence = `it was ${cause}`): Verdict => ({
  cause,
  sentence,
  remedy: null,
  exit: null,
  closeCode: null,
});

const stability = { collectedMs: 0, countingSinceMs: nowMs, reached: false };
export const states = {
  stopped: { name: 'stopped' },
  starting: { name: 'starting', incarnation: 3, trial: 0, sinceMs: nowMs, deadlineMs: nowMs + 60_000 },
  running: { name: 'running', incarnation: 3, trial: 0, sinceMs: nowMs, stability },
  stopping: {
    name: 'stopping',
    incarnation: 3,
    trial: 0,
    sinceMs: nowMs,
    verdict: null,
    killAtMs: nowMs + 30_000,
    kills: 0,
  },
  backoff: {
    name: 'backoff',
    reason: 'delay',
    attempt: 2,
    trial: 0,
    automatic: true,
    sinceMs: nowMs,
    untilMs: nowMs + 1_000,
  },
  suspended: { name: 'suspended', trial: 1, sinceMs: nowMs, trialAtMs: nowMs + 300_000 },
  failed: { name: 'failed', sinceMs: nowMs },
} as const satisfies { readonly [S in StateName]: Extract<LifecycleState, { name: S }> };

export const child = (state: LifecycleState, more: Partial<Child> = {}): Child => ({
  ...newChild('running'),
  incarnation: 3,
  state,
  ...more,
});

/** `spawn`, `ask-stop`, `record bot.ready`: effects as words. */
export const words = (effects: readonly Effect[]): readonly string[] =>
  effects.map((effect) => (effect.type === 'record' ? `record ${effect.fact.type}` : effect.type));

type WithoutMoment<E> = E extends unknown ? Omit<E, 'at'> : never;
export type Body = WithoutMoment<LifecycleEvent>;

export function step(
  before: Child,
  body: Body,
  moment: Moment = at(),
  by: RestartPolicy = policy,
): { child: Child; effects: readonly Effect[] } {
  const [after, effects] = transition(before, { ...body, at: moment } as LifecycleEvent, by);
  return { child: after, effects };
}
