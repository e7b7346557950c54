import type { Milliseconds } from '../lifecycle/state.ts';
import { spread } from './backoff.ts';
import type { RestartPolicy } from './policy.ts';

/**
 * The circuit stops a crash loop without giving the bot up. Closed: attempts follow the backoff while fewer than
 * `maxAttempts` lie inside the sliding window. Open: only trials, at known times, without end. It closes again by
 * healthy time or by a person, never by the mere age of the attempts.
 */

/** The attempts that still count. The window slides: an attempt exactly `windowMs` old has left it. */
export const attemptsInWindow = (
  attempts: readonly Milliseconds[],
  nowMs: Milliseconds,
  windowMs: Milliseconds,
): readonly Milliseconds[] => attempts.filter((atMs) => nowMs - atMs < windowMs);

/** Whether a failure now opens the circuit: all automatic attempts of the window are used up. */
export const mustOpen = (attemptsInWindow: readonly Milliseconds[], policy: RestartPolicy): boolean =>
  attemptsInWindow.length >= policy.maxAttempts;

/**
 * Delay before trial number `trial` (1-based), in whole milliseconds. Trials that cost no IDENTIFY come every
 * `maxDelayMs`; those that do come at `maxDelayMs`, then twice as late each time, up to `trialMaxDelayMs`, because a
 * day has only so many IDENTIFYs. Spread by ± `policy.jitter` like every delay.
 * @throws RangeError when `trial` is not an integer ≥ 1
 */
export function trialDelayMs(trial: number, policy: RestartPolicy, jitter: number): Milliseconds {
  if (!Number.isInteger(trial) || trial < 1) throw new RangeError(`trial must be an integer ≥ 1, not ${trial}`);
  const delayMs = policy.startCostsIdentify
    ? Math.min(policy.maxDelayMs * 2 ** (trial - 1), policy.trialMaxDelayMs)
    : policy.maxDelayMs;
  return spread(delayMs, policy.jitter, jitter);
}
