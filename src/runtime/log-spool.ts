import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { KeptLine } from '../core/logs/record.ts';
import type { Clock, Timer } from '../ports/clock.ts';
import type { LogLine, LogSpool } from '../ports/logs.ts';
import { BotLog, type BotLogContext } from './logs/bot-log.ts';
import { type LogLimits, logLimits } from './logs/limits.ts';
import { readLog } from './logs/log-reader.ts';

/** A standing problem, for status and the log of the supervisor; `sentence` null: it is over. Reported once each. */
export type LogProblem = (problem: 'log-unwritable' | 'spool-space', sentence: string | null) => void;

export type LogSpoolOptions = {
  /** Holds one directory per bot. */
  readonly logsDirectory: string;
  readonly clock: Clock;
  readonly onProblem: LogProblem;
  readonly limits?: Partial<LogLimits>;
};

/** Between two rounds: many small writes of a bot are kept together. */
const gatherMs = 5;
/** The poll's interval when the kernel has no watches left for us. */
const unwatchedPollMs = 250;

/**
 * Bots write into spool files, never into a pipe of ours: our death, slowness or full disk cannot block them. Here the
 * spools are read, and each line is kept once.
 *
 * Rounds: every bot with news has one turn of bounded size, one after the other. While more waits, a round is followed
 * by a pause as long as itself, so that however much bots write, this costs at most half of a core, holds the event
 * loop for one turn only, and starves no other bot. What then piles up is dropped, oldest first, with a marker.
 */
export function createLogSpool(options: LogSpoolOptions): LogSpool {
  const { logsDirectory, clock, onProblem } = options;
  const limits = { ...logLimits, ...options.limits };
  const { pollMs } = limits;
  const directoryOf = (bot: string) => join(logsDirectory, bot);
  const logs = new Map<string, BotLog>();
  const removals = new Map<string, Promise<void>>();
  const listeners = new Set<{ readonly bots: ReadonlySet<string> | null; readonly hear: (line: LogLine) => void }>();
  const failing = new Set<string>();
  let reported = false;
  let retryAtMs = 0;
  let givesBack = true;
  let closed = false;
  let running = false;
  let rounds = Promise.resolve();
  let endPause: (() => void) | null = null;
  let pollTimer: Timer = clock.setTimer(clock.monotonicMs() + pollMs, poll);

  function logOf(bot: string): BotLog {
    const known = logs.get(bot);
    if (known) return known;
    const context: BotLogContext = {
      clock,
      limits,
      wake,
      kept: (lines) => publish(bot, lines),
      givesBack: () => givesBack,
      cannotGiveBack,
    };
    const log = new BotLog(directoryOf(bot), context, removals.get(bot) ?? Promise.resolve());
    logs.set(bot, log);
    return log;
  }

  function publish(bot: string, lines: readonly KeptLine[]): void {
    for (const { bots, hear } of listeners) {
      if (bots && !bots.has(bot)) continue;
      for (const { continued, ...line } of lines) hear({ bot, ...line, ...(continued && { continued }) });
    }
  }

  function cannotGiveBack(error: Error): void {
    if (!givesBack) return;
    givesBack = false;
    onProblem('spool-space', `Output that was read stays on the disk until its bot ends: ${error.message}.`);
  }

  function wake(): void {
    if (closed || running) return;
    running = true;
    rounds = run();
  }

  const hasWork = () => [...logs].some(([bot, log]) => log.hasWork && !failing.has(bot));

  async function run(): Promise<void> {
    while (!closed && hasWork()) {
      const startedMs = clock.monotonicMs();
      let more = false;
      for (const [bot, log] of logs) {
        if (!closed && log.hasWork && !failing.has(bot)) more = (await turn(bot, log)) === 'more' || more;
      }
      await pause(more ? clock.monotonicMs() - startedMs : gatherMs);
    }
    running = false; // in the same breath as the look for work, so that no call to `wake` falls between
  }

  async function turn(bot: string, log: BotLog): Promise<'more' | 'done' | 'failed'> {
    try {
      return (await log.turn()) ? 'more' : 'done';
    } catch (error) {
      if (logs.get(bot) === log) failed(bot, error as Error);
      return 'failed';
    }
  }

  function failed(bot: string, error: Error): void {
    failing.add(bot);
    if (reported) return;
    reported = true;
    onProblem(
      'log-unwritable',
      `The output of "${bot}" cannot be kept: ${error.message}. It waits in its spool and is tried again every ` +
        `${pollMs / 1000} s; make room in ${logsDirectory}, or let the supervisor write there.`,
    );
  }

  function recovered(bot: string): void {
    failing.delete(bot);
    if (!reported || failing.size > 0) return;
    reported = false;
    onProblem('log-unwritable', null);
  }

  function pause(delayMs: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = clock.setTimer(clock.monotonicMs() + delayMs, resolve);
    endPause = resolve;
    return promise.finally(() => timer.cancel());
  }

  function poll(): void {
    const intervalMs = [...logs.values()].every((log) => log.watched) ? pollMs : Math.min(pollMs, unwatchedPollMs);
    pollTimer = clock.setTimer(clock.monotonicMs() + intervalMs, poll);
    for (const log of logs.values()) log.poll();
    if (clock.monotonicMs() >= retryAtMs) void retry();
    wake();
  }

  async function retry(): Promise<void> {
    retryAtMs = clock.monotonicMs() + pollMs;
    for (const bot of [...failing]) {
      const log = logs.get(bot);
      if (log && (await turn(bot, log)) !== 'failed') recovered(bot);
    }
  }

  return {
    follow(source) {
      logOf(source.bot).follow(source);
      wake();
    },
    finish(bot, incarnation) {
      const finished = logs.get(bot)?.finish(incarnation) ?? Promise.resolve();
      endPause?.(); // a restart may wait for this
      wake();
      return finished;
    },
    note(bot, incarnation, text) {
      logOf(bot).note(incarnation, text);
      wake();
    },
    read: (bot, query) => readLog(directoryOf(bot), bot, query, limits.keptFiles),
    subscribe(bots, hear) {
      const listener = { bots, hear };
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    redact: (bot, secrets) => logOf(bot).redact(secrets),
    forget(bot) {
      const log = logs.get(bot);
      logs.delete(bot);
      recovered(bot);
      const removal = Promise.all([log?.discard(), removals.get(bot)])
        .then(() => rm(directoryOf(bot), { recursive: true, force: true }))
        .catch((error: Error) =>
          onProblem('log-unwritable', `The log of the deleted bot "${bot}" is left: ${error.message}.`),
        )
        .finally(() => {
          if (removals.get(bot) === removal) removals.delete(bot);
        });
      removals.set(bot, removal);
    },
    async close() {
      closed = true;
      pollTimer.cancel();
      endPause?.();
      await Promise.all([...logs.values()].map((log) => log.close()));
      await Promise.all(removals.values());
      await rounds;
    },
  };
}
