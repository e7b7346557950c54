import { deflateSync } from 'node:zlib';
import type { WebSocket } from 'ws';
import type { Timer } from '../clock.ts';
import type { FaultOf } from '../faults/fault.ts';
import type { Fact } from '../ledger/entry.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Limits } from '../limits.ts';
import type { ClientPayload } from './client-payload.ts';
import { closeCode, decode, op } from './client-payload.ts';
import { RateWindow } from './rate-window.ts';
import type { NumberedDispatch } from './replay-buffer.ts';
import type { Session } from './session.ts';
import type { WireOptions } from './wire.ts';
import { Wire } from './wire.ts';

export type ConnectionOptions = WireOptions & {
  readonly id: string;
  readonly limits: Limits;
  readonly ledger: Ledger;
  /** The gateway node that it was opened to. */
  readonly node: number;
  readonly onPayload: (connection: Connection, payload: ClientPayload) => void;
  /** Once, when the connection ended, whoever ended it. */
  readonly onEnd: (connection: Connection, code: number) => void;
};

/** Whether a dispatch left at once, waits for a thaw, or stays in the session alone because the connection ended. */
export type HandedOver = 'sent' | 'withheld' | 'buffered';
type Part = FaultOf<'freeze'>['part'];
type Outgoing = { readonly frame: string; readonly numbered: NumberedDispatch | null; readonly part: Part };

/** After so many intervals without a heartbeat a client is cut off. Discord documents no number. */
const missedHeartbeats = 2;
/** Neither JSON nor any compressed data, with the end of a zlib message. */
const undecodable = Buffer.from('deadbeefdeadbeef0000ffff', 'hex');
/** Payload compression leaves smaller frames alone. Discord documents no number. */
const packedLength = 1_024;
/** Frames beyond this are not even read to the end; those between it and `payloadBytes` get Discord's 4002. */
export const largestFrameBytes = 1024 * 1024;

/**
 * One WebSocket: frames in and out, the limits on what a client sends, its heartbeat, and the one `close` entry of its
 * life. It ends in the ledger when the emulator decides to end it, not when the client agrees.
 */
export class Connection {
  readonly id: string;
  readonly node: number;
  session: Session | null = null;
  readonly #socket: WebSocket;
  readonly #wire: Wire;
  readonly #options: ConnectionOptions;
  readonly #withheld: Outgoing[] = [];
  /** Sent all at once, so no fault of the client when they wait; bounded by what a session remembers. */
  #replayedBytes = 0;
  readonly #frozen = new Set<Part>();
  #hasEnded = false;
  #heartbeatAtMs: number;
  #watch: Timer | null = null;
  #grace: Timer | null = null;
  #late: Timer | null = null;
  readonly #sends: RateWindow;

