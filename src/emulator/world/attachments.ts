import type { Limits } from '../limits.ts';
import type { Snowflakes } from './snowflake.ts';

/** A file that hangs on a message; its bytes lie apart. */
export type Attachment = {
  readonly id: string;
  readonly filename: string;
  readonly description: string | null;
  readonly contentType: string;
  readonly sizeBytes: number;
  readonly url: string;
};

export type NewFile = {
  readonly name: string;
  readonly description?: string | null;
  readonly contentType: string;
  readonly bytes: Uint8Array;
};

/** Discord keeps letters, digits and a few marks of a file's name. */
const safeName = (name: string): string => name.replaceAll(/[^\w.-]+/g, '_').slice(-100) || 'unknown';

/** The files of all messages. Bounded: beyond `attachmentsBytes` the oldest are forgotten. */
export class Attachments {
  readonly #ids: Snowflakes;
  readonly #limits: Limits;
  /** Where they can be read, such as `http://127.0.0.1:7430/attachments`. */
  readonly #base: () => string;
  readonly #files = new Map<string, { readonly attachment: Attachment; readonly bytes: Uint8Array }>();
  #heldBytes = 0;

  constructor(ids: Snowflakes, limits: Limits, base: () => string) {
    this.#ids = ids;
    this.#limits = limits;
    this.#base = base;
  }

  add(channelId: string, { name, description = null, contentType, bytes }: NewFile): Attachment {
    const id = this.#ids.next();
    const filename = safeName(name);
    const url = `${this.#base()}/${channelId}/${id}/${filename}`;
    const attachment: Attachment = { id, filename, description, contentType, sizeBytes: bytes.length, url };
    this.#files.set(id, { attachment, bytes });
    this.#heldBytes += bytes.length;
    for (const [oldestId, oldest] of this.#files) {
      if (this.#heldBytes <= this.#limits.attachmentsBytes) break;
      this.#files.delete(oldestId);
      this.#heldBytes -= oldest.bytes.length;
    }
    return attachment;
  }

  find(id: string): { readonly attachment: Attachment; readonly bytes: Uint8Array } | undefined {
    return this.#files.get(id);
  }
}
