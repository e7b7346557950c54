import {
  type ConnectionEvent,
  type Connections,
  describeOutage,
  isUnderWay,
  noConnections,
  observeConnection,
  outageGate,
} from '../core/fleet/outage.ts';
import type { OutageSpan } from '../core/health/finding.ts';
import type { Gate } from '../core/lifecycle/event.ts';
import type { Clock } from '../ports/clock.ts';
import type { Recorder } from './recorder.ts';

type WithoutTime<E> = E extends unknown ? Omit<E, 'atMs'> : never;

/** Sees the gateway connections of the whole fleet, since only together do they tell an outage from a bot's own fault. */
export class OutageWatch {
  readonly #clock: Clock;
  readonly #recorder: Recorder;
  #connections: Connections = noConnections;

  constructor(clock: Clock, recorder: Recorder) {
    this.#clock = clock;
    this.#recorder = recorder;
  }

  observe(event: WithoutTime<ConnectionEvent>): void {
    const before = this.#connections;
    this.#connections = observeConnection(before, { ...event, atMs: this.#clock.monotonicMs() } as ConnectionEvent);
    const { outage } = this.#connections;
    if (outage === null || isUnderWay(before) === isUnderWay(this.#connections)) return;
    const fact = { bot: null, incarnation: null } as const;
    if (outage.endedMs === null) {
      this.#recorder.event({
        ...fact,
        type: 'alert.fired',
        severity: 'error',
        sentence: describeOutage(outage),
        detail: { alert: 'outage' },
      });
    } else {
      const lastedMs = outage.endedMs - outage.sinceMs;
      this.#recorder.event({
        ...fact,
        type: 'outage.ended',
        severity: 'info',
        sentence: 'the outage is over: bots are connected again',
        detail: { lastedMs },
      });
    }
  }

  get underWay(): boolean {
    return isUnderWay(this.#connections);
  }

  /** The latest outage, for judging evidence that it may excuse. */
  get span(): OutageSpan | null {
    return this.#connections.outage;
  }

  gate(nowMs: number): Gate | null {
    return outageGate(this.#connections, nowMs);
  }
}
