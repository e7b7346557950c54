import {
  automaticStart,
  type IdentifySummary,
  identifyGate,
  identifySummary,
  type SessionLimit,
  type Spent,
} from '../core/identify/budget.ts';
import type { Gate } from '../core/lifecycle/event.ts';
import type { StoredIdentify } from '../ports/journal.ts';

const dayMs = 86_400_000;

/** IDENTIFYs of each token's owner within 24 h: known from the journal, presumed at each spawn, reported by the bot. */
export class IdentifyLedger {
  readonly #spent = new Map<string, Spent[]>();
  readonly #limits = new Map<string, SessionLimit>();

  constructor(stored: readonly StoredIdentify[], wallNowMs: number, nowMs: number) {
    for (const { owner, atWallMs, automatic } of stored) {
      this.#of(owner).push({ atMs: Math.min(nowMs, nowMs - (wallNowMs - atWallMs)), automatic });
    }
  }

  /** One that was spent, or that a start is presumed to spend; `instead` of an earlier presumption that it replaces. */
  add(owner: string, spent: Spent, instead: Spent | null = null): void {
    if (instead !== null) this.remove(owner, instead);
    const list = this.#of(owner);
    list.push(spent);
    while (list[0] !== undefined && list[0].atMs <= spent.atMs - dayMs) list.shift();
  }

  remove(owner: string, spent: Spent): void {
    const list = this.#of(owner);
    if (list.includes(spent)) list.splice(list.indexOf(spent), 1);
  }

  /** session_start_limit as Discord told the bot. */
  limit(owner: string, limit: SessionLimit): void {
    this.#limits.set(owner, limit);
  }

  gate(owner: string, nowMs: number, automatic: boolean): Gate | null {
    const start = { ...automaticStart, automatic };
    return identifyGate(this.#of(owner), nowMs, this.#limits.get(owner) ?? null, start);
  }

  summary(owner: string, nowMs: number): IdentifySummary {
    return identifySummary(this.#of(owner), nowMs, this.#limits.get(owner) ?? null);
  }

  /** What Discord's own count leaves; null when nobody told. */
  left(owner: string, nowMs: number): number | null {
    return this.summary(owner, nowMs).left;
  }

  #of(owner: string): Spent[] {
    const list = this.#spent.get(owner) ?? [];
    this.#spent.set(owner, list);
    return list;
  }
}
