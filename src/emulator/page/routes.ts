import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { files } from './files.ts';

const types: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
};

/** Bots and people write what they like: nothing runs, loads or leaves that is not the page's own. */
const headers = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-cache',
};

const send = (reply: FastifyReply, name: string): FastifyReply => {
  if (!Object.hasOwn(files, name)) return reply.code(404).send({ error: `the page has no file ${name}` });
  return reply
    .type(types[name.slice(name.lastIndexOf('.') + 1)] ?? 'text/plain')
    .headers(headers)
    .send(files[name]);
};

/** The page itself at `/`, what it is made of below `/page/`. */
export function pageRoutes(server: FastifyInstance): void {
  server.get('/', (_request, reply) => send(reply, 'index.html'));
  server.get('/page/:name', (request: FastifyRequest<{ Params: { name: string } }>, reply) =>
    send(reply, request.params.name),
  );
}
