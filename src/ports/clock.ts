export interface Timer {
  cancel(): void;
}

export interface Clock {
  /** Wall time for people, file names and the journal: milliseconds since 1970. May jump. */
  wallMs(): number;
  /** For every interval: milliseconds on CLOCK_MONOTONIC, the same for all processes of one boot. Never jumps. */
  monotonicMs(): number;
  /** Calls `fire` once, at or after `atMs` on the monotonic clock; at once (but never synchronously) when it is past. */
  setTimer(atMs: number, fire: () => void): Timer;
}
