/**
 * Health is a judgement about evidence. Every piece of evidence is looked at by itself, against its own deadline, and
 * says what it can; the worst finding decides. An incarnation is Healthy when something speaks for it and nothing
 * against it; without any evidence it is Unknown, and so it is when our own probe is the broken part. Unknown never ends
 * a bot: only an Unhealthy finding carries a verdict.
 *
 * Supervisor time that passes while the supervisor itself is stopped looks like silence of every child. After a pause of
 * its own the runtime therefore sets `Evidence.sinceMs` anew: nothing is overdue before its deadline from there.
 */
import { identifyWarning } from '../identify/budget.ts';
import type { Milliseconds } from '../lifecycle/state.ts';
import type { Assessment, Health } from './assessment.ts';
import type { Evidence } from './evidence.ts';
import {
  degraded,
  excused,
  type Finding,
  healthy,
  megabytes,
  note,
  type OutageSpan,
  seconds,
  unhealthy,
  unknown,
} from './finding.ts';
import { gatewayFindings } from './gateway.ts';
import type { HealthPolicy } from './policy.ts';
import { workFindings } from './work.ts';

/** What the judgement depends on besides the evidence. */
export type Circumstances = {
  /** When the incarnation must be ready; null when somebody else watches that. */
  readonly startDeadlineMs: Milliseconds | null;
  /** A Discord bot: a heartbeat alone does not make it Healthy, since it may be alive and not connected. */
  readonly discord: boolean;
  /** What Discord's session_start_limit leaves today, if anybody told. */
  readonly identifiesLeft: number | null;
  /** Discord's; always null for a service. */
  readonly outage: OutageSpan | null;
};

export const unremarkable: Circumstances = { startDeadlineMs: null, discord: true, identifiesLeft: null, outage: null };

const overLimitMs = 60_000;
const memoryWarnRatio = 0.8;
/** A program without a limit of its own is worth a word beyond this. */
const memoryNoteBytes = 256e6;

const severity = { unhealthy: 0, degraded: 1, unknown: 2, healthy: 3, note: 4 } as const satisfies Record<
  Finding['says'],
  number
>;
const stability = { healthy: 'counts', degraded: 'pauses', unhealthy: 'resets' } as const;

export function assess(
  evidence: Evidence,
  policy: HealthPolicy,
  nowMs: Milliseconds,
  circumstances: Circumstances = unremarkable,
): Assessment {
  const findings = [
    ...gatewayOf(evidence, policy, nowMs, circumstances),
    ...heartbeat(evidence, policy, nowMs),
    ...probe(evidence, policy, nowMs, circumstances),
    ...memory(evidence, nowMs),
    ...start(evidence, nowMs, circumstances),
    ...workFindings(evidence),
    ...budget(circumstances),
  ].toSorted((a, b) => severity[a.says] - severity[b.says]);
  const worst = findings[0]?.says ?? 'note';
  const nextMs = Math.min(...findings.map((found) => found.nextMs ?? Number.POSITIVE_INFINITY));
  const health: Health = worst === 'note' ? 'unknown' : worst;
  const reasons = findings.map((found) => found.reason);
  return {
    health,
    reasons: worst === 'note' ? ['no evidence: neither SDK nor probe; stable by uptime only', ...reasons] : reasons,
    nextMs: Number.isFinite(nextMs) ? nextMs : null,
    condemn: findings[0]?.condemn ?? null,
    stability: health !== 'unknown' ? stability[health] : countsUptime(evidence, policy) ? 'counts' : 'pauses',
  };
}

/** A bot that can only be Unknown becomes stable by uptime; one that is so for a moment waits for its evidence. */
const countsUptime = ({ ready, gateway }: Evidence, policy: HealthPolicy): boolean =>
  ready && gateway === null && policy.probe === null;

function gatewayOf(
  evidence: Evidence,
  policy: HealthPolicy,
  nowMs: Milliseconds,
  { discord, outage }: Circumstances,
): readonly Finding[] {
  const { gateway } = evidence;
  if (gateway !== null) return gatewayFindings({ evidence, gateway, policy, outage, nowMs });
  const onlyAlive = discord && policy.probe === null && (evidence.sdk || evidence.heartbeat !== null);
  return onlyAlive ? [unknown('no word of its gateway connection; stable by uptime only')] : [];
}

