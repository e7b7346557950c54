import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { OperationView } from '../../protocol/api.ts';
import { createBody, killBody, namePath, noQuery, parse, waitQuery } from '../input.ts';
import type { ApiContext } from '../server.ts';

/** Bots and what can be done to them. */
export function botRoutes(app: FastifyInstance, { fleet, closing }: ApiContext): void {
  const nameOf = (request: FastifyRequest) => parse(namePath, 'path', request.params).name;

  /**
   * Answers with the operation: 200 when it is finished, 202 when it is accepted and goes on. `?wait=30s` gives it that
   * long to finish; a caller who hangs up ends only the waiting.
   */
  const begin = async (request: FastifyRequest, reply: FastifyReply, order: () => Promise<OperationView>) => {
    const { wait } = parse(waitQuery, 'query', request.query);
    const accepted = await order();
    const operation = accepted.outcome === null && wait > 0 ? await outcome(accepted, wait, reply) : accepted;
    return reply
      .code(operation.outcome === null ? 202 : 200)
      .header('location', `/api/v1/operations/${operation.id}`)
      .send(operation);
  };

  const outcome = async (accepted: OperationView, timeoutMs: number, reply: FastifyReply): Promise<OperationView> => {
    const gone = new AbortController();
    const hangUp = () => gone.abort();
    reply.raw.once('close', hangUp);
    const signal = AbortSignal.any([gone.signal, closing]);
    try {
      return await fleet.settled(accepted.id, timeoutMs, signal);
    } catch (error) {
      if (signal.aborted) return fleet.operation(accepted.id);
      throw error;
    } finally {
      reply.raw.off('close', hangUp);
    }
  };

  app.get('/api/v1/bots', async (request) => {
    parse(noQuery, 'query', request.query);
    return { apiVersion: 'v1', items: fleet.bots() };
  });
  app.get('/api/v1/bots/:name', async (request) => {
    parse(noQuery, 'query', request.query);
    return fleet.bot(nameOf(request));
  });
  app.get('/api/v1/bots/:name/health', async (request) => {
    parse(noQuery, 'query', request.query);
    return fleet.health(nameOf(request));
  });
  app.post('/api/v1/bots', async (request, reply) => {
    const { name, spec } = parse(createBody, 'body', request.body);
    return begin(request, reply, () => fleet.create(name, spec));
  });
  app.delete('/api/v1/bots/:name', async (request, reply) =>
    begin(request, reply, () => fleet.remove(nameOf(request))),
  );
  for (const verb of ['start', 'stop', 'restart', 'reset'] as const) {
    app.post(`/api/v1/bots/:name/${verb}`, async (request, reply) =>
      begin(request, reply, () => fleet[verb](nameOf(request))),
    );
  }
  app.post('/api/v1/bots/:name/kill', async (request, reply) => {
    parse(noQuery, 'query', request.query);
    fleet.kill(nameOf(request), parse(killBody, 'body', request.body).signal);
    return reply.code(204).send();
  });
}
