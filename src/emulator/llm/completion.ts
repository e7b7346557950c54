import { z } from 'zod';

const textPart = z.looseObject({ type: z.string(), text: z.string().optional() });

/** The part of OpenAI's request that the emulated model looks at. */
export const completionRequest = z.object({
  model: z.string().min(1),
  messages: z
    .array(z.looseObject({ role: z.string(), content: z.union([z.string(), z.array(textPart), z.null()]).optional() }))
    .min(1),
  stream: z.boolean().nullish(),
  stream_options: z.object({ include_usage: z.boolean().optional() }).nullish(),
  max_tokens: z.int().positive().nullish(),
  max_completion_tokens: z.int().positive().nullish(),
});
export type CompletionRequest = z.infer<typeof completionRequest>;

/** What a model is asked: roles and texts, in order. */
export type Prompt = readonly { readonly role: string; readonly text: string }[];

export const promptOf = (request: CompletionRequest): Prompt =>
  request.messages.map(({ role, content }) => ({
    role,
    text: typeof content === 'string' ? content : (content ?? []).map((part) => part.text ?? '').join(''),
  }));

/** The last thing that the user said. */
export const saidIn = (prompt: Prompt): string => prompt.findLast(({ role }) => role === 'user')?.text ?? '(nothing)';

/** Always the same for the same input, and nobody takes it for a model's. */
export const echo = (prompt: Prompt): string => `[emulated model] You said: ${saidIn(prompt)}`;

/** Words with their spaces: one "token" each. */
export const tokensOf = (text: string): readonly string[] => text.match(/\s*\S+|\s+$/g) ?? [];

export type Completion = {
  readonly pieces: readonly string[];
  readonly finishReason: 'stop' | 'length';
  readonly usage: { readonly prompt_tokens: number; readonly completion_tokens: number; readonly total_tokens: number };
};

/** The answer in the pieces in which it is streamed, cut at the number of tokens that was asked for. */
export function complete(request: CompletionRequest, answer: (prompt: Prompt) => string): Completion {
  const prompt = promptOf(request);
  const tokens = tokensOf(answer(prompt));
  const allowed = request.max_completion_tokens ?? request.max_tokens ?? Number.POSITIVE_INFINITY;
  const pieces = tokens.slice(0, allowed);
  const promptTokens = prompt.reduce((sum, { text }) => sum + tokensOf(text).length, 0);
  return {
    pieces,
    finishReason: tokens.length > pieces.length ? 'length' : 'stop',
    usage: {
      prompt_tokens: promptTokens,
      completion_tokens: pieces.length,
      total_tokens: promptTokens + pieces.length,
    },
  };
}
