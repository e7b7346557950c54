import type { FastifyInstance, FastifyRequest } from 'fastify';
import { applicationRoutes } from './application-routes.ts';
import type { ApiContext } from './context.ts';
import { authenticate, tokenOf } from './context.ts';
import { DiscordError } from './discord-error.ts';
import { interactionRoutes } from './interaction-routes.ts';
import { messageRoutes } from './message-routes.ts';

/** Deeper JSON is refused: writing it out again could exhaust the stack. */
const deepest = 100;
const isNestedBeyond = (levels: number, value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (levels === 0 || Object.values(value).some((inner) => isNestedBeyond(levels - 1, inner)));

/** The part of Discord's REST API that the emulator has, below whatever prefix it is registered. */
export const discordApi =
  (context: ApiContext) =>
  async (api: FastifyInstance): Promise<void> => {
    api.addHook('onSend', async (request, reply) => {
      // Without `via`, discord.py takes a 429 for a ban of the whole address.
      reply.header('via', '1.1 droas-emulator');
      context.ledger.record({
        type: 'rest',
        applicationId: context.world.applicationWithToken(tokenOf(request))?.id,
        method: request.method,
        route: request.is404 ? 'unknown' : request.routeOptions.url?.slice(api.prefix.length),
        status: reply.statusCode,
      });
    });

    api.setNotFoundHandler((_request, reply) => reply.code(404).send({ message: '404: Not Found', code: 0 }));
    api.setErrorHandler((error: Error & { statusCode?: number }, _request, reply) => {
      if (error instanceof DiscordError) return reply.code(error.status).send(error.body);
      const status = error.statusCode ?? 500;
      if (status === 413) return reply.code(413).send({ message: 'Request entity too large', code: 40005 });
      if (status === 415)
        return reply.code(400).send({ message: 'Invalid Content-Type: the emulator takes JSON only', code: 50035 });
      return reply
        .code(status)
        .send({ message: `${status}: ${status < 500 ? 'Bad Request' : 'Internal Server Error'}`, code: 0 });
    });

    api.removeAllContentTypeParsers();
    api.addContentTypeParser(
      'application/json',
      { parseAs: 'string' },
      async (_request: FastifyRequest, body: string) => {
        if (body === '') return undefined;
        try {
          const value: unknown = JSON.parse(body);
          if (isNestedBeyond(deepest, value)) throw new RangeError('too deep');
          return value;
        } catch {
          throw new DiscordError(400, 50109, 'The request body contains invalid JSON.');
        }
      },
    );

    api.get('/gateway', () => ({ url: context.gatewayUrl() }));
    api.get('/gateway/bot', (request) => {
      const application = authenticate(context, request);
      return { url: context.gatewayUrl(), shards: 1, session_start_limit: context.sessionStartLimit(application) };
    });
    applicationRoutes(api, context);
    messageRoutes(api, context);
    interactionRoutes(api, context);
  };
