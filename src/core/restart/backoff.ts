import type { Milliseconds } from '../lifecycle/state.ts';
import type { RestartPolicy } from './policy.ts';

/**
 * How long the next automatic attempt waits, in whole milliseconds: initial × factor^n, capped at `maxDelayMs`, then
 * spread by ± `policy.jitter`, so that bots which died together do not start together.
 *
 * `streak` counts the failures since the child was last stable. With `immediateFirst` the first one is answered at once
 * and the sequence begins with the second. Pure: the caller supplies `jitter`, uniform in [0, 1).
 * Does not decide whether there is another attempt; see circuit.ts.
 * @throws RangeError when `streak` is negative or not an integer
 */
export function attemptDelayMs(streak: number, policy: RestartPolicy, jitter: number): Milliseconds {
  if (!Number.isInteger(streak) || streak < 0) throw new RangeError(`streak must be an integer ≥ 0, not ${streak}`);
  const exponent = policy.immediateFirst ? streak - 1 : streak;
  if (exponent < 0 || policy.initialDelayMs === 0) return 0;
  return spread(Math.min(policy.initialDelayMs * policy.factor ** exponent, policy.maxDelayMs), policy.jitter, jitter);
}

/** Moves a delay by −share … +share of itself, as `jitter` goes from 0 to 1; rounded down to whole milliseconds. */
export const spread = (delayMs: Milliseconds, share: number, jitter: number): Milliseconds =>
  Math.floor(delayMs * (1 + share * (2 * jitter - 1)));
