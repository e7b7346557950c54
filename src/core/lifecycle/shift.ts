import type { Child, LifecycleState, Milliseconds } from './state.ts';

/**
 * Moves stored times to another boot's monotonic clock. Times that would lie in the future although they are past facts
 * become `nowMs`, and a wait never becomes longer than it was: a wall clock that jumped between two boots can shorten a
 * wait, not extend it.
 */
export function shiftChild(child: Child, deltaMs: Milliseconds, nowMs: Milliseconds): Child {
  const past = (ms: Milliseconds): Milliseconds => Math.min(ms + deltaMs, nowMs);
  const due = (sinceMs: Milliseconds, dueMs: Milliseconds): Milliseconds => past(sinceMs) + (dueMs - sinceMs);
  return { ...child, attempts: child.attempts.map(past), state: shiftState(child.state, past, due) };
}

function shiftState(
  state: LifecycleState,
  past: (ms: Milliseconds) => Milliseconds,
  due: (sinceMs: Milliseconds, dueMs: Milliseconds) => Milliseconds,
): LifecycleState {
  switch (state.name) {
    case 'stopped':
      return state;
    case 'failed':
      return { ...state, sinceMs: past(state.sinceMs) };
    case 'starting':
      return { ...state, sinceMs: past(state.sinceMs), deadlineMs: due(state.sinceMs, state.deadlineMs) };
    case 'running': {
      const { countingSinceMs } = state.stability;
      const stability = {
        ...state.stability,
        countingSinceMs: countingSinceMs === null ? null : past(countingSinceMs),
      };
      return { ...state, sinceMs: past(state.sinceMs), stability };
    }
    case 'stopping':
      return { ...state, sinceMs: past(state.sinceMs), killAtMs: due(state.sinceMs, state.killAtMs) };
    case 'backoff':
      return { ...state, sinceMs: past(state.sinceMs), untilMs: due(state.sinceMs, state.untilMs) };
    case 'suspended':
      return { ...state, sinceMs: past(state.sinceMs), trialAtMs: due(state.sinceMs, state.trialAtMs) };
    default:
      return state satisfies never;
  }
}
