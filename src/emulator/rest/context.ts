import type { FastifyRequest } from 'fastify';
import type { Clock } from '../clock.ts';
import type { SessionStartLimit } from '../gateway/identify-budget.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Limits } from '../limits.ts';
import type { InteractionBook } from '../world/interaction-book.ts';
import type { Application } from '../world/model.ts';
import { isMarkedToken, unmarkedTokenReason } from '../world/token.ts';
import type { World } from '../world/world.ts';
import type { MessageWriter } from './body/message.ts';
import { DiscordError } from './discord-error.ts';
import type { InvalidRequests } from './rate-limit/invalid-requests.ts';
import type { RateLimits } from './rate-limit/rate-limits.ts';

export type ApiContext = {
  readonly limits: Limits;
  readonly world: World;
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly book: InteractionBook;
  readonly writer: MessageWriter;
  readonly rateLimits: RateLimits;
  readonly invalidRequests: InvalidRequests;
  readonly gatewayUrl: () => string;
  readonly sessionStartLimit: (application: Application) => SessionStartLimit;
};

/** Whose token the request carries. @throws DiscordError 401 */
export function authenticate({ world }: ApiContext, request: Pick<FastifyRequest, 'headers'>): Application {
  const token = tokenOf(request);
  const application = world.applicationWithToken(token);
  if (application) return application;
  const sent = (request.headers.authorization ?? '').replace(/^(Bot|Bearer)(?: |$)/, '');
  const mayBeReal = sent !== '' && !isMarkedToken(sent);
  throw new DiscordError(401, 0, mayBeReal ? `401: Unauthorized. ${unmarkedTokenReason}` : '401: Unauthorized');
}

export const tokenOf = (request: Pick<FastifyRequest, 'headers'>): string =>
  /^Bot (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
