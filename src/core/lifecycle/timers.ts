import type { RestartPolicy } from '../restart/policy.ts';
import type { TimerName } from './event.ts';
import type { Child, Milliseconds } from './state.ts';

export type DueTimer = { readonly name: TimerName; readonly atMs: Milliseconds };

/**
 * The one timer that the present state waits for, or null. Timers are derived, never stored or cancelled by hand: the
 * executor sets what this says after each step, so that leaving a state cancels its timer and an adopted child waits for
 * the moment that its predecessor chose.
 */
export function timerOf(child: Child, policy: RestartPolicy): DueTimer | null {
  const { state } = child;
  switch (state.name) {
    case 'starting':
      return { name: 'start-deadline', atMs: state.deadlineMs };
    case 'running': {
      const { reached, countingSinceMs, collectedMs } = state.stability;
      if (reached || countingSinceMs === null) return null;
      return { name: 'stable', atMs: countingSinceMs + policy.stableAfterMs - collectedMs };
    }
    case 'stopping':
      return { name: 'kill', atMs: state.killAtMs };
    case 'backoff':
      return child.draining ? null : { name: 'backoff', atMs: state.untilMs };
    case 'suspended':
      return child.draining ? null : { name: 'trial', atMs: state.trialAtMs };
    case 'stopped':
    case 'failed':
      return null;
    default:
      return state satisfies never;
  }
}
