import { estimateTokens, tokensPerMessage } from './tokens.ts';

export type Turn = { readonly role: 'user' | 'assistant'; readonly content: string };

/** A question with its answer: neither is remembered without the other. */
type Exchange = { readonly turns: readonly [Turn, Turn]; readonly tokens: number };

export type Limits = {
  /** Of one channel, questions and answers counted alike. */
  readonly messages: number;
  /** Of one channel. */
  readonly tokens: number;
  readonly channels: number;
};

/** What was said lately in each channel. Where it was quiet for longest is forgotten first. */
export class Conversations {
  readonly #limits: Limits;
  /** Oldest exchange first; channels in order of use. */
  readonly #channels = new Map<string, readonly Exchange[]>();

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  /** The newest exchanges that fit into so many tokens. */
  of(channel: string, tokens: number): readonly Turn[] {
    return newest(this.#channels.get(channel) ?? [], this.#limits.messages, tokens).flatMap(({ turns }) => turns);
  }

  /** `answerTokens` as the model counted them, or null. */
  add(channel: string, question: string, answer: string, answerTokens: number | null): void {
    const exchange: Exchange = {
      turns: [
        { role: 'user', content: question },
        { role: 'assistant', content: answer },
      ],
      tokens: estimateTokens(question) + (answerTokens ?? estimateTokens(answer)) + 2 * tokensPerMessage,
    };
    const all = [...(this.#channels.get(channel) ?? []), exchange];
    const kept = newest(all, this.#limits.messages, this.#limits.tokens);
    this.#channels.delete(channel);
    if (kept.length > 0) this.#channels.set(channel, kept);
    const [quietest] = this.#channels.keys();
    if (this.#channels.size > this.#limits.channels && quietest !== undefined) this.#channels.delete(quietest);
  }

  /** False when there was nothing to forget. */
  forget(channel: string): boolean {
    return this.#channels.delete(channel);
  }
}

function newest(exchanges: readonly Exchange[], messages: number, tokens: number): readonly Exchange[] {
  let left = tokens;
  const tooMuch = exchanges.findLastIndex((exchange, index) => {
    left -= exchange.tokens;
    return left < 0 || 2 * (exchanges.length - index) > messages;
  });
  return exchanges.slice(tooMuch + 1);
}
