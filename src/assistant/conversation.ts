export type Turn = { readonly role: 'user' | 'assistant'; readonly content: string };

const maxChannels = 50;
/** Some 6,000 tokens; also what keeps the memory of all channels together below a few megabytes. */
const maxCharacters = 24_000;

/** What was said lately in each channel. The channels that were quiet for longest are forgotten first. */
export class Conversations {
  readonly #maxTurns: number;
  /** In order of use. */
  readonly #channels = new Map<string, readonly Turn[]>();

  constructor(maxTurns: number) {
    this.#maxTurns = maxTurns;
  }

  of(channel: string): readonly Turn[] {
    return this.#channels.get(channel) ?? [];
  }

  add(channel: string, question: string, answer: string): void {
    const added: readonly Turn[] = [
      { role: 'user', content: question },
      { role: 'assistant', content: answer },
    ];
    const turns = this.#bounded([...this.of(channel), ...added]);
    this.#channels.delete(channel);
    if (turns.length > 0) this.#channels.set(channel, turns);
    const [oldest] = this.#channels.keys();
    if (this.#channels.size > maxChannels && oldest !== undefined) this.#channels.delete(oldest);
  }

  /** False when there was nothing to forget. */
  forget(channel: string): boolean {
    return this.#channels.delete(channel);
  }

  /** The newest turns within both limits; never an answer without its question. */
  #bounded(turns: readonly Turn[]): readonly Turn[] {
    let from = turns.length;
    let characters = 0;
    for (let next = turns.length - 2; next >= 0; next -= 2) {
      characters += lengthOf(turns[next]) + lengthOf(turns[next + 1]);
      if (turns.length - next > this.#maxTurns || characters > maxCharacters) break;
      from = next;
    }
    return turns.slice(from);
  }
}

const lengthOf = (turn: Turn | undefined): number => turn?.content.length ?? 0;
