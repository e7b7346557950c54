import type { Milliseconds } from '../lifecycle/state.ts';
import { gatewayRefusal } from '../restart/classify.ts';
import type { Evidence, GatewayEvidence } from './evidence.ts';
import { degraded, excused, type Finding, healthy, type OutageSpan, seconds, unhealthy, unknown } from './finding.ts';
import type { HealthPolicy } from './policy.ts';

/** Heartbeat intervals of Discord after which a missing acknowledgement is late, and after which the connection is dead. */
const lateIntervals = 1.5;
const deadIntervals = 2.2;
/** More connection attempts than this within a minute are a storm: a library that reconnects without backoff. */
const stormAttempts = 20;
const minuteMs = 60_000;

type Context = {
  readonly evidence: Evidence;
  readonly gateway: GatewayEvidence;
  readonly policy: HealthPolicy;
  readonly outage: OutageSpan | null;
  readonly nowMs: Milliseconds;
};

/** What the gateway connection says about a bot: one finding for each thing that can be wrong with it. */
export function gatewayFindings(context: Context): readonly Finding[] {
  const { evidence, gateway } = context;
  const refusal = gatewayRefusal(gateway);
  if (refusal !== null) {
    const { sentence, remedy } = refusal;
    return [unhealthy('fatal', sentence, { remedy, closeCode: gateway.closeCode })];
  }
  const storm = stormFinding(context);
  if (gateway.state === 'ready') return [...storm, acknowledgement(context), ...latency(context)];
  return [...storm, evidence.ready ? reconnecting(context) : unknown(`gateway connection: ${gateway.state}`)];
}

function stormFinding({ gateway, outage, nowMs }: Context): readonly Finding[] {
  const recent = gateway.attemptsMs.filter((atMs) => nowMs - atMs < minuteMs);
  const surplus = recent[recent.length - stormAttempts - 1];
  if (surplus === undefined) return [];
  const reason = `${recent.length} connection attempts within a minute (limit ${stormAttempts})`;
  const found = excused(unhealthy('hung', reason, { closeCode: gateway.closeCode }), outage, nowMs, minuteMs);
  return [{ ...found, nextMs: Math.min(found.nextMs ?? Number.POSITIVE_INFINITY, surplus + minuteMs) }];
}

function acknowledgement({ evidence, gateway, outage, nowMs }: Context): Finding {
  const { intervalMs } = gateway;
  if (intervalMs === null) return healthy('connected to Discord');
  const heardMs = Math.max(gateway.lastAckMs ?? 0, gateway.sinceMs, evidence.sinceMs);
  const silence = `Discord has not acknowledged a heartbeat for ${seconds(nowMs - heardMs)}`;
  const lateMs = heardMs + lateIntervals * intervalMs;
  const deadMs = heardMs + deadIntervals * intervalMs;
  if (nowMs < lateMs) return healthy('connected to Discord, heartbeats acknowledged', lateMs);
  if (nowMs < deadMs) return degraded(silence, deadMs);
  const reason = `${silence} (limit ${deadIntervals} × ${seconds(intervalMs)})`;
  return excused(unhealthy('hung', reason), outage, nowMs, deadIntervals * intervalMs);
}

function latency({ gateway, policy }: Context): readonly Finding[] {
  if (gateway.latencyMs === null || gateway.latencyMs <= policy.latencyWarnMs) return [];
  return [
    degraded(
      `Discord answers after ${Math.round(gateway.latencyMs)} ms (warning from ${Math.round(policy.latencyWarnMs)} ms)`,
    ),
  ];
}

function reconnecting({ evidence, gateway, policy, outage, nowMs }: Context): Finding {
  const lostMs = Math.max(gateway.lastReadyMs ?? 0, evidence.sinceMs);
  const reason = `not connected to Discord for ${seconds(nowMs - lostMs)} (${gateway.state}; limit ${seconds(policy.reconnectMs)})`;
  const deadlineMs = lostMs + policy.reconnectMs;
  if (nowMs < deadlineMs) return degraded(reason, deadlineMs);
  return excused(unhealthy('hung', reason, { closeCode: gateway.closeCode }), outage, nowMs, policy.reconnectMs);
}
