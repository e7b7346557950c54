import { type Child, type Desired, liveIncarnation, newChild } from './state.ts';

export type Adoption = {
  readonly child: Child;
  /** The surviving incarnation that is this child's present one. */
  readonly attach: number | null;
  /** Survivors of earlier incarnations: whatever still lives of them must go. */
  readonly discard: readonly number[];
  /** The present incarnation has ended and nobody knows how. */
  readonly lost: boolean;
};

/**
 * What a new supervisor makes of one bot: the stored child (null when the database was lost) against the incarnations
 * that run directories speak of. A run directory is the fact, the database the history: an incarnation newer than the
 * stored one is adopted as running, so that a lost or restored database never leads to a second copy.
 */
export function adoption(stored: Child | null, wish: Desired, survivors: readonly number[], nowMs: number): Adoption {
  const known = stored ?? newChild(wish);
  const present = liveIncarnation(known.state);
  const newest = survivors.length === 0 ? null : Math.max(...survivors);
  if (newest !== null && newest > known.incarnation) {
    const stability = { collectedMs: 0, countingSinceMs: null, reached: false };
    const state = { name: 'running', incarnation: newest, trial: 0, sinceMs: nowMs, stability } as const;
    return {
      child: { ...known, incarnation: newest, state },
      attach: newest,
      discard: others(survivors, newest),
      lost: false,
    };
  }
  if (present === null) return { child: known, attach: null, discard: survivors, lost: false };
  if (survivors.includes(present))
    return { child: known, attach: present, discard: others(survivors, present), lost: false };
  if (known.state.name === 'starting') {
    const { trial } = known.state;
    const waits = {
      name: 'backoff',
      reason: 'delay',
      attempt: 0,
      automatic: true,
      sinceMs: nowMs,
      untilMs: nowMs,
    } as const;
    return { child: { ...known, state: { ...waits, trial } }, attach: null, discard: survivors, lost: false };
  }
  return { child: known, attach: null, discard: survivors, lost: true };
}

const others = (survivors: readonly number[], kept: number): readonly number[] =>
  survivors.filter((number) => number !== kept);
