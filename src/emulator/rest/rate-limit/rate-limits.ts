import type { FastifyReply } from 'fastify';
import type { Clock } from '../../clock.ts';
import type { Limits } from '../../limits.ts';
import { DiscordError } from '../discord-error.ts';
import type { RouteBucket } from './route-bucket.ts';
import type { Standing } from './windows.ts';
import { Windows } from './windows.ts';

export type LimitedCall = {
  /** Whose calls are counted together: an application, or an address. */
  readonly caller: string;
  readonly bucket: RouteBucket;
  /** The channel, guild or webhook in the address; each has a bucket of its own. */
  readonly resource: string;
  readonly isGloballyLimited: boolean;
};

const secondsOf = (milliseconds: number): number => Math.ceil(milliseconds) / 1000;

/** How often may be called. Every answer tells the client where it stands, as Discord's headers do. */
export class RateLimits {
  readonly #clock: Clock;
  readonly #limits: Limits;
  readonly #windows: Windows;

  constructor(clock: Clock, limits: Limits) {
    this.#clock = clock;
    this.#limits = limits;
    this.#windows = new Windows(clock);
  }

  /** Counts one call. @throws DiscordError 429 with scope `global` or `user` */
  take(reply: FastifyReply, { caller, bucket, resource, isGloballyLimited }: LimitedCall): void {
    if (isGloballyLimited) {
      const { globalCalls, globalWindowMs } = this.#limits;
      const standing = this.#windows.take(`global ${caller}`, globalCalls, globalWindowMs);
      if (!standing.granted) throw limited(reply, 'global', standing);
    }
    const calls = this.#limits[bucket.calls];
    const standing = this.#windows.take(`${bucket.hash} ${caller} ${resource}`, calls, this.#limits[bucket.windowMs]);
    const resetAfter = secondsOf(standing.resetAfterMs);
    reply.headers({
      'x-ratelimit-limit': String(calls),
      'x-ratelimit-remaining': String(standing.remaining),
      'x-ratelimit-reset': (this.#clock.wallMs() / 1000 + resetAfter).toFixed(3),
      'x-ratelimit-reset-after': resetAfter.toFixed(3),
      'x-ratelimit-bucket': bucket.hash,
    });
    if (!standing.granted) throw limited(reply, 'user', standing);
  }

  /** Counts a new name or topic of a channel, whoever gives it. @throws DiscordError 429 with scope `shared` */
  takeRename(reply: FastifyReply, channelId: string): void {
    const { channelRenames, channelRenameWindowMs } = this.#limits;
    const standing = this.#windows.take(`rename ${channelId}`, channelRenames, channelRenameWindowMs);
    if (!standing.granted) throw limited(reply, 'shared', standing);
  }
}

function limited(reply: FastifyReply, scope: 'user' | 'shared' | 'global', { resetAfterMs }: Standing): DiscordError {
  const retryAfter = secondsOf(resetAfterMs);
  reply.headers({ 'retry-after': String(Math.ceil(retryAfter)), 'x-ratelimit-scope': scope });
  if (scope === 'global') reply.header('x-ratelimit-global', 'true');
  const message = scope === 'shared' ? 'The resource is being rate limited.' : 'You are being rate limited.';
  return new DiscordError(429, 0, message, { retry_after: retryAfter, global: scope === 'global' });
}
