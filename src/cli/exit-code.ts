/** Exit codes that no error of the table carries. */
export const exitCode = {
  done: 0,
  targetFailed: 1,
  misused: 2,
  /** A bot that should serve does not. */
  notServing: 3,
  /** Accepted, and still going on when the time was up. */
  notFinished: 8,
  interrupted: 130,
} as const;
