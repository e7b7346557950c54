import type { FastifyInstance, FastifyRequest } from 'fastify';
import { jsonIn, parseForm } from './body/upload.ts';
import type { ApiContext } from './context.ts';
import { authenticate, tokenOf } from './context.ts';
import { DiscordError } from './discord-error.ts';
import { guard, turnAway } from './guard.ts';
import { allRoutes } from './routes/all.ts';

/** What Discord recommends; a shard may have more. */
const guildsPerShard = 1_000;

/** The part of Discord's REST API that the emulator has, below whatever prefix it is registered. */
export const discordApi =
  (context: ApiContext) =>
  async (api: FastifyInstance): Promise<void> => {
    const banned = new WeakSet<FastifyRequest>();
    const routeOf = (request: FastifyRequest): string | null =>
      request.is404 ? null : (request.routeOptions.url?.slice(api.prefix.length) ?? null);

    api.addHook('onRequest', async (request, reply) => {
      if (context.invalidRequests.bannedForMs(request.ip) > 0) {
        banned.add(request);
        return turnAway(context, request, reply);
      }
      guard(context, request, reply, routeOf(request));
    });

    api.addHook('onSend', async (request, reply) => {
      const { statusCode: status } = reply;
      const isBanned = banned.has(request);
      const scope = isBanned ? 'address' : scopeOf(reply.getHeader('x-ratelimit-scope'));
      // Without `via`, discord.py takes a 429 for a ban of the whole address.
      if (!isBanned) {
        reply.header('via', '1.1 droas-emulator');
        context.invalidRequests.count(request.ip, status, scope);
      }
      // As Discord says it, with no charset: discord.py and oceanic.js compare the whole header.
      if (String(reply.getHeader('content-type')).startsWith('application/json'))
        reply.header('content-type', 'application/json');
      context.ledger.record({
        type: 'rest',
        applicationId: context.world.applicationWithToken(tokenOf(request))?.id,
        method: request.method,
        route: routeOf(request) ?? 'unknown',
        status,
        scope,
      });
    });

    api.setNotFoundHandler((_request, reply) => reply.code(404).send({ message: '404: Not Found', code: 0 }));
    api.setErrorHandler((error: Error & { statusCode?: number }, _request, reply) => {
      if (error instanceof DiscordError) return reply.code(error.status).send(error.body);
      const status = error.statusCode ?? 500;
      if (status === 413) return reply.code(413).send({ message: 'Request entity too large', code: 40005 });
      if (status === 415)
        return reply
          .code(400)
          .send({ message: 'Invalid Content-Type: takes JSON or multipart/form-data', code: 50035 });
      return reply
        .code(status)
        .send({ message: `${status}: ${status < 500 ? 'Bad Request' : 'Internal Server Error'}`, code: 0 });
    });

    api.removeAllContentTypeParsers();
    api.addContentTypeParser(
      'application/json',
      { parseAs: 'string' },
      async (_request: FastifyRequest, body: string) => jsonIn(body),
    );
    api.addContentTypeParser(
      'multipart/form-data',
      { parseAs: 'buffer', bodyLimit: context.limits.uploadBytes },
      (request: FastifyRequest, body: Buffer<ArrayBuffer>) => parseForm(request.headers['content-type'] ?? '', body),
    );

    api.get('/gateway', () => ({ url: context.gatewayUrl() }));
    api.get('/gateway/bot', (request) => {
      const application = authenticate(context, request);
      return {
        url: context.gatewayUrl(),
        shards: Math.max(1, Math.ceil(application.guildIds.length / guildsPerShard)),
        session_start_limit: context.sessionStartLimit(application),
      };
    });
    for (const routes of allRoutes) routes(api, context);
  };

const scopes = ['user', 'global', 'shared'] as const;
const scopeOf = (header: unknown): (typeof scopes)[number] | undefined => scopes.find((scope) => scope === header);
