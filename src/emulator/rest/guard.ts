import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ApiContext } from './context.ts';
import { authenticate, tokenOf } from './context.ts';
import { banPage } from './rate-limit/invalid-requests.ts';
import { bucketOf, resourceOf } from './rate-limit/route-bucket.ts';

/** Nobody authenticates there: the token of the interaction, in the address, is the key. */
const isInteractionRoute = (route: string): boolean => /^\/(interactions|webhooks)\//.test(route);
const isOpen = (route: string): boolean => route === '/gateway' || isInteractionRoute(route);

/**
 * What every call passes before its route: the address is not banned, the token is known, no limit is exceeded. `route`
 * is the pattern without prefix; null when there is no such route.
 * @throws DiscordError 401, 429
 */
export function guard(context: ApiContext, request: FastifyRequest, reply: FastifyReply, route: string | null): void {
  if (route === null) return;
  const application = isOpen(route) ? undefined : authenticate(context, request);
  const isInteraction = isInteractionRoute(route);
  context.rateLimits.take(reply, {
    caller: isInteraction
      ? ''
      : ((application ?? context.world.applicationWithToken(tokenOf(request)))?.id ?? request.ip),
    bucket: bucketOf(request.method, route),
    resource: resourceOf(request.params as object),
    isGloballyLimited: !isInteraction,
  });
}

/** What Cloudflare answers for Discord when the address is banned. */
export function turnAway(context: ApiContext, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const leftMs = context.invalidRequests.bannedForMs(request.ip);
  return reply
    .code(429)
    .headers({ server: 'cloudflare', 'retry-after': String(Math.ceil(leftMs / 1000)) })
    .type('text/html; charset=UTF-8')
    .send(banPage);
}
