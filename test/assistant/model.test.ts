import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import { createModel, type Message } from '../../src/assistant/model.ts';

const question: readonly Message[] = [{ role: 'user', content: 'why?' }];
const chunk = (content: string) => `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content } }] })}\n\n`;

type Handle = (request: IncomingMessage, response: ServerResponse) => unknown;

/** An endpoint that does what the test says, and a model that asks it. */
async function modelAt(handle: Handle, { timeoutMs = 2_000, llmKey = 'k' as string | null } = {}) {
  const server = createServer((request, response) => void handle(request, response)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  const model = createModel({ llm: { baseUrl, model: 'm', maxTokens: 7, temperature: 0.5, timeoutMs }, llmKey });
  const answer = (signal: AbortSignal) => model.answer(question, signal);
  return {
    answer,
    ask: () => Array.fromAsync(answer(new AbortController().signal)),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

describe('a model', () => {
  it('is asked with its parameters and its key, and answers in parts', async () => {
    let body = '';
    let authorization: string | undefined;
    await using model = await modelAt(async (request, response) => {
      authorization = request.headers.authorization;
      for await (const part of request) body += part;
      response.setHeader('content-type', 'text/event-stream');
      response.end(`${chunk('one ')}${chunk('')}${chunk('two')}data: [DONE]\n\n`);
    });
    assert.deepEqual(await model.ask(), ['one ', 'two']);
    assert.equal(authorization, 'Bearer k');
    assert.deepEqual(JSON.parse(body), {
      model: 'm',
      messages: question,
      temperature: 0.5,
      stream: true,
      max_tokens: 7,
    });
  });

  it('without a key is asked nevertheless', async () => {
    let authorization: string | undefined;
    await using model = await modelAt(
      (request, response) => {
        authorization = request.headers.authorization;
        response.writeHead(400).end();
      },
      { llmKey: null },
    );
    await assert.rejects(model.ask(), { status: 400 });
    assert.equal(authorization, 'Bearer none');
  });

  it('is asked twice when it is busy, not more', async () => {
    let asked = 0;
    await using model = await modelAt((_, response) => {
      asked++;
      response.writeHead(429, { 'retry-after-ms': '1' }).end('{}');
    });
    await assert.rejects(model.ask(), { status: 429 });
    assert.equal(asked, 2);
  });

  it('that falls silent, before or during its answer, is given up', async () => {
    for (const beginning of ['', chunk('Well')]) {
      await using model = await modelAt((_, response) => response.writeHead(200).write(beginning || ':\n'), {
        timeoutMs: 50,
      });
      await assert.rejects(model.ask(), { name: 'ModelSilent' });
    }
  });

  it('may take longer than its limit as long as it is never silent', async () => {
    await using model = await modelAt(
      async (_, response) => {
        for (let n = 0; n < 5; n++) {
          response.write(chunk('x'));
          await new Promise((resolve) => setTimeout(resolve, 250));
        }
        response.end('data: [DONE]\n\n');
      },
      { timeoutMs: 1_000 },
    );
    assert.equal((await model.ask()).join(''), 'xxxxx');
  });

  it('is not listened to when the question was withdrawn', async () => {
    const withdrawn = new AbortController();
    await using model = await modelAt((_, response) => response.write(chunk('Well')));
    const parts = model.answer(withdrawn.signal);
    assert.deepEqual(await parts.next(), { done: false, value: 'Well' });
    withdrawn.abort();
    await assert.rejects(parts.next(), { name: 'AbortError' });
  });
});
