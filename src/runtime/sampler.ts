import type { Clock, Timer } from '../ports/clock.ts';
import type { ProcessStats } from '../ports/process-stats.ts';
import type { Bot } from './bot.ts';

export type Usage = { readonly cpuRatio: number | null; readonly processes: number };

type Sample = { readonly atMs: number; readonly cpuSeconds: number; readonly incarnation: number };

const intervalMs = 5_000;

/**
 * Measures every bot's process tree each tick. PSS is dear, so it is read only for a tree whose RSS is over 80 % of its
 * limit: RSS is never smaller than PSS.
 */
export class Sampler {
  readonly #clock: Clock;
  readonly #stats: ProcessStats;
  readonly #bots: () => Iterable<Bot>;
  readonly #last = new Map<string, Sample>();
  readonly #usage = new Map<string, Usage>();
  #timer: Timer;

  constructor(clock: Clock, stats: ProcessStats, bots: () => Iterable<Bot>) {
    this.#clock = clock;
    this.#stats = stats;
    this.#bots = bots;
    this.#timer = this.#schedule();
  }

  usage(bot: string): Usage | null {
    return this.#usage.get(bot) ?? null;
  }

  close(): void {
    this.#timer.cancel();
  }

  #schedule(): Timer {
    return this.#clock.setTimer(this.#clock.monotonicMs() + intervalMs, () => {
      const present = new Set<string>();
      for (const bot of this.#bots()) if (this.measure(bot)) present.add(bot.name);
      for (const name of this.#usage.keys()) if (!present.has(name)) this.#forget(name);
      this.#timer = this.#schedule();
    });
  }

  /** Also between two ticks, for a bot that just became ready. False when it has no process. */
  measure(bot: Bot): boolean {
    const { incarnation, spec } = bot;
    const pids = incarnation?.process?.tree() ?? [];
    if (incarnation === null || pids.length === 0) return false;
    const sample = this.#stats.sample(pids);
    const limit = spec.memoryLimitBytes;
    const near = limit !== null && sample.rssBytes > limit * 0.8;
    bot.sampled(sample.rssBytes);
    incarnation.health.memory(near ? this.#stats.pssBytes(pids) : sample.rssBytes, limit);
    const now: Sample = {
      atMs: this.#clock.monotonicMs(),
      cpuSeconds: sample.cpuSeconds,
      incarnation: incarnation.number,
    };
    const before = this.#last.get(bot.name);
    const cpuRatio =
      before?.incarnation === now.incarnation
        ? Math.max(0, (now.cpuSeconds - before.cpuSeconds) / ((now.atMs - before.atMs) / 1000))
        : null;
    this.#last.set(bot.name, now);
    this.#usage.set(bot.name, { cpuRatio, processes: sample.processes });
    return true;
  }

  #forget(name: string): void {
    this.#usage.delete(name);
    this.#last.delete(name);
  }
}
