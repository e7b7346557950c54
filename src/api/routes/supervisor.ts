import type { FastifyInstance } from 'fastify';
import { noQuery, operationPath, parse, readyQuery, reloadQuery } from '../input.ts';
import type { ApiContext } from '../server.ts';

/** The supervisor itself: what it is, whether it is there, its configuration, its end. */
export function supervisorRoutes(app: FastifyInstance, { fleet, closing }: ApiContext): void {
  let leaving = false;

  /** The event loop turns. */
  app.get('/livez', async () => ({ status: 'ok' }));

  /** It takes orders. A bot that is down does not make its supervisor unready. */
  app.get('/readyz', async (request, reply) => {
    const { verbose } = parse(readyQuery, 'query', request.query);
    const ready = !leaving && !closing.aborted;
    reply.code(ready ? 200 : 503);
    return { status: ready ? 'ok' : 'leaving', ...(verbose ? { problems: fleet.info().problems } : {}) };
  });

  app.get('/api/v1/info', async (request) => {
    parse(noQuery, 'query', request.query);
    return fleet.info();
  });

  app.get('/api/v1/operations/:id', async (request) => {
    parse(noQuery, 'query', request.query);
    return fleet.operation(parse(operationPath, 'path', request.params).id);
  });

  app.post('/api/v1/config/reload', async (request) => fleet.reload(parse(reloadQuery, 'query', request.query).dryRun));

  app.post('/api/v1/shutdown', async (request, reply) => {
    parse(noQuery, 'query', request.query);
    leaving = true;
    fleet.shutdown();
    return reply.code(202).send({ status: 'leaving' });
  });
}
