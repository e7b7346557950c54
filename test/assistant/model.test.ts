import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { describe, it } from 'node:test';
import type { Usage } from '../../src/assistant/attempt.ts';
import { createModel } from '../../src/assistant/model.ts';
import { ModelFault, retryDelayMs, statusFault } from '../../src/assistant/model-fault.ts';
import type { Message } from '../../src/assistant/prompt.ts';
import { unlimited } from './live-assistant.ts';
import { chunk, done, type Handle, llmServer, stream } from './llm-server.ts';

const question: readonly Message[] = [{ role: 'user', content: 'why?' }];
const answered: Handle = (_, response) => stream(response).end(`${chunk('fine')}${done}`);
const fails =
  (status: number, headers: Record<string, string> = {}, body: object = {}): Handle =>
  (_, response) =>
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
/** Sends these pieces, each in a packet of its own, and leaves the end to `end`. */
const pieces =
  (end: (response: ServerResponse) => unknown, ...texts: readonly (string | Buffer)[]): Handle =>
  async (_, response) => {
    stream(response).flushHeaders();
    for (const text of texts) await new Promise((resolve) => response.write(text, resolve));
    await new Promise(setImmediate);
    end(response);
  };

/** A model that asks a server of the test. */
async function modelAt(
  { timeoutMs = 2_000, llmKey = 'k' as string | null },
  ...handlers: readonly [Handle, ...Handle[]]
) {
  const server = await llmServer(...handlers);
  const llm = { model: 'm', maxTokens: 7, temperature: 0.5, timeoutMs, budget: unlimited };
  const model = createModel({ llm: { ...llm, baseUrl: server.baseUrl }, llmKey });
  const usages: Usage[] = [];
  let begun = 0;
  const listener = { begun: () => void begun++, spent: (usage: Usage) => void usages.push(usage) };
  const answer = (signal: AbortSignal) => model.answer(question, signal, listener);
  return {
    answer,
    ask: () => Array.fromAsync(answer(new AbortController().signal)),
    /** What was said before it failed, and how. */
    async askInVain() {
      const said: string[] = [];
      try {
        for await (const part of answer(new AbortController().signal)) said.push(part);
      } catch (error) {
        assert.ok(error instanceof ModelFault, String(error));
        return { said: said.join(''), kind: error.kind, status: error.status };
      }
      return assert.fail(`it answered ${said.join('')}`);
    },
    check: () => model.check(),
    usages,
    begun: () => begun,
    asked: server.asked,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

describe('a model', () => {
  it('is asked with its parameters and its key, and answers in parts', async () => {
    let body = '';
    let authorization: string | undefined;
    await using model = await modelAt({}, async (request, response) => {
      authorization = request.headers.authorization;
      for await (const part of request) body += part;
      stream(response).end(`${chunk('one ')}${chunk('')}${chunk('two')}${done}`);
    });
    assert.deepEqual(await model.ask(), ['one ', 'two']);
    assert.equal(authorization, 'Bearer k');
    assert.deepEqual(JSON.parse(body), {
      model: 'm',
      messages: question,
      temperature: 0.5,
      stream: true,
      stream_options: { include_usage: true },
      max_tokens: 7,
    });
    assert.equal(model.begun(), 1);
  });

  it('without a key is asked nevertheless', async () => {
    let authorization: string | undefined;
    await using model = await modelAt({ llmKey: null }, (request, response) => {
      authorization = request.headers.authorization;
      response.writeHead(404).end();
    });
    assert.equal((await model.askInVain()).kind, 'refused');
    assert.equal(authorization, 'Bearer none');
  });

  it('says what an answer cost, or it is estimated', async () => {
    const usage = (value: unknown) => `data: ${JSON.stringify({ choices: [], usage: value })}\n\n`;
    const told = `${chunk('four')}${chunk('', 'stop')}${usage({ prompt_tokens: 40, completion_tokens: 2 })}data: [DONE]\n\n`;
    const nonsense = `${chunk('12345')}${usage({ prompt_tokens: -1, completion_tokens: 'x' })}${done}`;
    await using model = await modelAt(
      {},
      (_, response) => stream(response).end(told),
      (_, response) => stream(response).end(nonsense),
      fails(500),
    );
    await model.ask();
    await model.ask();
    // 4 bytes and a message's 4 tokens; 5 bytes.
    assert.deepEqual(model.usages, [
      { prompt: 40, answer: 2 },
      { prompt: 5, answer: 2 },
    ]);
  });

  it('that does not know how to be asked for numbers is asked without, from then on', async () => {
    const bodies: string[] = [];
    const strict: Handle = async (request, response) => {
      let body = '';
      for await (const part of request) body += part;
      bodies.push(body);
      if (body.includes('stream_options')) response.writeHead(422).end('{}');
      else stream(response).end(`${chunk('fine')}${done}`);
    };
    await using model = await modelAt({}, strict);
    assert.deepEqual(await model.ask(), ['fine']);
    assert.deepEqual(await model.ask(), ['fine']);
    assert.deepEqual(
      bodies.map((body) => body.includes('stream_options')),
      [true, false, false],
    );
  });

  it('that rejects one question is asked for numbers again with the next', async () => {
    const bodies: string[] = [];
    const picky: Handle = async (request, response) => {
      let body = '';
      for await (const part of request) body += part;
      bodies.push(body);
      response.writeHead(400).end('{}');
    };
    await using model = await modelAt({}, picky);
    assert.deepEqual(await model.askInVain(), { said: '', kind: 'rejected', status: 400 });
    await model.askInVain();
    assert.equal(bodies[2]?.includes('stream_options'), true);
    assert.equal(model.asked(), 4);
  });

  it('may take longer than its limit as long as it is never silent', async () => {
    await using model = await modelAt({ timeoutMs: 1_000 }, async (_, response) => {
      stream(response);
      for (let n = 0; n < 5; n++) {
        response.write(chunk('x'));
        await new Promise((resolve) => setTimeout(resolve, 250));
      }
      response.end(done);
    });
    assert.equal((await model.ask()).join(''), 'xxxxx');
  });

  it('is not listened to when the question was withdrawn', async () => {
    const withdrawn = new AbortController();
    await using model = await modelAt({}, (_, response) => stream(response).write(chunk('Well')));
    const parts = model.answer(withdrawn.signal);
    assert.deepEqual(await parts.next(), { done: false, value: 'Well' });
    withdrawn.abort();
    await assert.rejects(parts.next(), { name: 'AbortError' });
    assert.deepEqual(model.usages, [{ prompt: 5, answer: 1 }], 'what came is counted');
  });

  it('does not wait to try again when the question was withdrawn', async () => {
    const withdrawn = new AbortController();
    await using model = await modelAt({}, (_, response) => {
      response.writeHead(429, { 'retry-after': '15' }).end('{}', () => setTimeout(() => withdrawn.abort(), 50));
    });
    await assert.rejects(model.answer(withdrawn.signal).next(), { name: 'AbortError' });
  });

  it('whose reader stops is told to stop', async () => {
    const closed = Promise.withResolvers<void>();
    await using model = await modelAt({}, (_, response) => {
      stream(response).write(chunk('Well'));
      response.on('close', () => closed.resolve());
    });
    for await (const _ of model.answer(new AbortController().signal)) break;
    await closed.promise;
    assert.deepEqual(model.usages, [{ prompt: 5, answer: 1 }]);
  });
});

describe('a model that fails', { concurrency: true }, () => {
  const destroy = (response: ServerResponse) => response.destroy();
  const end = (response: ServerResponse) => response.end();

  it('before it said anything is asked again, and nobody notices', async () => {
    const failing: Readonly<Record<string, Handle>> = {
      'is busy': fails(429, { 'retry-after-ms': '1' }),
      'has an error of its own': fails(500),
      'is overloaded': fails(503),
      'took too long by its own clock': fails(408),
      'hangs up': (request) => request.socket.destroy(),
      'hangs up before its first word': pieces(destroy),
      'ends before its first word': pieces(end, chunk('')),
      'says that it has an error': pieces(end, `data: ${JSON.stringify({ error: { message: 'x' } })}\n\n`),
      'sends broken JSON': pieces(end, 'data: {"choices": [}\n\n'),
      'sends other JSON': pieces(end, 'data: 5\n\n', 'data: null\n\n', 'data: {"choices": "x"}\n\n'),
      'sends a web page': (_, response) => response.setHeader('content-type', 'text/html').end('<p>Log in</p>'),
    };
    await Promise.all(
      Object.entries(failing).map(async ([what, handle]) => {
        await using model = await modelAt({}, handle, answered);
        assert.deepEqual(await model.ask(), ['fine'], what);
        assert.equal(model.asked(), 2, what);
      }),
    );
  });

  it('three times is given up', async () => {
    const failing = [
      [fails(429, { 'retry-after': '0' }), 'busy', 429],
      [fails(502), 'down', 502],
      [pieces(destroy), 'cut', undefined],
      [pieces(end, 'data: {\n\n'), 'garbled', undefined],
      [(_, response) => response.setHeader('content-type', 'application/json').end('{}'), 'garbled', 200],
    ] as const satisfies readonly (readonly [Handle, string, number | undefined])[];
    await Promise.all(
      failing.map(async ([handle, kind, status]) => {
        await using model = await modelAt({}, handle);
        assert.deepEqual(await model.askInVain(), { said: '', kind, status });
        assert.equal(model.asked(), 3, kind);
      }),
    );
  });

  it('when nobody listens at its address is given up too', async () => {
    const { baseUrl, ...server } = await llmServer(answered);
    await server[Symbol.asyncDispose]();
    const llm = { baseUrl, model: 'm', maxTokens: 7, temperature: 0.5, timeoutMs: 1_000, budget: unlimited };
    const model = createModel({ llm, llmKey: null });
    const answer = model.answer(question, new AbortController().signal, { begun() {}, spent: () => assert.fail() });
    await assert.rejects(answer.next(), { kind: 'down', status: undefined });
    await assert.rejects(model.check(), { kind: 'down' });
  });

  it('in the middle keeps what it said, and is not asked again', async () => {
    const broken: readonly (readonly [Handle, string])[] = [
      [pieces(destroy, chunk('Well, ')), 'cut'],
      [pieces(end, chunk('Well, ')), 'cut'],
      [pieces(end, chunk('Well, '), 'data: [DONE]\n\n'), 'cut'],
      [pieces(end, chunk('Well, '), 'data: {"choi\n\n', chunk('more')), 'garbled'],
      [pieces(() => {}, chunk('Well, ')), 'silent'],
    ];
    for (const [handle, kind] of broken) {
      await using model = await modelAt({ timeoutMs: kind === 'silent' ? 1_000 : 10_000 }, handle, answered);
      assert.deepEqual(await model.askInVain(), { said: 'Well, ', kind, status: undefined });
      assert.equal(model.asked(), 1, kind);
      assert.deepEqual(model.usages, [{ prompt: 5, answer: 2 }]);
    }
  });

  it('by silence before its first word is not asked again: who waited so long is not made to wait another time', async () => {
    for (const handle of [() => {}, pieces(() => {}, ': still here\n\n')]) {
      await using model = await modelAt({ timeoutMs: 1_000 }, handle);
      assert.equal((await model.askInVain()).kind, 'silent');
      assert.equal(model.asked(), 1);
    }
  });

  it('after its last word has not failed', async () => {
    for (const last of [destroy, () => {}]) {
      await using model = await modelAt({ timeoutMs: 1_000 }, pieces(last, chunk('all'), chunk('', 'stop')));
      assert.deepEqual(await model.ask(), ['all']);
    }
  });

  it('by having nothing to say is not asked again', async () => {
    await using model = await modelAt({}, pieces(end, done));
    assert.equal((await model.askInVain()).kind, 'empty');
    assert.equal(model.asked(), 1);
  });

  it('until a person changes something is not asked again', async () => {
    const unpaid = { error: { code: 'insufficient_quota', message: 'x' } };
    for (const [status, body] of [
      [401, {}],
      [402, {}],
      [403, {}],
      [404, {}],
      [429, unpaid],
    ] as const) {
      await using model = await modelAt({}, fails(status, {}, body));
      assert.deepEqual(await model.askInVain(), { said: '', kind: 'refused', status });
      assert.equal(model.asked(), 1);
    }
  });

  it('that wants to be left alone for longer than people wait is left alone', async () => {
    await using model = await modelAt({}, fails(429, { 'retry-after': '21' }));
    assert.equal((await model.askInVain()).kind, 'busy');
    assert.equal(model.asked(), 1);
  });

  it('to send whole characters in one piece says the same', async () => {
    const bytes = Buffer.from(`${chunk('Grüße 😀')}${done}`);
    for (const character of ['ü', '😀']) {
      const at = bytes.indexOf(character) + 1;
      await using model = await modelAt({}, pieces(end, bytes.subarray(0, at), bytes.subarray(at)));
      assert.deepEqual(await model.ask(), ['Grüße 😀']);
    }
  });

  it('says in its fault nothing of what was said', async () => {
    await using model = await modelAt({}, fails(400, {}, { error: { message: 'you said: my diagnosis', code: 'x' } }));
    const error = await model.ask().catch((error: Error) => error);
    assert.ok(error instanceof ModelFault);
    assert.equal(error.message, 'the model is rejected');
  });
});

describe('the wait before another attempt', () => {
  const busy = (headers: Record<string, string>) => statusFault(429, new Headers(headers), undefined);

  it('grows, and is as long as the model asks', () => {
    assert.deepEqual(
      [1, 2].map((next) => retryDelayMs(new ModelFault('down'), next)),
      [500, 1_000],
    );
    assert.equal(retryDelayMs(busy({ 'retry-after': '3' }), 1), 3_000);
    assert.equal(retryDelayMs(busy({ 'retry-after': '0.2' }), 1), 500);
    assert.equal(retryDelayMs(busy({ 'retry-after-ms': '2500', 'retry-after': '9' }), 1), 2_500);
    assert.equal(retryDelayMs(busy({ 'retry-after': '20' }), 1), 20_000);
    assert.equal(retryDelayMs(busy({ 'retry-after': '20.1' }), 1), null);
    assert.equal(retryDelayMs(busy({ 'retry-after': 'soon' }), 1), 500);
    assert.equal(retryDelayMs(busy({ 'retry-after': '-5' }), 1), 500);
  });

  it('can be asked for as a date', () => {
    const wait = retryDelayMs(busy({ 'retry-after': new Date(Date.now() + 10_000).toUTCString() }), 1);
    assert.ok(wait !== null && wait > 8_000 && wait <= 10_000, `${wait} ms`);
    assert.equal(retryDelayMs(busy({ 'retry-after': new Date(0).toUTCString() }), 1), 500);
    assert.equal(retryDelayMs(busy({ 'retry-after': new Date(Date.now() + 3_600_000).toUTCString() }), 1), null);
  });
});

describe('a check', () => {
  const checked = async (handle: Handle) => {
    await using model = await modelAt({}, handle);
    return await model.check().then(
      () => null,
      (error: ModelFault) => [error.kind, error.status],
    );
  };

  it('asks for the list of models, with the key', async () => {
    const asked: unknown[] = [];
    await checked((request, response) => {
      asked.push(request.method, request.url, request.headers.authorization);
      response.end('{}');
    });
    assert.deepEqual(asked, ['GET', '/v1/models', 'Bearer k']);
  });

  it('finds a key that is not accepted, and an endpoint that is down', async () => {
    assert.equal(await checked(fails(200)), null);
    assert.equal(await checked(fails(404)), null, 'not every server has such a list');
    assert.equal(await checked(fails(429)), null);
    assert.deepEqual(await checked(fails(401)), ['refused', 401]);
    assert.deepEqual(await checked(fails(403)), ['refused', 403]);
    assert.deepEqual(await checked(fails(500)), ['down', 500]);
  });
});
