const editOf = /\/channels\/(\d+)\/messages\/\d+$/;
/** Left for the edit that completes an answer: it must not wait for the ones before it. */
const kept = 1;
const maxChannels = 1_000;

/**
 * How often the messages of a channel may still be edited, as Discord says with each answer. While the last edit of a
 * window is being kept back the text simply grows, and the next edit shows all of it.
 */
export class EditPace {
  readonly #nowMs: () => number;
  /** Until when each channel is left alone. */
  readonly #untilMs = new Map<string, number>();

  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs;
  }

  heard(method: string, url: string, headers: Headers): void {
    const channel = method === 'PATCH' ? editOf.exec(new URL(url).pathname)?.[1] : undefined;
    const remaining = headers.get('x-ratelimit-remaining');
    const resetSeconds = Number(headers.get('x-ratelimit-reset-after'));
    if (channel === undefined || remaining === null || !(resetSeconds > 0)) return;
    this.#untilMs.delete(channel);
    if (Number(remaining) > kept) return;
    this.#untilMs.set(channel, this.#nowMs() + resetSeconds * 1_000);
    const [oldest] = this.#untilMs.keys();
    if (this.#untilMs.size > maxChannels && oldest !== undefined) this.#untilMs.delete(oldest);
  }

  /** How long the channel should be left alone, in milliseconds; 0: not at all. */
  restMs(channel: string): number {
    return Math.max(0, (this.#untilMs.get(channel) ?? 0) - this.#nowMs());
  }
}
