import type { Transform } from 'node:stream';
import * as zlib from 'node:zlib';

/** What a client may ask for as `compress` when it connects. */
export type Compression = 'zlib-stream' | 'zstd-stream';

const streams: Readonly<Record<Compression, () => Transform>> = {
  'zlib-stream': () => zlib.createDeflate({ flush: zlib.constants.Z_SYNC_FLUSH }),
  'zstd-stream': () => zlib.createZstdCompress({ flush: zlib.constants.ZSTD_e_flush }),
};

export const isCompression = (name: string): name is Compression => Object.hasOwn(streams, name);

type Frame = { readonly bytes: number; readonly deliver: (compressed: Buffer) => void };

/**
 * Compresses all frames of one connection in one context, as transport compression does. Each frame leaves as one message
 * that is flushed, so that the client can read it without the next. That takes a while; the order stays.
 */
export class StreamEncoder {
  readonly #stream: Transform;
  /** Frames that are being compressed, and what is to be done between them. */
  readonly #line: (Frame | (() => void))[] = [];
  #chunks: Buffer[] = [];
  #waitingBytes = 0;

  constructor(compression: Compression) {
    this.#stream = streams[compression]();
    this.#stream.on('data', (chunk: Buffer) => this.#chunks.push(chunk));
  }

  /** Bytes that were given and are not compressed yet. */
  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  encode(frame: string, deliver: (compressed: Buffer) => void): void {
    const bytes = Buffer.from(frame);
    this.#waitingBytes += bytes.length;
    this.#line.push({ bytes: bytes.length, deliver });
    this.#stream.write(bytes, (error) => {
      if (!error) this.#deliver();
    });
  }

  #deliver(): void {
    const frame = this.#line.shift();
    const compressed = Buffer.concat(this.#chunks);
    this.#chunks = [];
    if (frame && typeof frame !== 'function') {
      this.#waitingBytes -= frame.bytes;
      frame.deliver(compressed);
    }
    for (let [next] = this.#line; typeof next === 'function'; [next] = this.#line) {
      this.#line.shift();
      next();
    }
  }

  /** Does it when everything that was given before has been delivered. */
  after(act: () => void): void {
    if (this.#line.length === 0) act();
    else this.#line.push(act);
  }

  close(): void {
    this.#stream.destroy();
  }
}
