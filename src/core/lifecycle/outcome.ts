import type { Child } from './state.ts';

export type Wish = {
  readonly kind: 'start' | 'stop' | 'restart' | 'delete' | 'reset';
  /** `Child.incarnation` when the wish was accepted. */
  readonly incarnationBefore: number;
};
export type Outcome = { readonly outcome: 'done' | 'failed' | 'superseded'; readonly sentence: string };

/**
 * Whether an operation has come to its end, seen from the child alone; null while it is under way. `child` null: forgotten.
 * A start that crashed is `failed`, although the policy goes on trying: the caller learns it at the first failure.
 */
export function outcomeOf(wish: Wish, child: Child | null): Outcome | null {
  if (child === null) return wish.kind === 'delete' ? done('deleted') : superseded('deleted');
  switch (wish.kind) {
    case 'start':
      return startOutcome(child, wish.incarnationBefore);
    case 'restart':
      return startOutcome(child, wish.incarnationBefore + 1);
    case 'stop':
      if (child.desired !== 'stopped') return superseded(child.desired === 'absent' ? 'a delete' : 'a start');
      return child.state.name === 'stopped' ? done('stopped') : null;
    case 'delete':
      return null;
    case 'reset':
      return done('circuit closed, restart history forgotten');
    default:
      return wish.kind satisfies never;
  }
}

function startOutcome(child: Child, fromIncarnation: number): Outcome | null {
  if (child.desired !== 'running') return superseded(child.desired === 'absent' ? 'a delete' : 'a stop');
  const { state } = child;
  const why = child.lastVerdict?.sentence ?? 'unknown cause';
  switch (state.name) {
    case 'running':
      return state.incarnation >= fromIncarnation ? done('running') : null;
    case 'failed':
      return { outcome: 'failed', sentence: why };
    case 'suspended':
      return { outcome: 'failed', sentence: `${why}; circuit open` };
    case 'backoff':
      if (state.reason === 'state-directory')
        return { outcome: 'failed', sentence: 'the state directory cannot be written; tried again until it can' };
      return state.attempt === 0 && state.trial === 0 ? null : { outcome: 'failed', sentence: why };
    case 'stopped':
      return child.draining ? superseded('the shutdown of the supervisor') : { outcome: 'failed', sentence: why };
    case 'starting':
    case 'stopping':
      return null;
    default:
      return state satisfies never;
  }
}

const done = (sentence: string): Outcome => ({ outcome: 'done', sentence });
const superseded = (by: string): Outcome => ({ outcome: 'superseded', sentence: `superseded by ${by}` });
