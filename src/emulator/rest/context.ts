import type { FastifyRequest } from 'fastify';
import type { SessionStartLimit } from '../gateway/identify-budget.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Interactions } from '../world/interactions.ts';
import type { Application } from '../world/model.ts';
import { isMarkedToken, unmarkedTokenReason } from '../world/token.ts';
import type { World } from '../world/world.ts';
import { DiscordError } from './discord-error.ts';
import type { RateLimits } from './rate-limit.ts';

export type ApiContext = {
  readonly world: World;
  readonly ledger: Ledger;
  readonly interactions: Interactions;
  readonly rateLimits: RateLimits;
  readonly gatewayUrl: () => string;
  readonly sessionStartLimit: (application: Application) => SessionStartLimit;
};

/** Whose token the request carries. @throws DiscordError 401 */
export function authenticate({ world }: ApiContext, request: FastifyRequest): Application {
  const token = tokenOf(request);
  const application = world.applicationWithToken(token);
  if (application) return application;
  const mayBeReal = token !== '' && !isMarkedToken(token);
  throw new DiscordError(401, 0, mayBeReal ? `401: Unauthorized. ${unmarkedTokenReason}` : '401: Unauthorized');
}

export const tokenOf = (request: FastifyRequest): string =>
  /^Bot (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
