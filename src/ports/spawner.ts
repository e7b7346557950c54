import type { Exit } from '../core/restart/verdict.ts';

/** Everything needed to start one incarnation; complete before the call. */
export type SpawnOrder = {
  readonly bot: string;
  readonly incarnation: number;
  /** Program and arguments; the program is resolved against `path` of `env` and `cwd`. */
  readonly command: readonly [string, ...string[]];
  readonly cwd: string;
  /** The complete environment: nothing of the supervisor's own is inherited. */
  readonly env: Readonly<Record<string, string>>;
  /** Hash of the spec it was started from, hex; kept in the intent file. */
  readonly specHash: string;
  /** SHA-256 of the incarnation's one-time key, hex; lets a new supervisor check a reconnecting child. */
  readonly keyHash: string;
  readonly oomScoreAdj: number;
};

/** What a run directory knows about an incarnation; enough to adopt it without any database. */
export type Intent = {
  readonly version: 1;
  readonly bot: string;
  readonly incarnation: number;
  /** Unique mark of this run, in the environment of every process of the tree as DROAS_RUN. */
  readonly run: string;
  readonly bootId: string;
  readonly specHash: string;
  readonly keyHash: string;
  /** Monotonic milliseconds of this boot. */
  readonly spawnedAtMs: number;
  readonly spawnedAtWallMs: number;
};

/** Called by the spawner. `exited` comes once, `treeEmpty` once and last; both are never called synchronously. */
export interface ProcessWatcher {
  /** The main process ended; `treeEmpty` says whether descendants are left. */
  exited(exit: Exit, treeEmpty: boolean): void;
  /** No live process of the tree is left (zombies and the shim do not count). Not called when `exited` said so. */
  treeEmpty(): void;
}

/** One incarnation: spawned or adopted, there is no difference. */
export interface ChildProcess {
  readonly intent: Intent;
  /** Pid of the main process; null while unknown (adopted half-way through its spawn). */
  readonly pid: number | null;
  readonly spools: { readonly out: string; readonly err: string };
  /** SIGTERM, then SIGCONT, to the main process, or to every process left when the main process is gone. */
  askStop(): void;
  /** Sends a signal to the main process. False when it is gone. */
  signal(name: NodeJS.Signals): boolean;
  /** SIGKILL to every process of the tree, swept until empty or a bound is reached; spares the shim. */
  killTree(): void;
  /** Live pids of the tree, without shim and zombies. */
  tree(): readonly number[];
  /** Lets the shim go and removes the run directory. Call once, after the tree is empty and the spools are consumed. */
  release(): Promise<void>;
  /** Stops watching without touching any process: the supervisor is going, the child stays. */
  abandon(): void;
}

/** `code` is one of `core/errors.ts`: COMMAND_NOT_FOUND, COMMAND_NOT_EXECUTABLE, WORKING_DIRECTORY_MISSING, SPAWN_FAILED. */
export interface Spawner {
  /**
   * Resolves when the main process exists (its pid is known) or is known to have ended already.
   * @throws DroasError when nothing was started; then nothing of the incarnation exists or is left behind.
   */
  spawn(order: SpawnOrder, watcher: ProcessWatcher): Promise<ChildProcess>;
  /** What the run directories tell. Call before anything starts. @throws the system's error when their root is unreadable. */
  survey(): Promise<Survey>;
  /** Starts nobody any more; touches no process that was started. */
  close(): void;
}

export type Survey = {
  /** Every incarnation that a run directory speaks of, whether its processes live or not. */
  readonly survivors: readonly Survivor[];
  /**
   * Each bot, once, with a directory that could not be inspected: an incarnation that nobody knows of may live there, and
   * a start could make a second copy. Others of its incarnations may be among the survivors. Nothing was changed.
   */
  readonly untrusted: readonly UntrustedBot[];
};

/** `sentence` says for people which path it is and what is wrong with it. */
export type UntrustedBot = { readonly bot: string; readonly sentence: string };

export interface Survivor {
  readonly intent: Intent;
  /** Takes the incarnation over; the watcher hears of an exit that happened meanwhile too. */
  adopt(watcher: ProcessWatcher): ChildProcess;
}
