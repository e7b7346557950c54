import type { Message, Original } from './model.ts';

const mostRemembered = 100_000;

/** What replies need of the messages that their channels no longer hold, without any text: the newest hundred thousand. */
export class ForgottenMessages {
  readonly #originals = new Map<string, Original & Pick<Message, 'channelId'>>();

  add({ id, channelId, author, counted }: Message): void {
    this.#originals.set(id, { id, channelId, author, counted });
    if (this.#originals.size <= mostRemembered) return;
    for (const oldest of this.#originals.keys()) {
      this.#originals.delete(oldest);
      break;
    }
  }

  find(channelId: string, id: string): Original | undefined {
    const original = this.#originals.get(id);
    return original?.channelId === channelId ? original : undefined;
  }
}
