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
  /** `first`: refuse the step when it cannot be made durable, since a spawn follows. */
  readonly durable: 'first' | 'now';
};

/** What is not in the journal yet. */
type Entry = {
  readonly bots: ReadonlyMap<string, Child | null>;
  readonly events: readonly NewEvent[];
  readonly identifies: readonly StoredIdentify[];
  /** Settled ones, by id. */
  readonly operations: ReadonlyMap<string, Operation>;
  readonly mayBeRefused: boolean;
  /** Told at the end of the turn whether the step may be taken. */
  readonly tell: (accepted: boolean) => void;
};

const empty: Omit<Entry, 'mayBeRefused'> = {
  bots: new Map(),
  events: [],
  identifies: [],
  operations: new Map(),
  tell: () => {},
};

const unsavedEventsKept = 1_000;
/** A wish that is only in memory is written as soon as there is space. */
const retryMs = 1_000;
const soonMs = 20;

/**
 * The one way into the journal: a bot's new state, the facts and the operations it settles become durable together, and
 * only then are they announced and acted upon. Whatever many bots ask for within one turn of the event loop costs one
 * write, because each waits for the disk.
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
  #unsaved: Entry[] = [];
  #flush: { readonly atMs: number; readonly timer: Timer } | null = null;
  /** Somebody waits for the next write. */
  #isAwaited = false;

  constructor(journal: Journal, clock: Clock, operations: Operations, problems: Problems) {
    this.#journal = journal;
    this.#clock = clock;
    this.#operations = operations;
    this.#problems = problems;
  }

  /** `tell` is called at the end of this turn, never before the return: whether the step may be taken. */
  commit({ bot, child, events, identifies, durable }: Change, tell: (accepted: boolean) => void): void {
    this.#add(
      {
        bots: new Map([[bot, child]]),
        events,
        identifies,
        operations: this.#settledBy(bot, child),
        mayBeRefused: durable === 'first',
        tell,
      },
      0,
    );
  }

  /** A step that costs nobody anything when it is lost; written with the next one, or a moment later. */
  note({ bot, child, events, identifies }: Omit<Change, 'durable'>): void {
    this.#add({ ...empty, bots: new Map([[bot, child]]), events, identifies }, soonMs);
  }

  /** Settles operations that the unchanged state of a bot already fulfils: already so counts as done. */
  settle(bot: string, child: Child): void {
    const operations = this.#settledBy(bot, child);
    if (operations.size > 0) this.#add({ ...empty, operations }, 0);
  }

  /** A fact about the supervisor itself, or one that changes no bot. */
  event(event: Omit<NewEvent, 'atWallMs'>, durable: 'now' | 'soon' = 'now'): void {
    const events = [{ ...event, atWallMs: this.#clock.wallMs() }];
    this.#add({ ...empty, events }, durable === 'soon' ? soonMs : 0);
  }

  /** An IDENTIFY that a running bot reported. */
  identified(identify: StoredIdentify): void {
    this.#add({ ...empty, identifies: [identify] }, 0);
  }

  /** Resolves when everything that was asked for in this turn is written, or could not be. */
  written(): Promise<void> {
    return new Promise((resolve) => this.#add({ ...empty, tell: () => resolve() }, 0));
  }

  /** Writes at once, and what follows from it too: afterwards every bot has taken what was posted to it. */
  flush(): void {
    while (this.#isAwaited) this.#save();
  }

  /** Writes what is left; what cannot be written now stays unwritten. */
  close(): void {
    if (this.#flush !== null) this.#save();
    this.#cancelFlush();
  }

  onEvent(listener: (event: JournalEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #add(entry: Omit<Entry, 'mayBeRefused'> & Partial<Entry>, withinMs: number): void {
    this.#unsaved.push({ mayBeRefused: false, ...entry });
    this.#isAwaited ||= withinMs === 0;
    this.#flushAt(this.#clock.monotonicMs() + withinMs);
  }

  #settledBy(bot: string, child: Child | null): ReadonlyMap<string, Operation> {
    return new Map(this.#operations.settledBy(bot, child).map((operation) => [operation.id, operation]));
  }

  /** At the latest then; what is due now is written at the end of this turn. */
  #flushAt(atMs: number): void {
    if (this.#flush !== null && this.#flush.atMs <= atMs) return;
    this.#cancelFlush();
    const timer = this.#clock.setTimer(atMs, () => this.#save());
    this.#flush = { atMs, timer };
  }

  #cancelFlush(): void {
    this.#flush?.timer.cancel();
    this.#flush = null;
  }

  /** Settled operations are told of even when they cannot be written: what they say is true. */
  #save(): void {
    this.#cancelFlush();
    this.#isAwaited = false;
    const entries = this.#unsaved;
    this.#unsaved = [];
    const written = this.#write(merged(entries));
    if (written === null) {
      this.#unsaved = [merged(entries.filter(({ mayBeRefused }) => !mayBeRefused))];
      this.#flushAt(this.#clock.monotonicMs() + retryMs);
    }
    for (const { operations, tell, mayBeRefused } of entries) {
      const accepted = written !== null || !mayBeRefused;
      if (accepted) this.#operations.close([...operations.values()]);
      tell(accepted);
    }
    for (const event of written ?? []) for (const listener of this.#listeners) listener(event);
  }

  #write({ bots, events, identifies, operations }: Entry): readonly JournalEvent[] | null {
    const accepted = this.#operations.unstored.filter(({ id }) => !operations.has(id));
    const stored = [...bots].flatMap(([name, child]) =>
      child === null ? [] : [{ name, child: { ...child, draining: false } }],
    );
    const forget = [...bots].flatMap(([name, child]) => (child === null ? [name] : []));
    try {
      const written = this.#journal.commit({
        bots: stored,
        forget,
        events,
        identifies,
        operations: [...accepted, ...operations.values()],
      });
      this.#operations.stored();
      this.#problems.solved('journal');
      return written;
    } catch (error) {
      if (codeOf(error) !== 'JOURNAL_UNAVAILABLE') throw error;
      this.#problems.report(
        'journal',
        `${(error as Error).message.replace(/\.$/, '')}: running bots are left alone, nothing new is started until it can be written`,
      );
      return null;
    }
  }
}

/** What the later entry says of a bot holds; the first that settles an operation. */
function merged(entries: readonly Entry[]): Entry {
  return {
    bots: new Map(entries.flatMap(({ bots }) => [...bots])),
    events: entries.flatMap(({ events }) => events).slice(-unsavedEventsKept),
    identifies: entries.flatMap(({ identifies }) => identifies),
    operations: new Map(entries.toReversed().flatMap(({ operations }) => [...operations])),
    mayBeRefused: false,
    tell: () => {},
  };
}
