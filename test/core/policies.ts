import type { HealthPolicy } from '../../src/core/health/policy.ts';
import type { RestartPolicy } from '../../src/core/restart/policy.ts';

/** The documented defaults, so that tables read like the manual. */
export const restartPolicy: RestartPolicy = {
  mode: 'always',
  immediateFirst: true,
  initialDelayMs: 1_000,
  factor: 2,
  maxDelayMs: 300_000,
  jitter: 0.2,
  maxAttempts: 5,
  windowMs: 3_600_000,
  stableAfterMs: 600_000,
  trialMaxDelayMs: 3_600_000,
  startCostsIdentify: true,
  startDeadlineMs: 60_000,
  graceMs: 30_000,
  hungGraceMs: 5_000,
  alertAbove: 3,
};

export const healthPolicy: HealthPolicy = {
  sweepMs: 30_000,
  heartbeatMs: 5_000,
  misses: 3,
  reconnectMs: 120_000,
  probe: null,
  loopLagWarnMs: 500,
  latencyWarnMs: 1_000,
};
