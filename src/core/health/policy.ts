import type { Milliseconds } from '../lifecycle/state.ts';

export type HealthPolicy = {
  /** The sweep; every piece of evidence has its own, shorter deadline. */
  readonly sweepMs: Milliseconds;
  readonly heartbeatMs: Milliseconds;
  /** Missed heartbeats (or failed probes) in a row that make Unhealthy. */
  readonly misses: number;
  /** A gateway that is not READY for this long, while the library reconnects, is Unhealthy. */
  readonly reconnectMs: Milliseconds;
  readonly probe: null | {
    readonly kind: 'tcp' | 'http' | 'exec';
    readonly target: string;
    readonly command: readonly string[];
    readonly intervalMs: Milliseconds;
    readonly timeoutMs: Milliseconds;
  };
  readonly loopLagWarnMs: Milliseconds;
  readonly latencyWarnMs: Milliseconds;
};
