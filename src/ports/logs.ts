/** One line of a bot's output as it is kept: stamped, redacted, escaped only where it is shown. */
export type LogLine = {
  readonly bot: string;
  readonly incarnation: number;
  readonly stream: 'out' | 'err' | 'droas';
  readonly atWallMs: number;
  /** Nobody watched when it was written: the time is when it was read. */
  readonly approx: boolean;
  readonly level: string | null;
  readonly text: string;
  /** Position in its spool after this line; with incarnation and stream it names the line for ever. */
  readonly offset: number;
  /** The line was too long for one record and goes on in the next of its stream. */
  readonly continued?: boolean;
};

export type LogQuery = { readonly limit: number; readonly sinceWallMs?: number };

export interface LogSource {
  readonly bot: string;
  readonly incarnation: number;
  readonly spools: { readonly out: string; readonly err: string };
}

/** Reads what bots write and keeps it: every line once, also across a kill -9 of the supervisor. */
export interface LogSpool {
  /** Starts (or, after an adoption, continues) to consume the spools of an incarnation. */
  follow(source: LogSource): void;
  /** Consumes what is left, then stops. Resolves when the last line is kept; never, when the spool is closed before. */
  finish(bot: string, incarnation: number): Promise<void>;
  /** A line of the supervisor itself into the bot's log. */
  note(bot: string, incarnation: number, text: string): void;
  /** The newest lines, oldest first. */
  read(bot: string, query: LogQuery): Promise<readonly LogLine[]>;
  subscribe(bots: ReadonlySet<string> | null, listener: (line: LogLine) => void): () => void;
  /** Words that must never be kept (tokens, each part of a token, keys). Set before the incarnation is spawned. */
  redact(bot: string, secrets: readonly string[]): void;
  forget(bot: string): void;
  close(): Promise<void>;
}