  constructor(options: ConnectionOptions) {
    this.id = options.id;
    this.node = options.node;
    this.#socket = options.socket;
    this.#wire = new Wire(options, () => this.session?.application.id);
    this.#options = options;
    this.#sends = new RateWindow(options.limits.sends, options.limits.sendWindowMs);
    this.#heartbeatAtMs = options.clock.monotonicMs();
    // A Buffer because binaryType is 'nodebuffer'.
    this.#socket.on('message', (data) => this.#wire.receive(data as Buffer, (bytes) => this.#onMessage(bytes)));
    // Broken WebSocket framing: the library has already closed the connection, with the code that RFC 6455 asks for.
    this.#socket.on('error', (error: Error & { code?: string }) => {
      const code = error.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH' ? closeCode.tooLarge : closeCode.protocolError;
      this.#end({ closeCode: code, by: 'server', reason: error.message });
    });
    this.#socket.on('close', (code) => {
      const isAbrupt = code === closeCode.abnormal;
      this.#end({ closeCode: code, by: isAbrupt ? 'peer lost' : 'client' });
    });
    this.record({ type: 'connect', node: `node-${this.node}`, compression: options.compression ?? undefined });
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Bytes that the client has not taken yet, as far as one can know. */
  get unreadBytes(): number {
    return this.#wire.unreadBytes;
  }

  record(fact: Fact): void {
    const { session } = this;
    this.#options.ledger.record({
      connectionId: this.id,
      ...(session && { applicationId: session.application.id, sessionId: session.id, shard: session.shard }),
      ...fact,
    });
  }

  /** Op 10, and the heartbeat is due from then on. */
  greet(delayMs = 0): void {
    const { clock, limits } = this.#options;
    if (delayMs > 0) {
      this.#late = clock.setTimer(clock.monotonicMs() + delayMs, () => this.greet());
      return;
    }
    const { heartbeatIntervalMs } = limits;
    this.send(op.hello, { heartbeat_interval: heartbeatIntervalMs });
    this.record({ type: 'hello' });
    this.#awaitHeartbeat();
  }

  heartbeat(): void {
    this.#heartbeatAtMs = this.#options.clock.monotonicMs();
    this.send(op.heartbeatAck, null);
  }

  /** Op 1: the client has to answer with a heartbeat at once. */
  requestHeartbeat(): void {
    this.send(op.heartbeat, null);
  }

  /**
   * "If your app fails to send a heartbeat event in time, your connection will be closed and you will be forced to Resume"
   * (gateway documentation, Heartbeat Interval): the session stays.
   */
  #awaitHeartbeat(): void {
    const { clock, limits } = this.#options;
    const dueMs = this.#heartbeatAtMs + limits.heartbeatIntervalMs * missedHeartbeats;
    const judge = () => {
      if (this.#hasEnded) return;
      if (clock.monotonicMs() < this.#heartbeatAtMs + limits.heartbeatIntervalMs * missedHeartbeats)
        this.#awaitHeartbeat();
      else this.close(closeCode.sessionTimedOut, 'Session timed out: no heartbeat.');
    };
    // A stalled emulator finds timers due before it has read what arrived meanwhile: one whole turn of the loop to read it.
    this.#watch = clock.setTimer(dueMs, () => setImmediate(() => setImmediate(judge)));
  }

  send(code: number, data: unknown): void {
    const part = code === op.heartbeatAck ? 'acks' : 'all';
    this.#put({ frame: JSON.stringify({ t: null, s: null, op: code, d: data }), numbered: null, part });
  }

  dispatch(numbered: NumberedDispatch): HandedOver {
    const { event, sequence, data } = numbered;
    const frame = `{"t":"${event}","s":${sequence},"op":0,"d":${data}}`;
    return this.#put({ frame, numbered, part: 'dispatches' });
  }

  #put(outgoing: Outgoing): HandedOver {
    const { limits } = this.#options;
    if (this.#wire.unreadBytes > limits.unreadBytes + this.#replayedBytes)
      this.drop(`the client left more than ${limits.unreadBytes} bytes unread`);
    if (this.#withheld.length >= limits.replayEvents) this.drop('too much was withheld while frozen');
    if (this.#hasEnded) return 'buffered';
    if (this.#frozen.has('all') || this.#frozen.has(outgoing.part)) {
      this.#withheld.push(outgoing);
      return 'withheld';
    }
    if (outgoing.numbered) this.#dispatch(outgoing.frame);
    else this.#wire.send(outgoing.frame);
    return 'sent';
  }

  #dispatch(frame: string): void {
    const how = this.#options.injector.take('corrupt', { applicationId: this.session?.application.id })?.fault.how;
    if (how === 'cut') {
      this.#end({ closeCode: closeCode.abnormal, by: 'server', reason: 'cut in the middle of a frame by a fault' });
      this.#wire.cut(frame);
    } else if (how === 'bad-compression') this.#wire.send(undecodable);
    else this.#wire.send(this.#packed(how === 'bad-json' ? frame.slice(0, Math.ceil(frame.length / 2)) : frame));
  }

  /** Payload compression: each large dispatch for itself. A stream that is compressed as a whole switches it off. */
  #packed(frame: string): string | Buffer {
    const isPacked = this.session?.compress && this.#options.compression === null && frame.length >= packedLength;
    return isPacked ? deflateSync(frame) : frame;
  }

  /** That part leaves no more, or nothing at all; what arrives is still read. A zombie connection. */
  freeze(part: Part = 'all'): void {
    this.#frozen.add(part);
  }

  /** What was withheld leaves, in order. */
  thaw(part?: Part): void {
    if (part) this.#frozen.delete(part);
    else this.#frozen.clear();
    for (const outgoing of this.#withheld.splice(0)) {
      if (outgoing.numbered) this.replay(outgoing.numbered);
      else this.#put(outgoing);
    }
  }

  /** Dispatches leave that much later, READY among them. */
  delayDispatches(delayMs: number): void {
    const { clock } = this.#options;
    this.freeze('dispatches');
    this.#late = clock.setTimer(clock.monotonicMs() + delayMs, () => this.thaw('dispatches'));
  }

  /** Sends what was kept back before. */
  replay(numbered: NumberedDispatch): void {
    this.#replayedBytes += Buffer.byteLength(numbered.data);
    if (this.dispatch(numbered) === 'sent')
      this.record({ type: 'replay', event: numbered.event, sequence: numbered.sequence });
  }

  /** Op 7; the emulator closes the connection itself when the client does not. */
  askToReconnect(): void {
    const { clock, limits } = this.#options;
    this.send(op.reconnect, null);
    this.record({ type: 'reconnect' });
    this.#grace?.cancel();
    this.#grace = clock.setTimer(clock.monotonicMs() + limits.reconnectGraceMs, () =>
      this.close(closeCode.unknownError, 'Asked to reconnect and did not.'),
    );
  }

  close(code: number, reason: string): void {
    if (this.#hasEnded) return;
    this.#wire.close(code, reason);
    this.#end({ closeCode: code, by: 'server', reason });
  }

  /** Ends TCP without a close frame. */
  drop(reason: string): void {
    if (this.#hasEnded) return;
    this.#end({ closeCode: closeCode.abnormal, by: 'server', reason });
    this.#socket.terminate();
  }

  #end(fact: Omit<Fact, 'type'> & { readonly closeCode: number }): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#watch?.cancel();
    this.#grace?.cancel();
    this.#late?.cancel();
    this.record({ type: 'close', ...fact });
    this.#options.onEnd(this, fact.closeCode);
  }

  #onMessage(bytes: Buffer): void {
    if (this.#hasEnded) return;
    const { clock, limits, onPayload } = this.#options;
    const payload = bytes.length > limits.payloadBytes ? null : decode(bytes.toString());
    this.record({ type: 'send', op: payload?.op });
    if (!this.#sends.take(clock.monotonicMs())) this.close(closeCode.rateLimited, 'You are being rate limited.');
    else if (payload === null) this.close(closeCode.decodeError, 'Error while decoding payload.');
    else onPayload(this, payload);
  }
}
