import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Clock } from '../clock.ts';
import { cutAfter, pause } from './answering.ts';
import type { FaultOf } from './fault.ts';
import type { Injector } from './injector.ts';
import { jittered } from './injector.ts';
import type { Subject } from './subject.ts';

type RestFaults = {
  readonly injector: Injector;
  readonly clock: Clock;
  readonly applicationIdOf: (request: FastifyRequest) => string | undefined;
};

/** Discord's REST API with the faults that are set for it. They act before the API looks at a request. */
export const withRestFaults =
  (api: (instance: FastifyInstance) => Promise<void>, { injector, clock, applicationIdOf }: RestFaults) =>
  async (instance: FastifyInstance): Promise<void> => {
    const subjectOf = (request: FastifyRequest): Subject => {
      const [path = ''] = request.url.slice(instance.prefix.length).split('?');
      return { applicationId: applicationIdOf(request), call: { method: request.method, path } };
    };

    instance.addHook('onRequest', async (request, reply) => {
      const subject = subjectOf(request);
      const late = injector.take('rest-latency', subject);
      if (late) await pause(clock, jittered(late), reply.raw);
      if (injector.take('rest-hang', subject)) return reply.hijack();
      const error = injector.take('rest-error', subject);
      if (error) return answer(reply, error.fault);
    });

    instance.addHook('onSend', async (request, reply, payload) => {
      const subject = subjectOf(request);
      const offset = injector.take('clock-offset', subject);
      if (offset) shiftResets(reply, offset.fault.offsetMs / 1000);
      const isCut = typeof payload === 'string' && payload.length > 1 && injector.take('rest-cut', subject) !== null;
      return isCut ? halfOf(payload, reply) : payload;
    });

    await api(instance);
  };

function answer(reply: FastifyReply, { status, scope, retryAfterMs, html }: FaultOf<'rest-error'>): FastifyReply {
  reply.code(status);
  const retryAfter = retryAfterMs / 1000;
  if (status === 429)
    reply.headers({
      'retry-after': String(Math.ceil(retryAfter)),
      'x-ratelimit-scope': scope,
      ...(scope === 'global' ? { 'x-ratelimit-global': 'true' } : {}),
    });
  if (html) return reply.type('text/html; charset=UTF-8').send(page(status));
  if (status === 429)
    return reply.send({
      message: 'You are being rate limited.',
      retry_after: retryAfter,
      global: scope === 'global',
    });
  return reply.send({ message: messages[status] ?? `${status}: Error`, code: status === 403 ? 50001 : 0 });
}

const messages: Readonly<Record<number, string>> = {
  400: '400: Bad Request',
  401: '401: Unauthorized',
  403: 'Missing Access',
  404: '404: Not Found',
  500: '500: Internal Server Error',
  502: '502: Bad Gateway',
  503: '503: Service Unavailable',
  504: '504: Gateway Timeout',
};

/** What a proxy in front of Discord answers with when Discord does not. */
const page = (status: number): string =>
  `<html>\r\n<head><title>${status}</title></head>\r\n<body>\r\n<center><h1>${status}</h1></center>\r\n<hr><center>cloudflare</center>\r\n</body>\r\n</html>\r\n`;

function shiftResets(reply: FastifyReply, bySeconds: number): void {
  for (const name of ['x-ratelimit-reset', 'x-ratelimit-reset-after']) {
    const value = reply.getHeader(name);
    if (value !== undefined) reply.header(name, Math.max(0, Number(value) + bySeconds).toFixed(3));
  }
}

/** Announces the whole, and is cut after half of it. */
function halfOf(payload: string, reply: FastifyReply): Readable {
  const bytes = Buffer.from(payload);
  reply.header('content-length', bytes.length);
  return Readable.from(cutAfter(bytes.subarray(0, bytes.length >> 1), reply.raw));
}