function heartbeat(
  { sdk, sinceMs, heartbeat }: Evidence,
  policy: HealthPolicy,
  nowMs: Milliseconds,
): readonly Finding[] {
  if (!sdk && heartbeat === null) return [];
  const heardMs = Math.max(heartbeat?.lastMs ?? 0, sinceMs);
  const deadlineMs = heardMs + policy.misses * policy.heartbeatMs;
  if (nowMs >= deadlineMs) {
    const limit = `limit ${policy.misses} × ${policy.heartbeatMs / 1000} s`;
    return [unhealthy('hung', `no heartbeat for ${seconds(nowMs - heardMs)} (${limit})`)];
  }
  const lagMs = heartbeat?.loopLagMs ?? 0;
  if (lagMs <= policy.loopLagWarnMs) return [healthy('heartbeat fresh', deadlineMs)];
  const limit = `warning from ${Math.round(policy.loopLagWarnMs)} ms`;
  return [degraded(`its event loop lags ${Math.round(lagMs)} ms (${limit})`, deadlineMs)];
}

/** Before readiness a probe says nothing; after it, one failure changes nothing. */
function probe(
  { ready, sinceMs, probe }: Evidence,
  policy: HealthPolicy,
  nowMs: Milliseconds,
  { outage }: Circumstances,
): readonly Finding[] {
  if (policy.probe === null || !ready) return [];
  if (probe === null) return [unknown('the probe has not answered yet')];
  const patienceMs = policy.misses * (policy.probe.intervalMs + policy.probe.timeoutMs);
  const askedMs = Math.max(probe.lastMs, sinceMs);
  const staleMs = askedMs + patienceMs;
  const detail = probe.detail === null ? '' : `: ${probe.detail}`;
  if (nowMs >= staleMs) return [unknown(`the supervisor has not probed for ${seconds(nowMs - askedMs)}`)];
  if (probe.outcome === 'broken') return [unknown(`the probe itself could not run${detail}`, staleMs)];
  if (probe.outcome === 'passed') return [healthy('probe passed', staleMs)];
  const failures = probe.failuresInARow;
  const reason = `probe failed ${failures} × in a row (limit ${policy.misses})${detail}`;
  if (failures >= policy.misses) {
    const found = excused(unhealthy('hung', reason), outage, nowMs, patienceMs);
    return [{ ...found, nextMs: Math.min(found.nextMs ?? staleMs, staleMs) }];
  }
  return [failures > 1 ? degraded(reason, staleMs) : healthy(reason, staleMs)];
}

function memory({ memory }: Evidence, nowMs: Milliseconds): readonly Finding[] {
  if (memory === null) return [];
  const { bytes, limitBytes, overLimitSinceMs } = memory;
  if (limitBytes === null) {
    return bytes > memoryNoteBytes
      ? [note(`memory ${megabytes(bytes)} without a limit (noted from ${megabytes(memoryNoteBytes)})`)]
      : [];
  }
  const reason = `memory ${megabytes(bytes)} of ${megabytes(limitBytes)}`;
  if (overLimitSinceMs !== null) {
    const deadlineMs = overLimitSinceMs + overLimitMs;
    const over = `${reason}, over the limit for ${seconds(nowMs - overLimitSinceMs)}`;
    const remedy = "look for a leak, or raise `memoryLimit` in the bot's configuration";
    return [nowMs >= deadlineMs ? unhealthy('memory', over, { remedy }) : degraded(over, deadlineMs)];
  }
  return bytes > memoryWarnRatio * limitBytes ? [degraded(reason)] : [];
}

function start(
  { ready, sinceMs }: Evidence,
  nowMs: Milliseconds,
  { startDeadlineMs, outage }: Circumstances,
): readonly Finding[] {
  if (ready) return [];
  const waited = `not ready ${seconds(nowMs - sinceMs)} after its start`;
  if (startDeadlineMs === null) return [unknown(waited)];
  if (nowMs < startDeadlineMs) return [unknown(waited, startDeadlineMs)];
  const reason = `${waited} (limit ${seconds(startDeadlineMs - sinceMs)})`;
  return [excused(unhealthy('hung', reason), outage, nowMs, startDeadlineMs - sinceMs)];
}

function budget({ identifiesLeft }: Circumstances): readonly Finding[] {
  if (identifiesLeft === null || identifiesLeft >= identifyWarning) return [];
  return [degraded(`${identifiesLeft} IDENTIFYs left today (warning below ${identifyWarning})`)];
}
