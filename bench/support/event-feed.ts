import type { Client } from '../../src/cli/client.ts';
import type { EventView } from '../../src/protocol/api.ts';

/** An event of the supervisor and when it reached us, on the clock of `performance.now()`. */
export type Arrival = { readonly event: EventView; readonly atMs: number };

const arrivesWithinMs = 30_000;

/**
 * Follows the supervisor's event stream from its first event, and remembers when each one arrived: whoever asks for an
 * event may ask before or after it came.
 */
export class EventFeed {
  readonly #arrivals = new Map<string, Arrival>();
  readonly #waiting = new Map<string, (arrival: Arrival) => void>();

  constructor(client: Client) {
    void this.#follow(client);
  }

  /** @throws Error when it does not come within 30 s */
  when(bot: string, type: string, incarnation: number): Promise<Arrival> {
    const key = keyOf({ bot, type, incarnation });
    const arrived = this.#arrivals.get(key);
    if (arrived !== undefined) return Promise.resolve(arrived);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(key);
        reject(new Error(`${bot}: no event ${type} of incarnation ${incarnation} after ${arrivesWithinMs / 1e3} s`));
      }, arrivesWithinMs);
      this.#waiting.set(key, (arrival) => {
        clearTimeout(timer);
        resolve(arrival);
      });
    });
  }

  /** The stream ends with the supervisor; who still waits then learns it from the time limit. */
  async #follow(client: Client): Promise<void> {
    try {
      for await (const { data } of client.stream('/api/v1/events/stream?after=0')) {
        const atMs = performance.now();
        const event: EventView = JSON.parse(data);
        const key = keyOf(event);
        this.#arrivals.set(key, { event, atMs });
        this.#waiting.get(key)?.({ event, atMs });
        this.#waiting.delete(key);
      }
    } catch {
      // The connection was torn: the same as its end.
    }
  }
}

const keyOf = ({ bot, type, incarnation }: Pick<EventView, 'bot' | 'type' | 'incarnation'>): string =>
  `${bot} ${type} ${incarnation}`;
