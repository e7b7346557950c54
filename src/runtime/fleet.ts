import type {
  BotView,
  EventView,
  HealthView,
  InfoView,
  LogLineView,
  OperationView,
  ReloadView,
} from '../protocol/api.ts';

/**
 * What the supervisor offers to `api/`: thin views, no internals. Every method that changes something validates first,
 * throws a DroasError, and returns once the wish is durable; waiting for the outcome is `settled`.
 */
export interface Fleet {
  info(): InfoView;
  bots(): readonly BotView[];
  /** @throws BOT_NOT_FOUND, as do all methods that take a name. */
  bot(name: string): BotView;
  health(name: string): HealthView;
  /** Writes `bots.d/<name>.yaml` atomically, then starts the bot. @throws CONFIG_INVALID, BOT_EXISTS, CAPACITY_REACHED, CONFIG_UNWRITABLE */
  create(name: string, spec: Readonly<Record<string, unknown>>): Promise<OperationView>;
  /** Stops the bot, removes its file, forgets it. */
  remove(name: string): Promise<OperationView>;
  start(name: string): Promise<OperationView>;
  stop(name: string): Promise<OperationView>;
  restart(name: string): Promise<OperationView>;
  reset(name: string): Promise<OperationView>;
  /** @throws BOT_NOT_RUNNING */
  kill(name: string, signal: string): void;
  /** @throws OPERATION_NOT_FOUND */
  operation(id: string): OperationView;
  /** Resolves with the finished operation, or as it is when `timeoutMs` has passed (then `outcome` is null). */
  settled(id: string, timeoutMs: number, signal: AbortSignal): Promise<OperationView>;
  /** Reads the files again and applies the difference. @throws CONFIG_INVALID: then nothing was changed. */
  reload(dryRun: boolean): ReloadView;
  events(query: {
    afterSeq?: number;
    sinceMs?: number;
    bot?: string;
    type?: string;
    limit: number;
  }): readonly EventView[];
  /** Every event after the call, in order, until unsubscribed. The listener must not throw. */
  onEvent(listener: (event: EventView) => void): () => void;
  logs(name: string, query: { limit: number; sinceMs?: number }): Promise<readonly LogLineView[]>;
  onLog(names: readonly string[] | null, listener: (line: LogLineView) => void): () => void;
  /** Asks the whole supervisor to stop its bots and end (`droas down`). Returns at once. */
  shutdown(): void;
}
