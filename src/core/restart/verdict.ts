/**
 * Why an incarnation ended (or must end). Found by `classify`, before anything is counted.
 *
 * `fatal` cannot be cured by a restart; `crash`, `hung` and `memory` count towards the circuit; `outage` does not count;
 * `clean` is an exit 0 of a bot that may do so (restart: on-failure | never); `environment` is a start that this machine
 * could not carry out (full or read-only state directory) or that its supervisor did not live to carry out: nobody's crash.
 */
export type Cause = 'fatal' | 'crash' | 'hung' | 'memory' | 'outage' | 'environment' | 'clean';

/** How the main process ended, as far as the shim could tell. */
export type Exit =
  | { readonly kind: 'code'; readonly code: number }
  | { readonly kind: 'signal'; readonly signal: number }
  /** A shell's 128+n: killed by signal n, or a real exit with that code. */
  | { readonly kind: 'either'; readonly code: number; readonly signal: number }
  /** The program could not be executed. */
  | { readonly kind: 'not-executed'; readonly code: number }
  /** Its supervisor died in the middle of the start, and its successor forbade the rest: nothing ever ran. */
  | { readonly kind: 'not-started' }
  /** Nobody recorded it: the shim died, or the machine rebooted. */
  | { readonly kind: 'unknown' };

export type Verdict = {
  readonly cause: Cause;
  /** One sentence for people: what happened. Shown unchanged in log, event and dashboard. */
  readonly sentence: string;
  /** What to do about it, for causes that need a person. */
  readonly remedy: string | null;
  readonly exit: Exit | null;
  readonly closeCode: number | null;
};
