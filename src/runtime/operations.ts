import { randomBytes } from 'node:crypto';
import { DroasError } from '../core/errors.ts';
import { outcomeOf, type Wish } from '../core/lifecycle/outcome.ts';
import type { Child } from '../core/lifecycle/state.ts';
import type { Clock } from '../ports/clock.ts';
import type { OperationKind, StoredOperation } from '../ports/journal.ts';

export type Operation = StoredOperation & { readonly changed: boolean };
type Open = { readonly wish: Wish; operation: Operation };

const keptFinished = 1_000;

/** Every accepted wish until it is settled, and the last finished ones for whoever asks late. */
export class Operations {
  readonly #clock: Clock;
  readonly #open = new Map<string, Open>();
  /** Accepted, and not yet in the journal. */
  readonly #unstored = new Map<string, Operation>();
  readonly #finished = new Map<string, Operation>();
  readonly #waiting = new Map<string, Set<(operation: Operation) => void>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  accept(bot: string, kind: OperationKind, child: Child, changed: boolean): Operation {
    const operation: Operation = {
      id: `op_${randomBytes(9).toString('base64url')}`,
      bot,
      kind,
      acceptedAtWallMs: this.#clock.wallMs(),
      finishedAtWallMs: null,
      outcome: null,
      sentence: null,
      changed,
    };
    this.#open.set(operation.id, { operation, wish: { kind, incarnationBefore: child.incarnation } });
    this.#unstored.set(operation.id, operation);
    return operation;
  }

  /** Those of this bot that the child's present state settles; call `close` with them once they are durable. */
  settledBy(bot: string, child: Child | null): readonly Operation[] {
    const settled: Operation[] = [];
    for (const { operation, wish } of this.#open.values()) {
      if (operation.bot !== bot) continue;
      const end = outcomeOf(wish, child);
      if (end === null) continue;
      settled.push({
        ...operation,
        finishedAtWallMs: this.#clock.wallMs(),
        outcome: end.outcome,
        sentence: end.sentence,
      });
    }
    return settled;
  }

  /** Those that the next durable step must remember, so that no wish is forgotten with the supervisor. */
  get unstored(): readonly Operation[] {
    return [...this.#unstored.values()];
  }

  stored(): void {
    this.#unstored.clear();
  }

  close(operations: readonly Operation[]): void {
    for (const operation of operations) {
      this.#open.delete(operation.id);
      this.#finished.set(operation.id, operation);
      for (const tell of this.#waiting.get(operation.id) ?? []) tell(operation);
      this.#waiting.delete(operation.id);
    }
    for (const id of this.#finished.keys()) {
      if (this.#finished.size <= keptFinished) break;
      this.#finished.delete(id);
    }
  }

  knows(id: string): boolean {
    return this.#open.has(id) || this.#finished.has(id);
  }

  /** @throws OPERATION_NOT_FOUND */
  get(id: string): Operation {
    const found = this.#open.get(id)?.operation ?? this.#finished.get(id);
    if (found === undefined) throw new DroasError('OPERATION_NOT_FOUND', `there is no operation ${id}`);
    return found;
  }

  /** The finished operation, or as it is when the time is over or the caller gave up. */
  async settled(id: string, timeoutMs: number, signal: AbortSignal): Promise<Operation> {
    const operation = this.get(id);
    if (operation.outcome !== null || timeoutMs <= 0 || signal.aborted) return operation;
    const { promise, resolve } = Promise.withResolvers<Operation>();
    const giveUp = (): void => resolve(this.get(id));
    const waiting = this.#waiting.get(id) ?? new Set();
    this.#waiting.set(id, waiting.add(resolve));
    const timer = this.#clock.setTimer(this.#clock.monotonicMs() + timeoutMs, giveUp);
    signal.addEventListener('abort', giveUp);
    try {
      return await promise;
    } finally {
      timer.cancel();
      signal.removeEventListener('abort', giveUp);
      waiting.delete(resolve);
    }
  }
}
