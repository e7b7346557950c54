import type { FastifyReply } from 'fastify';
import type { Clock } from '../clock.ts';
import type { Limits } from '../limits.ts';
import { DiscordError } from './discord-error.ts';

type Bucket = { remaining: number; resetsAtMs: number };

/** Calls per bot, route and channel. Every answer tells the client where it stands, as Discord's headers do. */
export class RateLimits {
  readonly #clock: Clock;
  readonly #limits: Limits;
  readonly #buckets = new Map<string, Bucket>();

  constructor(clock: Clock, limits: Limits) {
    this.#clock = clock;
    this.#limits = limits;
  }

  /** Counts one call. @throws DiscordError 429 when the bucket is empty */
  take(reply: FastifyReply, route: string, applicationId: string, channelId: string): void {
    const { messageCalls, messageWindowMs } = this.#limits;
    const nowMs = this.#clock.monotonicMs();
    const key = `${route} ${applicationId} ${channelId}`;
    let bucket = this.#buckets.get(key);
    if (!bucket || nowMs >= bucket.resetsAtMs) {
      bucket = { remaining: messageCalls, resetsAtMs: nowMs + messageWindowMs };
      this.#buckets.set(key, bucket);
    }
    const isEmpty = bucket.remaining === 0;
    if (!isEmpty) bucket.remaining--;
    const resetAfter = Math.ceil(bucket.resetsAtMs - nowMs) / 1000;
    reply.headers({
      'x-ratelimit-limit': String(messageCalls),
      'x-ratelimit-remaining': String(bucket.remaining),
      'x-ratelimit-reset': (this.#clock.wallMs() / 1000 + resetAfter).toFixed(3),
      'x-ratelimit-reset-after': resetAfter.toFixed(3),
      'x-ratelimit-bucket': `emulated-${route}`,
    });
    if (!isEmpty) return;
    reply.headers({ 'retry-after': String(Math.ceil(resetAfter)), 'x-ratelimit-scope': 'user' });
    throw new DiscordError(429, 0, 'You are being rate limited.', { retry_after: resetAfter, global: false });
  }
}
