/**
 * What a start costs on Discord. A token has about 1000 IDENTIFYs in 24 hours; whoever spends them all loses every
 * session and the token. Automatic restarts may therefore spend 200 in any 24 hours, and stop at a reserve that is kept
 * for people. People may spend down to the last one, never beyond.
 */
import type { Gate } from '../lifecycle/event.ts';
import type { Milliseconds } from '../lifecycle/state.ts';
import { type Ledger, lastDay, leavesAtMs, windowGate } from './throttle.ts';

export type { Spent } from './throttle.ts';

export const identifyReserve = 50;
export const identifyWarning = 200;
export const automaticLimit = 200;

/** Discord's session_start_limit, as some incarnation last saw it. Worth nothing after its reset. */
export type SessionLimit = {
  readonly remaining: number;
  readonly resetAtMs: Milliseconds;
  /** When Discord said so: what was spent since is subtracted. Without it the count is taken as it is. */
  readonly seenAtMs?: Milliseconds;
};

export type IdentifyingStart = {
  readonly automatic: boolean;
  readonly shard: number;
  /** session_start_limit.max_concurrency; 1 when unknown. */
  readonly maxConcurrency: number;
};

export const automaticStart: IdentifyingStart = { automatic: true, shard: 0, maxConcurrency: 1 };

/** The floor under a start that needs an IDENTIFY, or null when it may happen now. */
export const identifyGate = (
  ledger: Ledger,
  nowMs: Milliseconds,
  session: SessionLimit | null = null,
  start: IdentifyingStart = automaticStart,
): Gate | null =>
  latestGate(
    windowGate(ledger, nowMs, start),
    start.automatic ? automaticGate(ledger, nowMs) : null,
    sessionGate(ledger, nowMs, start, session),
  );

/** Several floors hold until the last one does. */
export const latestGate = (...gates: readonly (Gate | null)[]): Gate | null =>
  gates.reduce(
    (latest, gate) => (gate !== null && gate.notBeforeMs > (latest?.notBeforeMs ?? -1) ? gate : latest),
    null,
  );

/** Sliding: a slot is free again when the oldest entry that must go has left. */
function automaticGate(ledger: Ledger, nowMs: Milliseconds): Gate | null {
  const leaving = lastDay(ledger, nowMs)
    .filter((entry) => entry.automatic)
    .map(leavesAtMs)
    .toSorted((a, b) => b - a);
  const notBeforeMs = leaving[automaticLimit - 1];
  return notBeforeMs === undefined ? null : { notBeforeMs, reason: 'identify-budget' };
}

function sessionGate(
  ledger: Ledger,
  nowMs: Milliseconds,
  { automatic }: IdentifyingStart,
  session: SessionLimit | null,
): Gate | null {
  const left = identifiesLeft(ledger, nowMs, session);
  if (session === null || left === null || left >= (automatic ? identifyReserve : 1)) return null;
  return { notBeforeMs: session.resetAtMs, reason: 'identify-budget' };
}

/** What Discord's own count leaves; null when nobody knows. Never negative. */
function identifiesLeft(ledger: Ledger, nowMs: Milliseconds, session: SessionLimit | null): number | null {
  if (session === null || nowMs >= session.resetAtMs) return null;
  const { remaining, seenAtMs = nowMs } = session;
  const since = lastDay(ledger, nowMs).filter(({ atMs }) => atMs > seenAtMs).length;
  return Math.max(0, remaining - since);
}

export type IdentifySummary = {
  readonly last24h: number;
  readonly automatic: number;
  readonly automaticLimit: number;
  /** What Discord's own count leaves; null when nobody knows. */
  readonly left: number | null;
};

export function identifySummary(
  ledger: Ledger,
  nowMs: Milliseconds,
  session: SessionLimit | null = null,
): IdentifySummary {
  const day = lastDay(ledger, nowMs);
  const automatic = day.filter((entry) => entry.automatic).length;
  return { last24h: day.length, automatic, automaticLimit, left: identifiesLeft(ledger, nowMs, session) };
}
