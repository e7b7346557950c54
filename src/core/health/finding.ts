import type { Milliseconds } from '../lifecycle/state.ts';
import type { Cause, Verdict } from '../restart/verdict.ts';
import type { Health } from './assessment.ts';

/** What one piece of evidence says. */
export type Finding = {
  /** `note`: worth telling, but it neither proves nor harms health. */
  readonly says: Health | 'note';
  readonly reason: string;
  /** When this finding changes by silence alone, or null. */
  readonly nextMs: Milliseconds | null;
  /** Set exactly when it says `unhealthy`. */
  readonly condemn: Verdict | null;
};

const finding =
  (says: Exclude<Finding['says'], 'unhealthy'>) =>
  (reason: string, nextMs: Milliseconds | null = null): Finding => ({ says, reason, nextMs, condemn: null });

export const healthy = finding('healthy');
export const degraded = finding('degraded');
export const unknown = finding('unknown');
export const note = finding('note');

export const unhealthy = (cause: Cause, reason: string, more: Partial<Verdict> = {}): Finding => ({
  says: 'unhealthy',
  reason,
  nextMs: null,
  condemn: { cause, sentence: reason, remedy: null, exit: null, closeCode: null, ...more },
});

/**
 * While Discord is out of reach for the fleet, and for as long again as the evidence may normally take, a fault that may
 * come from there is no reason to end a bot.
 */
export function excused(
  found: Finding,
  outage: OutageSpan | null,
  nowMs: Milliseconds,
  allowanceMs: Milliseconds,
): Finding {
  if (found.says !== 'unhealthy' || outage === null) return found;
  const untilMs = outage.endedMs === null ? null : outage.endedMs + allowanceMs;
  return untilMs !== null && nowMs >= untilMs ? found : degraded(`${found.reason}; excused by the outage`, untilMs);
}

/** The latest outage; `endedMs` is null while it is under way. */
export type OutageSpan = { readonly endedMs: Milliseconds | null };

/** `15.0 s` */
export const seconds = (ms: Milliseconds): string => `${(ms / 1000).toFixed(1)} s`;
export const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`;
