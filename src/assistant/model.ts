import { setTimeout as sleep } from 'node:timers/promises';
import type { OpenAI } from 'openai';
import { attempt, type Usage } from './attempt.ts';
import { ModelFault, retryDelayMs, statusFault } from './model-fault.ts';
import { patience } from './patience.ts';
import type { Message } from './prompt.ts';
import type { Settings } from './settings.ts';

/** Who wants to know how an answer goes. */
export type AnswerListener = {
  /** The first part is there. */
  begun(): void;
  spent(usage: Usage): void;
};

export type Model = {
  /**
   * The answer in parts, as it comes. What fails before anything was said is tried again; what fails later is not, because
   * people have read it. Ends the request when the caller stops reading or `signal` aborts.
   * @throws ModelFault, or the reason of `signal`
   */
  answer(messages: readonly Message[], signal: AbortSignal, listener: AnswerListener): AsyncGenerator<string, void>;
  /** Whether the endpoint is there and accepts us, asked without cost. @throws ModelFault */
  check(): Promise<void>;
};

const maxAttempts = 3;
/** Of one answer, attempts included, however busy the model keeps itself meanwhile. */
const longestAnswerMs = 300_000;
const checkWithinMs = 10_000;
/** A server that does not know a parameter says one of these. */
const unknownParameter = new Set([400, 422]);

/** Any OpenAI-compatible endpoint. The library is loaded with the first question: a bot that is never asked saves it. */
export function createModel({ llm, llmKey }: Pick<Settings, 'llm' | 'llmKey'>): Model {
  // Endpoints without keys still want a header.
  const apiKey = llmKey ?? 'none';
  let client: Promise<OpenAI> | undefined;
  /** As far as we know. */
  let usageIsKnown = true;
  const load = async () => {
    const { OpenAI } = await import('openai');
    return new OpenAI({ apiKey, baseURL: llm.baseUrl, maxRetries: 0, timeout: longestAnswerMs, logLevel: 'off' });
  };

  return {
    async *answer(messages, withdrawn, listener) {
      client ??= load();
      const whole = patience(longestAnswerMs);
      const signal = AbortSignal.any([withdrawn, whole.signal]);
      let askForUsage = usageIsKnown;
      let said = false;
      try {
        for (let attempts = 1; ; attempts++) {
          try {
            const question = { llm, messages, askForUsage, signal, spent: listener.spent };
            for await (const part of attempt(await client, question)) {
              if (!said) listener.begun();
              said = true;
              yield part;
            }
            usageIsKnown = askForUsage;
            if (!said) throw new ModelFault('empty');
            return;
          } catch (error) {
            withdrawn.throwIfAborted();
            if (whole.signal.aborted) throw new ModelFault(said ? 'cut' : 'silent', { cause: error });
            if (!(error instanceof ModelFault) || said || attempts === maxAttempts) throw error;
            if (askForUsage && unknownParameter.has(error.status ?? 0)) {
              askForUsage = false;
              continue;
            }
            const delayMs = retryDelayMs(error, attempts);
            if (delayMs === null) throw error;
            await sleep(delayMs, undefined, { signal: withdrawn });
          }
        }
      } finally {
        whole.end();
      }
    },

    async check() {
      const response = await fetch(`${llm.baseUrl}/models`, {
        headers: { authorization: `Bearer ${apiKey}` },
        signal: AbortSignal.timeout(checkWithinMs),
      }).catch((cause) => {
        throw new ModelFault('down', { cause });
      });
      await response.body?.cancel();
      if (response.ok) return;
      const fault = statusFault(response.status, response.headers, undefined);
      // Not every server has this list; whoever answers is there.
      if (fault.kind === 'down' || response.status === 401 || response.status === 403) throw fault;
    },
  };
}
