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

const monotonicMs = (): number => Number(process.hrtime.bigint()) / 1e6;

export const systemClock: Clock = {
  wallMs: () => Date.now(),
  monotonicMs,
  setTimer(atMs, fire) {
    const timer = setTimeout(fire, Math.max(0, Math.ceil(atMs - monotonicMs())));
    return { cancel: () => clearTimeout(timer) };
  },
};
