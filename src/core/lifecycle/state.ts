import type { Verdict } from '../restart/verdict.ts';

/**
 * Every time in `core/` is *supervisor time*: milliseconds on the machine's monotonic clock, which all processes of one
 * boot share. A wall clock that jumps changes nothing here; after a reboot the runtime shifts stored times once.
 */
export type Milliseconds = number;

/** What the user asked for. `absent` means deleted: it ends when no process of the bot is left. */
export type Desired = 'running' | 'stopped' | 'absent';

/** No process of this bot exists. */
export type Stopped = { readonly name: 'stopped' };

/** Spawned, not yet ready. `trial` > 0 numbers the trial starts of an open circuit; 0 is an ordinary start. */
export type Starting = {
  readonly name: 'starting';
  readonly incarnation: number;
  readonly trial: number;
  readonly sinceMs: Milliseconds;
  readonly deadlineMs: Milliseconds;
};

/**
 * Healthy time collected towards stability. `countingSinceMs` is null while the count is paused (Degraded) or was reset
 * (Unhealthy).
 */
export type Stability = {
  readonly collectedMs: Milliseconds;
  readonly countingSinceMs: Milliseconds | null;
  readonly reached: boolean;
};

/** Ready. */
export type Running = {
  readonly name: 'running';
  readonly incarnation: number;
  readonly trial: number;
  readonly sinceMs: Milliseconds;
  readonly stability: Stability;
};

/**
 * On its way out: asked to stop, or its leader is gone and descendants live. Ends only when the process tree is empty.
 * `verdict` says why the bot is ended by policy; null means a person (or a drain) asked.
 */
export type Stopping = {
  readonly name: 'stopping';
  readonly incarnation: number;
  readonly trial: number;
  readonly sinceMs: Milliseconds;
  readonly verdict: Verdict | null;
  /** When the whole tree is killed (again). */
  readonly killAtMs: Milliseconds;
  /** How often the tree was already killed without becoming empty. */
  readonly kills: number;
};

export type WaitReason = 'delay' | 'identify-window' | 'identify-budget' | 'outage' | 'state-directory';

/** Will start at a known time, for a reason. */
export type Backoff = {
  readonly name: 'backoff';
  readonly reason: WaitReason;
  /** The automatic attempt that comes next, 1-based; 0 when a person's start waits for a floor. */
  readonly attempt: number;
  readonly trial: number;
  /** Nobody asked for the start that comes, so its gate is the automatic one. */
  readonly automatic: boolean;
  readonly sinceMs: Milliseconds;
  readonly untilMs: Milliseconds;
};

/** The circuit is open; trial number `trial` starts at a known time. */
export type Suspended = {
  readonly name: 'suspended';
  readonly trial: number;
  readonly sinceMs: Milliseconds;
  readonly trialAtMs: Milliseconds;
};

/** A cause that a restart cannot cure. `Child.lastVerdict` says which and what to do. */
export type Failed = { readonly name: 'failed'; readonly sinceMs: Milliseconds };

export type LifecycleState = Stopped | Starting | Running | Stopping | Backoff | Suspended | Failed;
export type StateName = LifecycleState['name'];
export type Live = Starting | Running | Stopping;

/** Everything that the lifecycle of one child remembers. Plain data: it is stored as it is. */
export type Child = {
  readonly desired: Desired;
  readonly state: LifecycleState;
  /** Highest incarnation ever used; each spawn takes the next. */
  readonly incarnation: number;
  /** Automatic restarts inside the sliding window, oldest first: when each was decided. */
  readonly attempts: readonly Milliseconds[];
  /** Failures since the child was last stable; the exponent of the backoff. */
  readonly streak: number;
  /** Automatic restarts ever. */
  readonly restarts: number;
  /** Why the last incarnation ended, if it was not asked to. */
  readonly lastVerdict: Verdict | null;
  /** The supervisor is going away: stop, but leave `desired` as it is. Never stored. */
  readonly draining: boolean;
};

export const newChild = (desired: Desired): Child => ({
  desired,
  state: { name: 'stopped' },
  incarnation: 0,
  attempts: [],
  streak: 0,
  restarts: 0,
  lastVerdict: null,
  draining: false,
});

/** The incarnation whose processes may exist in this state, or null. */
export function liveIncarnation(state: LifecycleState): number | null {
  return state.name === 'starting' || state.name === 'running' || state.name === 'stopping' ? state.incarnation : null;
}
