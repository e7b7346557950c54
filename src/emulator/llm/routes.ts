import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Clock } from '../clock.ts';
import { pause } from '../faults/answering.ts';
import type { Injector } from '../faults/injector.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Completion, CompletionRequest, Prompt } from './completion.ts';
import { complete, completionRequest, echo, promptOf, saidIn } from './completion.ts';
import { splittable, troubled, troubleFor } from './faulty.ts';

export type LlmOptions = {
  /** The answer to a prompt; the last thing the user said, marked as synthetic, unless given. A throw becomes a 500. */
  readonly answer?: (prompt: Prompt) => string;
  /** Pause between two chunks of a stream; 10 ms by default. */
  readonly chunkDelayMs?: number;
};

export const emulatedModel = 'emulated-model';

const failure = (type: string, code: string | null, message: string) => ({
  error: { message, type, param: null, code },
});

/** An OpenAI-compatible endpoint (`/models`, `/chat/completions`) that any key opens and that runs no model. */
export const llmRoutes =
  (clock: Clock, ledger: Ledger, injector: Injector, options: LlmOptions) =>
  async (llm: FastifyInstance): Promise<void> => {
    const { answer = echo, chunkDelayMs = 10 } = options;
    let lastId = 0;

    llm.addHook('onSend', async (_request, reply) => {
      ledger.record({ type: 'llm', status: reply.statusCode });
    });
    llm.addHook('onRequest', async (request, reply) => {
      if (keyOf(request.headers) !== undefined) return;
      const message = 'You did not provide an API key. The emulator takes any, as "Authorization: Bearer …".';
      return reply.code(401).send(failure('invalid_request_error', 'invalid_api_key', message));
    });
    llm.setNotFoundHandler((request, reply) =>
      reply
        .code(404)
        .send(failure('invalid_request_error', null, `The emulator does not have ${request.method} here.`)),
    );
    llm.setErrorHandler((error: Error & { statusCode?: number }, _request, reply) => {
      const status = error.statusCode ?? 500;
      const type = status < 500 ? 'invalid_request_error' : 'server_error';
      return reply.code(status).send(failure(type, null, error.message));
    });

    llm.get('/models', () => ({
      object: 'list',
      data: [{ id: emulatedModel, object: 'model', created: 0, owned_by: 'droas-emulator' }],
    }));

    llm.post('/chat/completions', async (request, reply) => {
      const { data, error } = completionRequest.safeParse(request.body);
      if (!data) {
        const [issue] = error.issues;
        const message = `${issue?.path.join('.')}: ${issue?.message}`;
        return reply.code(400).send(failure('invalid_request_error', null, message));
      }
      const subject = { key: keyOf(request.headers), prompt: saidIn(promptOf(data)) };
      const refused = injector.take('llm-error', subject);
      if (refused) return refuse(reply, refused.fault);
      if (injector.take('llm-content-type', subject)) return reply.type('text/html; charset=utf-8').send(notTheModel);

      const trouble = troubleFor(injector, subject);
      const completion = complete(data, trouble.isSplit ? (prompt) => splittable(answer(prompt)) : answer);
      const common = {
        id: `chatcmpl-emulated-${++lastId}`,
        created: Math.floor(clock.wallMs() / 1000),
        model: data.model,
      };
      const pauseMs = trouble.tokenMs ?? chunkDelayMs;
      const wait = (tokens: number) => pause(clock, pauseMs * tokens, reply.raw);
      const parts = data.stream
        ? stream(completion, common, data, wait)
        : whole(completion, common, () => wait(trouble.tokenMs === null ? 0 : completion.pieces.length));
      // Half of the tokens: the first part of a stream has none, a whole answer is one part.
      const middle = data.stream ? 1 + (completion.pieces.length >> 1) : 0;
      const body = troubled(parts, middle, trouble, { clock, response: reply.raw, pauseMs: chunkDelayMs });
      return reply.type(data.stream ? 'text/event-stream' : 'application/json').send(Readable.from(body));
    });
  };

const keyOf = ({ authorization = '' }: { readonly authorization?: string | undefined }): string | undefined =>
  /^Bearer (\S.*)$/.exec(authorization)?.[1];

function refuse(
  reply: FastifyReply,
  { status, retryAfterMs }: { readonly status: number; readonly retryAfterMs?: number | undefined },
): FastifyReply {
  if (retryAfterMs !== undefined) reply.header('retry-after', String(Math.ceil(retryAfterMs / 1000)));
  const body =
    status === 429
      ? failure('requests', 'rate_limit_exceeded', 'Rate limit reached for requests.')
      : failure(status < 500 ? 'invalid_request_error' : 'server_error', null, `The emulator answers ${status}.`);
  return reply.code(status).send(body);
}

/** What a proxy or a login page in front of a model answers with. */
const notTheModel = '<!doctype html><title>Welcome</title><h1>This is not the model</h1>\n';

async function* whole(completion: Completion, common: object, wait: () => Promise<void>): AsyncGenerator<string> {
  await wait();
  const message = { role: 'assistant', content: completion.pieces.join(''), refusal: null };
  yield JSON.stringify({
    ...common,
    object: 'chat.completion',
    choices: [{ index: 0, message, logprobs: null, finish_reason: completion.finishReason }],
    usage: completion.usage,
  });
}

async function* stream(
  completion: Completion,
  common: object,
  request: CompletionRequest,
  wait: (tokens: number) => Promise<void>,
): AsyncGenerator<string> {
  const chunk = (more: object) =>
    `data: ${JSON.stringify({ ...common, object: 'chat.completion.chunk', ...more })}\n\n`;
  const choice = (delta: object, finishReason: string | null = null) =>
    chunk({ choices: [{ index: 0, delta, logprobs: null, finish_reason: finishReason }] });
  yield choice({ role: 'assistant', content: '', refusal: null });
  for (const content of completion.pieces) {
    await wait(1);
    yield choice({ content });
  }
  yield choice({}, completion.finishReason);
  if (request.stream_options?.include_usage) yield chunk({ choices: [], usage: completion.usage });
  yield 'data: [DONE]\n\n';
}
