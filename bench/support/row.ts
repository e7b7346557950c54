import { type Statistic, type Summary, summarize } from './statistics.ts';

/** `%`: of one core. `MB`: 10⁶ bytes. */
export type Unit = 'ms' | 'MB' | '%';
export type Target = { readonly statistic: Statistic; readonly relation: '<' | '≤'; readonly limit: number };

/** One thing that was measured. */
export type Row = {
  readonly what: string;
  readonly unit: Unit;
  readonly samples: readonly number[];
  readonly target?: Target;
};

/** `missed`: a time beyond its target in a short run, whose machine may be a busy one; only a full run fails for it. */
export type Verdict = 'ok' | 'missed' | 'failed' | 'no target';
export type JudgedRow = {
  readonly what: string;
  readonly unit: Unit;
  readonly summary: Summary;
  readonly target: Target | null;
  readonly verdict: Verdict;
};

export function judge({ what, unit, samples, target }: Row, isShort: boolean): JudgedRow {
  const summary = summarize(samples);
  return { what, unit, summary, target: target ?? null, verdict: verdictOn(summary, target, isShort && unit === 'ms') };
}

function verdictOn(summary: Summary, target: Target | undefined, isLenient: boolean): Verdict {
  if (target === undefined) return 'no target';
  const value = summary[target.statistic];
  const isMet = target.relation === '<' ? value < target.limit : value <= target.limit;
  if (isMet) return 'ok';
  return isLenient ? 'missed' : 'failed';
}
