import { codeOf } from '../core/errors.ts';
import type { Child } from '../core/lifecycle/state.ts';
import type { Clock, Timer } from '../ports/clock.ts';
import type { Journal, JournalEvent, NewEvent, StoredIdentify } from '../ports/journal.ts';
import type { Operation, Operations } from './operations.ts';
import type { Problems } from './problems.ts';

/** What one step of one bot makes durable. `child` null forgets the bot. */
export type Change = {
  readonly bot: string;
  readonly child: Child | null;
  readonly events: readonly NewEvent[];
  readonly identifies: readonly StoredIdentify[];
  /**
   * `first`: refuse the step when it cannot be made durable, since a spawn follows. `now`: before anybody is told. `soon`: with
   * the next step or a moment later, for what costs nobody anything when it is lost.
   */
  readonly durable: 'first' | 'now' | 'soon';
};

const unsavedEventsKept = 1_000;
/** A wish that is only in memory is written as soon as there is space. */
const retryMs = 1_000;
const soonMs = 20;

/**
 * The one way into the journal: a bot's new state, the facts and the operations it settles become durable together, and
 * only then are they announced.
 *
 * When the journal cannot be written (full disk), a step that spawns is refused, and the executor postpones it; every
 * other step goes on in memory and is written with the next commit that works: a full disk must not keep anybody from
 * stopping a bot.
 */
export class Recorder {
  readonly #journal: Journal;
  readonly #clock: Clock;
  readonly #operations: Operations;
  readonly #problems: Problems;
  readonly #listeners = new Set<(event: JournalEvent) => void>();
  #unsavedBots = new Map<string, Child | null>();
  #unsavedEvents: NewEvent[] = [];
  #flush: Timer | null = null;

  constructor(journal: Journal, clock: Clock, operations: Operations, problems: Problems) {
    this.#journal = journal;
    this.#clock = clock;
    this.#operations = operations;
    this.#problems = problems;
  }

  /** False when the step was refused. */
  commit(change: Change): boolean {
    const settled = this.#operations.settledBy(change.bot, change.child);
    const bots = new Map(this.#unsavedBots).set(change.bot, change.child);
    const events = [...this.#unsavedEvents, ...change.events];
    const later = change.durable === 'soon' && settled.length === 0;
    if (later || !this.#write(bots, events, change.identifies, settled)) {
      if (change.durable === 'first') return false;
      this.#unsavedBots = bots;
      this.#keep(events);
    }
    this.#operations.close(settled);
    return true;
  }

  /** Settles operations that the unchanged state of a bot already fulfils: already so counts as done. */
  settle(bot: string, child: Child): void {
    const settled = this.#operations.settledBy(bot, child);
    if (settled.length > 0 && !this.#write(this.#unsavedBots, this.#unsavedEvents, [], settled))
      this.#problems.report('journal', 'finished operations are kept in memory only');
    this.#operations.close(settled);
  }

  /** A fact about the supervisor itself, or one that changes no bot. */
  event(event: Omit<NewEvent, 'atWallMs'>, durable: 'now' | 'soon' = 'now'): void {
    const events = [...this.#unsavedEvents, { ...event, atWallMs: this.#clock.wallMs() }];
    if (durable === 'soon' || !this.#write(this.#unsavedBots, events, [], [])) this.#keep(events);
  }

  #keep(events: readonly NewEvent[]): void {
    this.#unsavedEvents = events.slice(-unsavedEventsKept);
    this.#flushIn(soonMs);
  }

  #flushIn(delayMs: number): void {
    this.#flush ??= this.#clock.setTimer(this.#clock.monotonicMs() + delayMs, () => {
      this.#flush = null;
      this.#write(this.#unsavedBots, this.#unsavedEvents, [], []);
    });
  }

  /** An IDENTIFY that a running bot reported. */
  identified(identify: StoredIdentify): void {
    this.#write(this.#unsavedBots, this.#unsavedEvents, [identify], []);
  }

  /** Writes what is left; what cannot be written now stays unwritten. */
  close(): void {
    if (this.#flush !== null) this.#write(this.#unsavedBots, this.#unsavedEvents, [], []);
    this.#flush?.cancel();
  }

  onEvent(listener: (event: JournalEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #write(
    bots: ReadonlyMap<string, Child | null>,
    events: readonly NewEvent[],
    identifies: readonly StoredIdentify[],
    operations: readonly Operation[],
  ): boolean {
    const stored = [...bots].flatMap(([name, child]) =>
      child === null ? [] : [{ name, child: { ...child, draining: false } }],
    );
    const forget = [...bots].flatMap(([name, child]) => (child === null ? [name] : []));
    try {
      const accepted = this.#operations.unstored.filter(({ id }) => operations.every((settled) => settled.id !== id));
      const written = this.#journal.commit({
        bots: stored,
        forget,
        events,
        identifies,
        operations: [...accepted, ...operations],
      });
      this.#operations.stored();
      this.#unsavedBots = new Map();
      this.#unsavedEvents = [];
      this.#problems.solved('journal');
      this.#flush?.cancel();
      this.#flush = null;
      for (const event of written) for (const listener of this.#listeners) listener(event);
      return true;
    } catch (error) {
      if (codeOf(error) !== 'JOURNAL_UNAVAILABLE') throw error;
      this.#problems.report(
        'journal',
        `${(error as Error).message.replace(/\.$/, '')}: running bots are left alone, nothing new is started until it can be written`,
      );
      this.#flushIn(retryMs);
      return false;
    }
  }
}
