import type { BotSpec } from '../core/config/spec.ts';
import { DroasError } from '../core/errors.ts';
import type { Child } from '../core/lifecycle/state.ts';
import { Bot, type BotPorts } from './bot.ts';

/** The bots that this supervisor knows, by name, and who wants to hear of their steps. */
export class Roster implements Iterable<Bot> {
  readonly #ports: BotPorts;
  readonly #bots = new Map<string, Bot>();
  readonly #listeners = new Set<(bot: Bot, after: Child | null) => void>();

  constructor(ports: BotPorts) {
    this.#ports = ports;
  }

  [Symbol.iterator](): Iterator<Bot> {
    return this.#bots.values();
  }

  enter(spec: BotSpec, child: Child): Bot {
    const bot = new Bot(spec, child, this.#ports, {
      changed: (changed, after) => {
        if (after === null) {
          this.#bots.delete(changed.name);
          changed.executor.close();
          this.#ports.logs.forget(changed.name);
        }
        for (const listener of this.#listeners) listener(changed, after);
      },
    });
    this.#bots.set(spec.name, bot);
    return bot;
  }

  /** Every bot has taken what was posted to it. */
  catchUp(): void {
    this.#ports.recorder.flush();
  }

  find(name: string): Bot | null {
    return this.#bots.get(name) ?? null;
  }

  /** @throws BOT_NOT_FOUND */
  get(name: string): Bot {
    const bot = this.#bots.get(name);
    if (bot !== undefined) return bot;
    const names = [...this.#bots.keys()].sort();
    const known = names.length === 0 ? 'no bot is configured yet' : `configured are: ${names.join(', ')}`;
    throw new DroasError('BOT_NOT_FOUND', `there is no bot "${name}"; ${known}`, {
      remedy: 'droas ps -a lists every bot',
    });
  }

  onChange(listener: (bot: Bot, after: Child | null) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Resolves once `holds` is true for every bot, or when the time is over; says which bots it was not true for. */
  async until(holds: (bot: Bot) => boolean, timeoutMs: number): Promise<readonly Bot[]> {
    const missing = (): readonly Bot[] => [...this].filter((bot) => !holds(bot));
    if (missing().length === 0) return [];
    const { promise, resolve } = Promise.withResolvers<void>();
    const { clock } = this.#ports;
    const timer = clock.setTimer(clock.monotonicMs() + timeoutMs, resolve);
    const unsubscribe = this.onChange(() => {
      if (missing().length === 0) resolve();
    });
    await promise;
    timer.cancel();
    unsubscribe();
    return missing();
  }
}
