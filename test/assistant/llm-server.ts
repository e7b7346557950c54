import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Handle = (request: IncomingMessage, response: ServerResponse) => unknown;

/** One part of an answer, on the wire. */
export const chunk = (content: string, finishReason: string | null = null) =>
  `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content }, finish_reason: finishReason }] })}\n\n`;
export const done = `${chunk('', 'stop')}data: [DONE]\n\n`;

export function stream(response: ServerResponse): ServerResponse {
  return response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
}

/** A server that answers as the test says: to the n-th request (from 1 on) with the n-th handler, then with the last. */
export async function llmServer(...handlers: readonly [Handle, ...Handle[]]) {
  let asked = 0;
  const server = createServer((request, response) => {
    const handle = handlers[Math.min(asked++, handlers.length - 1)];
    void handle?.(request, response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    asked: () => asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
