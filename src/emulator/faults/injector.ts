import type { Clock, Timer } from '../clock.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Fault, FaultName, FaultOf } from './fault.ts';
import type { Rule } from './rules.ts';
import { FaultRules, mayAct } from './rules.ts';
import type { Subject } from './subject.ts';

/** What a fault has done to something, for as long as that exists. */
export type Doing = { readonly lasts: () => boolean; readonly undo: () => void };
type Standing = { readonly rule: Rule; readonly timer: Timer | null; readonly doings: Doing[] };

/** They act on every frame and every answer: recording each time would bury everything else. */
const quiet: ReadonlySet<FaultName> = new Set(['latency', 'slow', 'clock-offset', 'rest-latency']);

/** The faults that stand, on the clock and in the ledger. Whoever could be hit asks here. */
export class Injector {
  readonly #clock: Clock;
  readonly #ledger: Ledger;
  readonly #rules: FaultRules;
  readonly #standing = new Map<number, Standing>();

  constructor(clock: Clock, ledger: Ledger, seed: number) {
    this.#clock = clock;
    this.#ledger = ledger;
    this.#rules = new FaultRules(seed);
  }

  add(fault: Fault): Rule {
    for (const { rule } of this.#standing.values()) if (!this.stands(rule)) this.end(rule.id);
    const rule = this.#rules.add(fault, this.#clock.monotonicMs());
    const timer = Number.isFinite(rule.untilMs) ? this.#clock.setTimer(rule.untilMs, () => this.end(rule.id)) : null;
    this.#standing.set(rule.id, { rule, timer, doings: [] });
    return rule;
  }

  /** Ends it, and what it has done to connections. False when it does not stand. */
  end(id: number): boolean {
    const standing = this.#standing.get(id);
    if (!standing) return false;
    this.#standing.delete(id);
    this.#rules.remove(standing.rule);
    standing.timer?.cancel();
    for (const { undo } of standing.doings) undo();
    return true;
  }

  /** Oldest first: those that may still act, or whose doing lasts. */
  list(): readonly Rule[] {
    return [...this.#standing.values()].map(({ rule }) => rule).filter((rule) => this.stands(rule));
  }

  /** Whether it may still act, or its doing lasts. */
  stands(rule: Rule): boolean {
    const doings = this.#standing.get(rule.id)?.doings ?? [];
    return doings.some(({ lasts }) => lasts()) || mayAct(rule, this.#clock.monotonicMs());
  }

  take<Name extends FaultName>(name: Name, subject: Subject): Rule<FaultOf<Name>> | null {
    if (!this.#rules.has(name)) return null;
    const rule = this.#rules.take(name, subject, this.#clock.monotonicMs());
    if (rule) this.#record(rule, subject);
    return rule;
  }

  acts(rule: Rule, subject: Subject): boolean {
    const isHit = this.#rules.acts(rule, subject, this.#clock.monotonicMs());
    if (isHit) this.#record(rule, subject);
    return isHit;
  }

  /** Remembers what the fault has done, to undo it when the fault ends. */
  remember(rule: Rule, doing: Doing): void {
    this.#standing.get(rule.id)?.doings.push(doing);
  }

  close(): void {
    for (const { timer } of this.#standing.values()) timer?.cancel();
  }

  #record({ id, fault: { fault } }: Rule, { applicationId }: Subject): void {
    if (!quiet.has(fault)) this.#ledger.record({ type: 'fault-hit', applicationId, fault: id, reason: fault });
  }
}

/** A delay with its jitter, both ways: from `delayMs - jitterMs` to `delayMs + jitterMs`, never negative. */
export const jittered = ({ fault, random }: Rule<FaultOf<'latency' | 'rest-latency'>>): number =>
  fault.jitterMs === 0 ? fault.delayMs : Math.max(0, fault.delayMs + (random() * 2 - 1) * fault.jitterMs);
