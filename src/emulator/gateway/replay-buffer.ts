/** A dispatch with its sequence; `data` is the serialised `d`, which many sessions share. */
export type NumberedDispatch = { readonly sequence: number; readonly event: string; readonly data: string };

/** Forgotten entries are cut off when there are so many of them, so that forgetting one costs nothing. */
const cutAfter = 1_024;

/** What a session has sent, for replay: bounded in number and in bytes, beyond which the oldest are forgotten. */
export class ReplayBuffer {
  readonly #most: number;
  readonly #mostBytes: number;
  #sent: NumberedDispatch[] = [];
  /** Where the first one that is not forgotten stands. */
  #start = 0;
  #bytes = 0;
  /** Highest sequence that was forgotten. */
  #forgotten = 0;

  constructor(most: number, mostBytes: number) {
    this.#most = most;
    this.#mostBytes = mostBytes;
  }

  get size(): number {
    return this.#sent.length - this.#start;
  }

  get bytes(): number {
    return this.#bytes;
  }

  add(dispatch: NumberedDispatch): void {
    this.#sent.push(dispatch);
    this.#bytes += Buffer.byteLength(dispatch.data);
    while (this.size > this.#most || this.#bytes > this.#mostBytes) this.#forgetOldest();
    if (this.#start < cutAfter || this.#start < this.size) return;
    this.#sent = this.#sent.slice(this.#start);
    this.#start = 0;
  }

  #forgetOldest(): void {
    const oldest = this.#sent[this.#start];
    if (!oldest) return;
    this.#sent[this.#start++] = forgotten;
    this.#bytes -= Buffer.byteLength(oldest.data);
    this.#forgotten = oldest.sequence;
  }

  /** What followed `sequence`; null when some of it is forgotten. */
  since(sequence: number): readonly NumberedDispatch[] | null {
    if (sequence < this.#forgotten) return null;
    return this.#sent.slice(this.#start).filter((dispatch) => dispatch.sequence > sequence);
  }

  /** Nothing up to that sequence can be replayed any more. */
  forgetUpTo(sequence: number): void {
    this.#sent = [];
    this.#start = 0;
    this.#bytes = 0;
    this.#forgotten = sequence;
  }
}

const forgotten: NumberedDispatch = { sequence: 0, event: '', data: '' };
