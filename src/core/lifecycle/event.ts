import type { Verdict } from '../restart/verdict.ts';
import type { Milliseconds, WaitReason } from './state.ts';

/** A floor under every start: not before this time, for this reason. Found by `identify/` and `fleet/outage`. */
export type Gate = { readonly notBeforeMs: Milliseconds; readonly reason: WaitReason };

/** The circumstances of an event: what a decision may depend on besides state and policy. */
export type Moment = {
  readonly ms: Milliseconds;
  /** Uniform in [0, 1), from the random port. */
  readonly jitter: number;
  /** What holds a start that nobody asked for, and one that a person asked for just now. */
  readonly gates: { readonly automatic: Gate | null; readonly person: Gate | null };
  /** Discord is out of reach for the fleet: who is not ready for that reason is not to blame. */
  readonly outage: boolean;
};

export type TimerName = 'start-deadline' | 'stable' | 'kill' | 'backoff' | 'trial';

type Body =
  /** A person, or the configuration at start-up (`by: 'boot'` clears no history). */
  | { readonly type: 'start'; readonly by: 'person' | 'boot' }
  | { readonly type: 'stop' }
  | { readonly type: 'restart' }
  | { readonly type: 'delete' }
  /** Close the circuit, forget the window; a waiting bot starts at once. */
  | { readonly type: 'reset' }
  /** The supervisor is going away. */
  | { readonly type: 'drain' }
  | { readonly type: 'spawn-failed'; readonly incarnation: number; readonly verdict: Verdict }
  | { readonly type: 'ready'; readonly incarnation: number }
  /** The main process ended. */
  | { readonly type: 'exited'; readonly incarnation: number; readonly verdict: Verdict; readonly treeEmpty: boolean }
  /** No process of the incarnation is left. */
  | { readonly type: 'tree-empty'; readonly incarnation: number }
  /** Health judged that the incarnation must end. */
  | { readonly type: 'condemned'; readonly incarnation: number; readonly verdict: Verdict }
  /** How the present health counts towards stability. */
  | { readonly type: 'health'; readonly incarnation: number; readonly stability: 'counts' | 'pauses' | 'resets' }
  | { readonly type: 'timer'; readonly timer: TimerName };

export type LifecycleEvent = Body & { readonly at: Moment };
export type EventName = Body['type'];
