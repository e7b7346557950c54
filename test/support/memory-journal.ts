import { DroasError } from '../../src/core/errors.ts';
import type {
  Journal,
  JournalEvent,
  Step,
  StoredBot,
  StoredIdentify,
  StoredOperation,
} from '../../src/ports/journal.ts';

/** A journal that forgets nothing while the test runs, and can be told to be full. */
export class MemoryJournal implements Journal {
  full = false;
  readonly written: JournalEvent[] = [];
  readonly #bots = new Map<string, StoredBot>();
  readonly #operations = new Map<string, StoredOperation>();
  readonly #identifies: StoredIdentify[] = [];
  readonly #meta = new Map<string, string>();

  commit(step: Step): readonly JournalEvent[] {
    if (this.full) throw new DroasError('JOURNAL_UNAVAILABLE', 'the disk is full');
    for (const bot of step.bots ?? []) this.#bots.set(bot.name, structuredClone(bot));
    for (const name of step.forget ?? []) this.#bots.delete(name);
    for (const operation of step.operations ?? []) this.#operations.set(operation.id, operation);
    this.#identifies.push(...(step.identifies ?? []));
    const events = (step.events ?? []).map((event, n) => ({ ...event, seq: this.written.length + n + 1 }));
    this.written.push(...events);
    return events;
  }

  bots(): readonly StoredBot[] {
    return [...this.#bots.values()];
  }

  openOperations(): readonly StoredOperation[] {
    return [...this.#operations.values()].filter((operation) => operation.outcome === null);
  }

  operation(id: string): StoredOperation | null {
    return this.#operations.get(id) ?? null;
  }

  identifies(): readonly StoredIdentify[] {
    return this.#identifies;
  }

  events(): readonly JournalEvent[] {
    return this.written;
  }

  getMeta(key: string): string | null {
    return this.#meta.get(key) ?? null;
  }

  setMeta(key: string, value: string): void {
    this.#meta.set(key, value);
  }

  prune(): boolean {
    return false;
  }

  close(): void {}
}
