import type { Milliseconds } from '../lifecycle/state.ts';
import type { Verdict } from '../restart/verdict.ts';

export type Health = 'healthy' | 'degraded' | 'unhealthy' | 'unknown';

export type Assessment = {
  readonly health: Health;
  /** Sentences, most important first; never empty. */
  readonly reasons: readonly string[];
  /** When the judgement changes if nothing is heard until then; null when it does not. The executor sets a timer there. */
  readonly nextMs: Milliseconds | null;
  /** The incarnation must end, for this cause. Never set when Unknown. */
  readonly condemn: Verdict | null;
  readonly stability: 'counts' | 'pauses' | 'resets';
};
