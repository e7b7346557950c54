export interface Timer {
  cancel(): void;
}

/** All time comes through here, so that a test can let an hour pass in a millisecond. */
export interface Clock {
  /** Milliseconds since 1970, for time stamps that people and clients read. May jump. */
  wallMs(): number;
  /** For every interval and limit. Never jumps. */
  monotonicMs(): number;
  /** Calls `fire` once, at or after `atMs` on the monotonic clock, never synchronously. */
  setTimer(atMs: number, fire: () => void): Timer;
}

/** The most that `setTimeout` holds, 24.8 days: what is longer would fire at once. */
const longestTimerMs = 2 ** 31 - 1;

const monotonicMs = (): number => Number(process.hrtime.bigint()) / 1e6;

export const systemClock: Clock = {
  wallMs: () => Date.now(),
  monotonicMs,
  setTimer(atMs, fire) {
    let timer: NodeJS.Timeout;
    const arm = (): void => {
      const leftMs = Math.max(0, Math.ceil(atMs - monotonicMs()));
      timer = leftMs > longestTimerMs ? setTimeout(arm, longestTimerMs) : setTimeout(fire, leftMs);
    };
    arm();
    return { cancel: () => clearTimeout(timer) };
  },
};
