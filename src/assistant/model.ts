import type { OpenAI } from 'openai';
import type { Turn } from './conversation.ts';
import type { Settings } from './settings.ts';

export type Message = Turn | { readonly role: 'system'; readonly content: string };

export type Model = {
  /** The answer in parts, as it comes. Ends the request when the caller stops reading or `signal` aborts. */
  answer(messages: readonly Message[], signal: AbortSignal): AsyncGenerator<string, void>;
};

/** The model said nothing for longer than it may. */
export class ModelSilent extends Error {
  override readonly name = 'ModelSilent';
}

const maxRetries = 1;

/** Any OpenAI-compatible endpoint. The library is loaded with the first question: a bot that is never asked saves it. */
export function createModel({ llm, llmKey }: Pick<Settings, 'llm' | 'llmKey'>): Model {
  let client: Promise<OpenAI> | undefined;
  const load = async () => {
    const { OpenAI } = await import('openai');
    // Endpoints without keys still want a header.
    return new OpenAI({
      apiKey: llmKey ?? 'none',
      baseURL: llm.baseUrl,
      maxRetries,
      timeout: llm.timeoutMs,
      logLevel: 'off',
    });
  };
  return {
    async *answer(messages, signal) {
      client ??= load();
      const { chat } = await client;
      const silence = silenceAfter(llm.timeoutMs);
      try {
        const stream = await chat.completions.create(
          {
            model: llm.model,
            messages: [...messages],
            temperature: llm.temperature,
            stream: true,
            ...lengthLimit(llm),
          },
          { signal: AbortSignal.any([signal, silence.signal]) },
        );
        for await (const { choices } of stream) {
          silence.postpone();
          const text = choices[0]?.delta?.content;
          if (text) yield text;
          if (choices[0]?.finish_reason === 'length') yield ' …';
        }
      } catch (error) {
        throw silence.signal.aborted ? new ModelSilent('the model fell silent', { cause: error }) : error;
      } finally {
        silence.end();
      }
      // The library ends an aborted stream as if it were complete.
      signal.throwIfAborted();
      if (silence.signal.aborted) throw new ModelSilent('the model fell silent');
    },
  };
}

/** OpenAI renamed the parameter and refuses the old name for its newer models; others know the old one only. */
function lengthLimit({ baseUrl, maxTokens }: Settings['llm']) {
  const isOpenAi = new URL(baseUrl).hostname === 'api.openai.com';
  return isOpenAi ? { max_completion_tokens: maxTokens } : { max_tokens: maxTokens };
}

function silenceAfter(timeoutMs: number) {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), timeoutMs);
  return { signal: controller.signal, postpone: () => timer.refresh(), end: () => clearTimeout(timer) };
}
