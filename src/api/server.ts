import fastify, { type FastifyBaseLogger, type FastifyInstance, type FastifyReply, LogController } from 'fastify';
import { DroasError } from '../core/errors.ts';
import type { Problem } from '../protocol/api.ts';
import type { Fleet } from '../runtime/fleet.ts';
import { toProblem } from './problem.ts';
import { botRoutes } from './routes/bots.ts';
import { eventRoutes } from './routes/events.ts';
import { logRoutes } from './routes/logs.ts';
import { supervisorRoutes } from './routes/supervisor.ts';
import { clearWay, makePrivate } from './socket.ts';
import { type StreamLimits, Streams, streamLimits } from './sse.ts';

const maxBodyBytes = 256 * 1024;

/** What routes work with. */
export type ApiContext = {
  readonly fleet: Fleet;
  readonly streams: Streams;
  /** Aborted when the server goes away: whoever waits answers with what there is. */
  readonly closing: AbortSignal;
};

export interface Api {
  /** Listens on a Unix socket that only its owner may use. @throws DroasError ALREADY_RUNNING, NOT_ALLOWED, STATE_UNWRITABLE */
  listen(socketPath: string): Promise<void>;
  /** Accepts nothing new, ends streams and waits, lets answers under way finish, removes the socket. */
  close(): Promise<void>;
  readonly inject: FastifyInstance['inject'];
}

/** The REST interface of a fleet. Thin: validates, calls the fleet, shapes the answer. */
export function createApi(options: { fleet: Fleet; logger?: FastifyBaseLogger; limits?: StreamLimits }): Api {
  const closing = new AbortController();
  const streams = new Streams(options.limits ?? streamLimits);
  const context: ApiContext = { fleet: options.fleet, streams, closing: closing.signal };
  const app: FastifyInstance = fastify({
    ...(options.logger === undefined ? {} : { loggerInstance: options.logger }),
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: maxBodyBytes,
    exposeHeadRoutes: false,
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    frameworkErrors: (error, _request, reply) => {
      refuse(reply as FastifyReply, toProblem(error));
    },
  });
  app.removeContentTypeParser('text/plain');
  app.setErrorHandler((error, request, reply) => {
    const problem = toProblem(error);
    if (problem.code === 'INTERNAL')
      request.log.error({ err: error, url: request.url }, 'a request failed unexpectedly');
    return refuse(reply, problem);
  });
  app.setNotFoundHandler((request) => {
    throw new DroasError('NOT_FOUND', `There is no ${request.method} ${request.url.slice(0, 200)}.`, {
      remedy: 'The interface lies under /api/v1.',
    });
  });
  app.addHook('preClose', async () => {
    closing.abort();
    streams.end();
  });
  supervisorRoutes(app, context);
  botRoutes(app, context);
  logRoutes(app, context);
  eventRoutes(app, context);

  return {
    async listen(socketPath) {
      await clearWay(socketPath);
      await app.listen({ path: socketPath });
      makePrivate(socketPath);
    },
    close: () => app.close(),
    inject: app.inject.bind(app) as FastifyInstance['inject'],
  };
}

const refuse = (reply: FastifyReply, problem: Problem): FastifyReply =>
  reply.code(problem.status).type('application/problem+json').send(problem);
