import type { KnownCounters } from '../protocol/counters.ts';
import type { ModelFault } from './model-fault.ts';

type Outcome = { readonly atMs: number /** Until its first part; null: none came. */; readonly ms: number | null };

const windowMs = 300_000;
const maxOutcomes = 1_000;
/** One failure to reach the model proves nothing. */
const provenBy = 2;

/** How the model does: what heartbeats tell the supervisor. */
export class ModelHealth {
  readonly #nowMs: () => number;
  /** Oldest first. */
  #outcomes: readonly Outcome[] = [];
  #unreached = 0;
  /** HTTP statuses; 0: none. A check does not find everything that answers do, so it clears only what checks found. */
  #answersRefused = 0;
  #checksRefused = 0;
  #answeredAtMs = 0;
  #failedAtMs = 0;

  constructor(nowMs: () => number = Date.now) {
    this.#nowMs = nowMs;
  }

  answered(firstPartMs: number): void {
    this.#answeredAtMs = this.#nowMs();
    this.#unreached = 0;
    this.#answersRefused = 0;
    this.#checksRefused = 0;
    this.#add(firstPartMs);
  }

  failed(fault: ModelFault): void {
    this.#note(fault);
    if (fault.kind === 'refused') this.#answersRefused = fault.status ?? 0;
    this.#add(null);
  }

  /** A check found this fault, or none. */
  checked(fault: ModelFault | null): void {
    if (fault === null) this.#unreached = 0;
    else this.#note(fault);
    this.#checksRefused = fault?.kind === 'refused' ? (fault.status ?? 0) : 0;
  }

  counters(): KnownCounters & Readonly<Record<string, number>> {
    const recent = this.#recent();
    const times = recent.flatMap(({ ms }) => ms ?? []).toSorted((a, b) => a - b);
    const median = times[Math.floor((times.length - 1) / 2)];
    return {
      recentDone: times.length,
      recentFailed: recent.length - times.length,
      ...(median === undefined ? {} : { recentP50Ms: Math.round(median) }),
      modelReachable: this.#unreached < provenBy ? 1 : 0,
      modelRefusal: this.#answersRefused || this.#checksRefused,
      modelAnsweredAtMs: this.#answeredAtMs,
      modelFailedAtMs: this.#failedAtMs,
    };
  }

  #note({ kind }: ModelFault): void {
    this.#failedAtMs = this.#nowMs();
    this.#unreached = kind === 'down' || kind === 'silent' ? this.#unreached + 1 : 0;
  }

  #add(ms: number | null): void {
    this.#outcomes = [...this.#recent(), { atMs: this.#nowMs(), ms }].slice(-maxOutcomes);
  }

  #recent(): readonly Outcome[] {
    const sinceMs = this.#nowMs() - windowMs;
    return this.#outcomes.filter(({ atMs }) => atMs > sinceMs);
  }
}
