/** Cuts a byte stream into lines, and never holds more than one line of `maxBytes`. */
export class LineReader {
  readonly #maxBytes: number;
  #parts: Buffer[] = [];
  #length = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** The lines that `chunk` completes, without their newline; then `overflow` when a line is longer than allowed. */
  *push(chunk: Buffer): Generator<string | typeof overflow> {
    let from = 0;
    for (;;) {
      const end = chunk.indexOf(newline, from);
      const piece = chunk.subarray(from, end === -1 ? undefined : end);
      if (this.#length + piece.length > this.#maxBytes) {
        yield overflow;
        return;
      }
      this.#parts.push(piece);
      this.#length += piece.length;
      if (end === -1) return;
      yield this.#take();
      from = end + 1;
    }
  }

  #take(): string {
    const line = Buffer.concat(this.#parts, this.#length).toString('utf8');
    this.#parts = [];
    this.#length = 0;
    return line;
  }
}

export const overflow = Symbol('overflow');
const newline = 0x0a;
