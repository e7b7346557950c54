import type { Clock, Timer } from '../../src/ports/clock.ts';

type Alarm = { readonly atMs: number; readonly order: number; readonly fire: () => void };

/** Time that moves only when told. Fires alarms in the order of their time, like a real clock; refuses to go back. */
export class VirtualClock implements Clock {
  #nowMs: number;
  #order = 0;
  readonly #alarms = new Set<Alarm>();

  constructor(startMs = 1_000_000) {
    this.#nowMs = startMs;
  }

  wallMs(): number {
    return this.#nowMs + 1_700_000_000_000;
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  setTimer(atMs: number, fire: () => void): Timer {
    const alarm = { atMs: Math.max(atMs, this.#nowMs), order: this.#order++, fire };
    this.#alarms.add(alarm);
    return { cancel: () => void this.#alarms.delete(alarm) };
  }

  /** How many alarms are set: 0 when nothing was left behind. */
  get pending(): number {
    return this.#alarms.size;
  }

  get nextMs(): number | null {
    return this.#next()?.atMs ?? null;
  }

  advance(byMs: number): void {
    if (byMs < 0) throw new RangeError('time does not go back');
    const untilMs = this.#nowMs + byMs;
    for (let alarm = this.#next(); alarm !== undefined && alarm.atMs <= untilMs; alarm = this.#next()) {
      this.#alarms.delete(alarm);
      this.#nowMs = alarm.atMs;
      alarm.fire();
    }
    this.#nowMs = untilMs;
  }

  #next(): Alarm | undefined {
    let next: Alarm | undefined;
    for (const alarm of this.#alarms) {
      if (next === undefined || alarm.atMs < next.atMs || (alarm.atMs === next.atMs && alarm.order < next.order))
        next = alarm;
    }
    return next;
  }
}
