import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import type { Clock } from '../clock.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Completion, CompletionRequest, Prompt } from './completion.ts';
import { complete, completionRequest, echo } from './completion.ts';

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
  (clock: Clock, ledger: Ledger, options: LlmOptions) =>
  async (llm: FastifyInstance): Promise<void> => {
    const { answer = echo, chunkDelayMs = 10 } = options;
    let lastId = 0;

    llm.addHook('onSend', async (_request, reply) => {
      ledger.record({ type: 'llm', status: reply.statusCode });
    });
    llm.addHook('onRequest', async (request, reply) => {
      if (/^Bearer \S/.test(request.headers.authorization ?? '')) return;
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

    llm.post('/chat/completions', (request, reply) => {
      const { data, error } = completionRequest.safeParse(request.body);
      if (!data) {
        const [issue] = error.issues;
        const message = `${issue?.path.join('.')}: ${issue?.message}`;
        return reply.code(400).send(failure('invalid_request_error', null, message));
      }
      const completion = complete(data, answer);
      const id = `chatcmpl-emulated-${++lastId}`;
      const common = { id, created: Math.floor(clock.wallMs() / 1000), model: data.model };
      if (data.stream)
        return reply
          .type('text/event-stream')
          .send(Readable.from(stream(completion, common, data, chunkDelayMs, clock)));
      const message = { role: 'assistant', content: completion.pieces.join(''), refusal: null };
      return {
        ...common,
        object: 'chat.completion',
        choices: [{ index: 0, message, logprobs: null, finish_reason: completion.finishReason }],
        usage: completion.usage,
      };
    });
  };

async function* stream(
  completion: Completion,
  common: object,
  request: CompletionRequest,
  chunkDelayMs: number,
  clock: Clock,
): AsyncGenerator<string> {
  const chunk = (more: object) =>
    `data: ${JSON.stringify({ ...common, object: 'chat.completion.chunk', ...more })}\n\n`;
  const choice = (delta: object, finishReason: string | null = null) =>
    chunk({ choices: [{ index: 0, delta, logprobs: null, finish_reason: finishReason }] });
  yield choice({ role: 'assistant', content: '', refusal: null });
  for (const content of completion.pieces) {
    await new Promise<void>((resolve) => clock.setTimer(clock.monotonicMs() + chunkDelayMs, resolve));
    yield choice({ content });
  }
  yield choice({}, completion.finishReason);
  if (request.stream_options?.include_usage) yield chunk({ choices: [], usage: completion.usage });
  yield 'data: [DONE]\n\n';
}
