import type { Transform } from 'node:stream';
import { constants, createInflate, createZstdDecompress, inflateSync } from 'node:zlib';
import { WebSocket } from 'ws';
import type { Emulator } from '../../src/emulator/index.ts';

// biome-ignore lint/suspicious/noExplicitAny: tests look into payloads of many shapes
export type Payload = { op: number; s: number | null; t: string | null; d: any };

/** GUILDS, GUILD_MESSAGES, DIRECT_MESSAGES. */
export const ordinaryIntents = (1 << 0) | (1 << 9) | (1 << 12);

const decompressors: ReadonlyMap<string | null, () => Transform> = new Map([
  ['zlib-stream', () => createInflate({ flush: constants.Z_SYNC_FLUSH })],
  ['zstd-stream', () => createZstdDecompress({ flush: constants.ZSTD_e_flush })],
]);

/** A gateway client that does nothing by itself: no heartbeat, no reconnect, no good manners. */
export class RawClient {
  readonly socket: WebSocket;
  readonly received: Payload[] = [];
  /** As they came: text, or compressed. */
  readonly frames: (string | Buffer)[] = [];
  readonly closed: Promise<number>;
  #read = 0;
  #wake: (() => void) | null = null;

  constructor(emulator: Emulator, query = '?v=10&encoding=json') {
    this.socket = new WebSocket(emulator.gatewayUrl + query);
    this.closed = new Promise((resolve) => {
      this.socket.on('close', (code) => {
        resolve(code);
        this.#wake?.();
      });
    });
    this.socket.on('error', () => {});
    const stream = decompressors.get(new URLSearchParams(query.slice(1)).get('compress'))?.();
    let chunks: Buffer[] = [];
    stream?.on('data', (chunk: Buffer) => chunks.push(chunk));
    this.socket.on('message', (data: Buffer, isBinary) => {
      this.frames.push(isBinary ? data : data.toString());
      if (stream)
        stream.write(data, () => {
          this.#take(Buffer.concat(chunks).toString());
          chunks = [];
        });
      else this.#take(isBinary ? inflateSync(data).toString() : data.toString());
    });
  }

  #take(text: string): void {
    this.received.push(JSON.parse(text));
    this.#wake?.();
  }

  /** The next payload that fits, skipping others. Fails when the connection closes first or nothing comes in 5 s. */
  async next(fits: (payload: Payload) => boolean): Promise<Payload> {
    const deadline = AbortSignal.timeout(5_000);
    for (;;) {
      while (this.#read < this.received.length) {
        const payload = this.received[this.#read++];
        if (payload && fits(payload)) return payload;
      }
      if (this.socket.readyState === WebSocket.CLOSED) throw new Error(`closed; received ${this.#story()}`);
      await new Promise<void>((resolve, reject) => {
        const onTimeout = () => reject(new Error(`nothing fits in ${this.#story()}`));
        deadline.addEventListener('abort', onTimeout, { once: true });
        this.#wake = () => {
          deadline.removeEventListener('abort', onTimeout);
          resolve();
        };
      });
    }
  }

  #story(): string {
    const latest = this.received.slice(-20);
    return `… ${latest.map(({ op, t, s }) => `${t ?? op}${s === null ? '' : `#${s}`}`).join(' ')}`;
  }

  op(code: number): Promise<Payload> {
    return this.next(({ op }) => op === code);
  }

  event(name: string): Promise<Payload> {
    return this.next(({ t }) => t === name);
  }

  send(op: number, d: unknown): void {
    this.socket.send(JSON.stringify({ op, d }));
  }

  async identify(token: string, fields: object = {}): Promise<void> {
    await this.op(10);
    this.send(2, { token, intents: ordinaryIntents, properties: {}, ...fields });
  }

  /** IDENTIFY, and READY's data. */
  async login(token: string, fields: object = {}): Promise<Payload['d']> {
    await this.identify(token, fields);
    return (await this.event('READY')).d;
  }

  /** HELLO, then RESUME. */
  async resume(token: string, sessionId: string, seq: number): Promise<void> {
    await this.op(10);
    this.send(6, { token, session_id: sessionId, seq });
  }

  /** Highest sequence received. */
  get sequence(): number {
    return Math.max(0, ...this.received.map(({ s }) => s ?? 0));
  }

  events(name: string): readonly Payload[] {
    return this.received.filter(({ t }) => t === name);
  }
}
