/** Names of the Linux signals 1–31, by number. */
const names =
  'HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS'.split(
    ' ',
  );

/** `SIGKILL` for 9; null for real-time signals and numbers that are no signal. */
export function signalName(signal: number): string | null {
  const name = names[signal - 1];
  return name === undefined ? null : `SIG${name}`;
}
