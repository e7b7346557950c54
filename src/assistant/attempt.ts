import type { APIError, OpenAI } from 'openai';
import { ModelFault, statusFault } from './model-fault.ts';
import { patience } from './patience.ts';
import { type Message, tokensOf } from './prompt.ts';
import type { Settings } from './settings.ts';
import { estimateTokens } from './tokens.ts';

/** What one attempt cost: the server's own numbers when it tells them, else estimates. */
export type Usage = { readonly prompt: number; readonly answer: number };

export type Question = {
  readonly llm: Settings['llm'];
  readonly messages: readonly Message[];
  /** Not every server knows how to be asked for its numbers; one that does not refuses the request. */
  readonly askForUsage: boolean;
  readonly signal: AbortSignal;
  /** The model has worked for us, also when its answer did not come to its end. */
  readonly spent: (usage: Usage) => void;
};

/**
 * Asks once. Yields the answer in parts, as it comes.
 * @throws ModelFault, or the reason of `signal` when that aborted
 */
export async function* attempt(client: OpenAI, question: Question): AsyncGenerator<string, void> {
  const { llm, messages, signal } = question;
  const silence = patience(llm.timeoutMs);
  const phase = { begun: false, complete: false };
  let text = '';
  let told: Usage | null = null;
  try {
    const { data: stream, response } = await client.chat.completions
      .create(requestOf(question), { signal: AbortSignal.any([signal, silence.signal]) })
      .withResponse();
    phase.begun = true;
    if (!isEventStream(response)) {
      stream.controller.abort();
      throw new ModelFault('garbled', { status: response.status });
    }
    for await (const chunk of stream) {
      silence.renew();
      // A server may leave out what its type promises.
      const { choices, usage } = (chunk ?? {}) as Partial<typeof chunk>;
      if (isCount(usage?.prompt_tokens) && isCount(usage.completion_tokens)) {
        told = { prompt: usage.prompt_tokens, answer: usage.completion_tokens };
      }
      const choice = choices?.[0];
      if (choice?.finish_reason) phase.complete = true;
      const content: unknown = choice?.delta?.content;
      const part = (typeof content === 'string' ? content : '') + (choice?.finish_reason === 'length' ? ' …' : '');
      text += part;
      if (part !== '') yield part;
    }
    // The library ends an aborted stream, and one that was cut, as if it were complete.
    if (!phase.complete) throw new ModelFault('cut');
  } catch (error) {
    signal.throwIfAborted();
    if (phase.complete) return;
    if (silence.signal.aborted) throw new ModelFault('silent', { cause: error });
    throw error instanceof ModelFault ? error : faultOf(error, phase.begun);
  } finally {
    silence.end();
    if (phase.begun) question.spent(told ?? { prompt: tokensOf(messages), answer: estimateTokens(text) });
  }
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

const requestOf = ({ llm, messages, askForUsage }: Question) => ({
  model: llm.model,
  messages: [...messages],
  temperature: llm.temperature,
  stream: true as const,
  ...(askForUsage ? { stream_options: { include_usage: true } } : {}),
  ...lengthLimit(llm),
});

/** OpenAI renamed the parameter and refuses the old name for its newer models; others know the old one only. */
function lengthLimit({ baseUrl, maxTokens }: Settings['llm']) {
  const isOpenAi = new URL(baseUrl).hostname === 'api.openai.com';
  return isOpenAi ? { max_completion_tokens: maxTokens } : { max_tokens: maxTokens };
}

const isEventStream = ({ headers }: Response): boolean =>
  /^text\/event-stream\b/i.test(headers.get('content-type') ?? 'text/event-stream');

/** Before an answer begins, what has no status never reached the server; afterwards the connection broke, or is used for something else. */
function faultOf(error: unknown, begun: boolean): ModelFault {
  const { status, headers, code } = error as Partial<APIError>;
  if (typeof status === 'number') return statusFault(status, headers, code, error);
  if (!begun) return new ModelFault('down', { cause: error });
  return new ModelFault(error instanceof SyntaxError ? 'garbled' : 'cut', { cause: error });
}
