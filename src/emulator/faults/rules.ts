import type { Fault, FaultName, FaultOf } from './fault.ts';
import { randomFrom } from './random.ts';
import type { Subject } from './subject.ts';
import { isMeantFor } from './subject.ts';

/** A fault that stands. */
export type Rule<Some extends Fault = Fault> = {
  /** From 1, in the order in which they were set. */
  readonly id: number;
  readonly fault: Some;
  /** When it ends by itself, on the monotonic clock. */
  readonly untilMs: number;
  /** How often it has acted. */
  hits: number;
  /** How often it may still act. */
  left: number;
  /** The numbers that it decides with. */
  readonly random: () => number;
};

/**
 * Decides which fault acts on what happens: counted, timed and, by its seed, random. Pure: the same faults asked about the
 * same subjects at the same times decide the same.
 */
export class FaultRules {
  readonly #seed: number;
  readonly #byName = new Map<FaultName, Rule[]>();
  #lastId = 0;

  constructor(seed: number) {
    this.#seed = seed;
  }

  add(fault: Fault, nowMs: number): Rule {
    const id = ++this.#lastId;
    const forMs = 'forMs' in fault ? fault.forMs : undefined;
    const untilMs = forMs === undefined ? Number.POSITIVE_INFINITY : nowMs + forMs;
    const left = ('count' in fault ? fault.count : undefined) ?? Number.POSITIVE_INFINITY;
    const rule = { id, fault, untilMs, hits: 0, left, random: randomFrom(this.#seed, id) };
    const others = this.#byName.get(fault.fault) ?? [];
    this.#byName.set(fault.fault, [...others.filter((other) => mayAct(other, nowMs)), rule]);
    return rule;
  }

  remove(rule: Rule): void {
    const left = this.#byName.get(rule.fault.fault)?.filter((one) => one !== rule) ?? [];
    if (left.length > 0) this.#byName.set(rule.fault.fault, left);
    else this.#byName.delete(rule.fault.fault);
  }

  /** Whether any fault of that name has been set; asked for every frame. */
  has(name: FaultName): boolean {
    return this.#byName.has(name);
  }

  /** The oldest fault of that name that acts on the subject; it is counted. Each one that is meant for it throws its dice. */
  take<Name extends FaultName>(name: Name, subject: Subject, nowMs: number): Rule<FaultOf<Name>> | null {
    for (const rule of this.#byName.get(name) ?? [])
      if (this.acts(rule, subject, nowMs)) return rule as Rule<FaultOf<Name>>;
    return null;
  }

  /** Whether this one acts on the subject; if so it is counted. */
  acts(rule: Rule, subject: Subject, nowMs: number): boolean {
    if (!mayAct(rule, nowMs) || !isMeantFor(rule.fault, subject)) return false;
    if ('probability' in rule.fault && rule.random() >= rule.fault.probability) return false;
    rule.hits++;
    rule.left--;
    return true;
  }
}

/** Whether it is neither used up nor over. */
export const mayAct = ({ untilMs, left }: Rule, nowMs: number): boolean => nowMs < untilMs && left > 0;
