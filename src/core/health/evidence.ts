import type { Milliseconds } from '../lifecycle/state.ts';

/**
 * What is known about one incarnation. All times in supervisor time. Kept in memory only. Loop lag, latency and memory
 * are settled values (`threshold.ts`): a single bad sample does not show in them.
 */
export type Evidence = {
  /**
   * When the incarnation was spawned or adopted, or the supervisor itself woke from a stall: no evidence is overdue before
   * its deadline from here.
   */
  readonly sinceMs: Milliseconds;
  readonly ready: boolean;
  /** The child speaks the child protocol (it said hello once). */
  readonly sdk: boolean;
  /** `hello` counts as the first one. */
  readonly heartbeat: { readonly lastMs: Milliseconds; readonly loopLagMs: number | null } | null;
  readonly gateway: GatewayEvidence | null;
  readonly probe: ProbeEvidence | null;
  readonly memory: {
    readonly bytes: number;
    readonly limitBytes: number | null;
    readonly overLimitSinceMs: Milliseconds | null;
  } | null;
  readonly work: WorkEvidence | null;
  readonly model: ModelEvidence | null;
};

/** How the bot's own work ended within five minutes, as it counts it; null when it does not say. */
export type WorkEvidence = {
  readonly done: number;
  readonly failed: number;
  /** `isFailing`, settled. */
  readonly failing: boolean;
};

/** The language model behind the bot. `refusal`: the HTTP status with which it turns the bot away for good. */
export type ModelEvidence = { readonly reachable: boolean; readonly refusal: number | null };

export type GatewayEvidence = {
  readonly state: 'connecting' | 'identifying' | 'ready' | 'resuming' | 'disconnected' | 'fatal';
  /** Since when it is in this state. */
  readonly sinceMs: Milliseconds;
  /** When it last was ready: while it is, the last word; afterwards the moment it left that state. null: never. */
  readonly lastReadyMs: Milliseconds | null;
  /** When Discord last acknowledged a heartbeat, in supervisor time, and Discord's interval. */
  readonly lastAckMs: Milliseconds | null;
  readonly intervalMs: Milliseconds | null;
  readonly latencyMs: number | null;
  readonly closeCode: number | null;
  readonly guilds: number | null;
  /** Times of the last connection attempts, for storms; bounded to 40. */
  readonly attemptsMs: readonly Milliseconds[];
};

/** Outcome of the configured probe. `broken`: the probe itself could not run, which says nothing about the child. */
export type ProbeEvidence = {
  readonly lastMs: Milliseconds;
  readonly outcome: 'passed' | 'failed' | 'broken';
  readonly failuresInARow: number;
  readonly detail: string | null;
};
