import type { Gate } from '../lifecycle/event.ts';
import type { Milliseconds } from '../lifecycle/state.ts';

/** One IDENTIFY that was spent, or that a start is presumed to spend; Discord counts refused ones too. */
export type Spent = {
  readonly atMs: Milliseconds;
  /** Caused by a restart policy, not by a person. */
  readonly automatic: boolean;
  /** 0 when not told. */
  readonly shard?: number;
};

/** The IDENTIFYs of one token, by whichever bot, incarnation or shard; in any order. */
export type Ledger = readonly Spent[];

const dayMs = 86_400_000;
const windowMs = 5_000;

/**
 * The entries of the last 24 hours; one exactly that old has left. An entry from the future was written under a clock
 * that has since been set back: it says nothing, and must not hold a bot for as long as the clock was wrong.
 */
export const lastDay = (ledger: Ledger, nowMs: Milliseconds): Ledger =>
  ledger.filter(({ atMs }) => atMs <= nowMs && nowMs - atMs < dayMs);

/** When an entry stops counting. */
export const leavesAtMs = (entry: Spent): Milliseconds => entry.atMs + dayMs;

/**
 * Discord takes one IDENTIFY per bucket in 5 s; a bucket is `shard % maxConcurrency`. An earlier one is answered with an
 * invalid session, and counts.
 * @see https://discord.com/developers/docs/events/gateway#rate-limiting
 */
export function windowGate(
  ledger: Ledger,
  nowMs: Milliseconds,
  { shard, maxConcurrency }: { readonly shard: number; readonly maxConcurrency: number },
): Gate | null {
  const bucket = shard % maxConcurrency;
  const sent = lastDay(ledger, nowMs).filter((entry) => (entry.shard ?? 0) % maxConcurrency === bucket);
  const notBeforeMs = Math.max(...sent.map(({ atMs }) => atMs)) + windowMs;
  return notBeforeMs > nowMs ? { notBeforeMs, reason: 'identify-window' } : null;
}
