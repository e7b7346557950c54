import type { Milliseconds } from '../lifecycle/state.ts';

/** When and how often a child is started again. All durations in milliseconds. */
export type RestartPolicy = {
  readonly mode: 'always' | 'on-failure' | 'never';
  /** The first attempt after a stable period waits nothing. */
  readonly immediateFirst: boolean;
  readonly initialDelayMs: Milliseconds;
  readonly factor: number;
  readonly maxDelayMs: Milliseconds;
  /** ± share of the delay, 0–1. */
  readonly jitter: number;
  readonly maxAttempts: number;
  readonly windowMs: Milliseconds;
  /** Healthy time after which the child counts as stable and an open circuit closes. */
  readonly stableAfterMs: Milliseconds;
  readonly trialMaxDelayMs: Milliseconds;
  /** A start spends an IDENTIFY: trials then back off up to `trialMaxDelayMs`. */
  readonly startCostsIdentify: boolean;
  readonly startDeadlineMs: Milliseconds;
  readonly graceMs: Milliseconds;
  readonly hungGraceMs: Milliseconds;
  /** More automatic restarts than this within an hour raise an alert. */
  readonly alertAbove: number;
};
