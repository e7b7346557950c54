import type { WebSocket } from 'ws';
import type { Clock } from '../clock.ts';
import type { Injector } from '../faults/injector.ts';
import { jittered } from '../faults/injector.ts';
import { Line } from '../faults/line.ts';
import type { Compression } from './stream-encoder.ts';
import { StreamEncoder } from './stream-encoder.ts';

/** Slow traffic moves once in so long. */
const pieceMs = 50;

export type WireOptions = {
  readonly socket: WebSocket;
  readonly clock: Clock;
  readonly injector: Injector;
  /** Of everything that is sent, in one context. */
  readonly compression: Compression | null;
};

/**
 * What lies between a connection and its client: compression if the client asked for it, and whatever faults make late or
 * slow. A slow frame leaves as a fragmented message, piece by piece; slow reading stops reading, so that the client's own
 * buffers fill.
 */
export class Wire {
  readonly #socket: WebSocket;
  readonly #injector: Injector;
  readonly #applicationId: () => string | undefined;
  readonly #down: Line;
  readonly #up: Line;
  readonly #encoder: StreamEncoder | null;
  /** Bytes that wait here to be sent. */
  #waiting = 0;

  constructor({ socket, clock, injector, compression }: WireOptions, applicationId: () => string | undefined) {
    this.#socket = socket;
    this.#injector = injector;
    this.#applicationId = applicationId;
    this.#encoder = compression && new StreamEncoder(compression);
    this.#down = new Line(clock);
    this.#up = new Line(clock);
    socket.once('close', () => {
      this.#down.clear();
      this.#up.clear();
      this.#encoder?.close();
    });
  }

  /** Bytes that the client has not taken yet, as far as one can know. */
  get unreadBytes(): number {
    return this.#socket.bufferedAmount + this.#waiting + (this.#encoder?.waitingBytes ?? 0);
  }

  /** Text is compressed on its way; bytes leave as they are. */
  send(frame: string | Buffer): void {
    if (this.#encoder && typeof frame === 'string')
      this.#encoder.encode(frame, (compressed) => this.#transmit(compressed));
    else this.#inOrder(() => this.#transmit(frame));
  }

  #inOrder(act: () => void): void {
    if (this.#encoder) this.#encoder.after(act);
    else act();
  }

  #transmit(frame: string | Buffer): void {
    const subject = { applicationId: this.#applicationId(), direction: 'down' } as const;
    const latency = this.#injector.take('latency', subject);
    const slow = this.#injector.take('slow', subject);
    if (latency || slow || !this.#down.isEmpty)
      this.#queue(frame, latency ? jittered(latency) : 0, slow?.fault.bytesPerSecond);
    else this.#socket.send(frame);
  }

  #queue(frame: string | Buffer, delayMs: number, bytesPerSecond?: number): void {
    const bytes = Buffer.from(frame);
    const pieceBytes = bytesPerSecond ? Math.max(1, Math.round((bytesPerSecond * pieceMs) / 1000)) : bytes.length;
    this.#waiting += bytes.length;
    for (let start = 0; start < bytes.length; start += pieceBytes) {
      const piece = bytes.subarray(start, start + pieceBytes);
      const fin = start + pieceBytes >= bytes.length;
      this.#down.push(delayMs, bytesPerSecond ? pieceMs : 0, () => {
        this.#waiting -= piece.length;
        this.#socket.send(piece, { fin, binary: typeof frame !== 'string' });
      });
    }
  }

  receive(bytes: Buffer, deliver: (bytes: Buffer) => void): void {
    const subject = { applicationId: this.#applicationId(), direction: 'up' } as const;
    const latency = this.#injector.take('latency', subject);
    const slow = this.#injector.take('slow', subject);
    if (slow) this.#socket.pause();
    const gapMs = slow ? (bytes.length * 1000) / slow.fault.bytesPerSecond : 0;
    this.#up.push(latency ? jittered(latency) : 0, gapMs, () => {
      if (this.#socket.isPaused && this.#up.isEmpty) this.#socket.resume();
      deliver(bytes);
    });
  }

  /** A close frame, after everything that was sent before it. */
  close(code: number, reason: string): void {
    this.#inOrder(() => this.#down.push(0, 0, () => this.#socket.close(code, reason)));
  }

  /** Half of a message, and TCP ends. */
  cut(frame: string | Buffer): void {
    const bytes = Buffer.from(frame);
    const half = bytes.subarray(0, Math.ceil(bytes.length / 2));
    const options = { fin: false, binary: typeof frame !== 'string' };
    this.#inOrder(() => this.#down.push(0, 0, () => this.#socket.send(half, options, () => this.#socket.terminate())));
  }
}
