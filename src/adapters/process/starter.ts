/** A shim to be started: in a session of its own, its working directory the bot's, its output the spools. */
export type ShimStart = {
  readonly cwd: string;
  /** Complete; nothing of the supervisor's own is added. */
  readonly env: Readonly<Record<string, string>>;
  readonly spools: { readonly out: string; readonly err: string };
  /** The shell as an absolute path, and its arguments. */
  readonly argv: readonly [string, ...string[]];
};

export type Started = {
  /** Nobody is told of its end any more. */
  forget(): void;
  /** SIGKILL, if it lives. */
  kill(): void;
};

/** Starts shims. */
export interface Starter {
  /**
   * `ended` is called at most once, never synchronously: with the system's error when nothing was started, else with a
   * sentence that says how the shim ended.
   */
  start(shim: ShimStart, ended: (why: Error | string) => void): Started;
  /** Starts nobody any more. Whoever was started stays. */
  close(): void;
}
