import type { RawData, WebSocket } from 'ws';
import type { Clock, Timer } from '../clock.ts';
import type { Fact } from '../ledger/entry.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Limits } from '../limits.ts';
import type { ClientPayload } from './client-payload.ts';
import { closeCode, decode, op } from './client-payload.ts';
import type { NumberedFrame, Session } from './session.ts';

export type ConnectionOptions = {
  readonly id: string;
  readonly socket: WebSocket;
  readonly clock: Clock;
  readonly limits: Limits;
  readonly ledger: Ledger;
  readonly onPayload: (connection: Connection, payload: ClientPayload) => void;
  /** Once, when the connection ended, whoever ended it. */
  readonly onEnd: (connection: Connection, code: number) => void;
};

/** Whether a dispatch left at once, waits for a thaw, or stays in the session alone because the connection ended. */
export type HandedOver = 'sent' | 'withheld' | 'buffered';
type Outgoing = { readonly frame: string; readonly numbered: NumberedFrame | null };

/** After so many intervals without a heartbeat a client is cut off. Discord documents no number. */
const missedHeartbeats = 2;
/** Frames beyond this are not even read to the end; those between it and `payloadBytes` get Discord's 4002. */
export const largestFrameBytes = 1024 * 1024;

/**
 * One WebSocket: frames in and out, the limits on what a client sends, its heartbeat, and the one `close` entry of its
 * life. It ends in the ledger when the emulator decides to end it, not when the client agrees.
 */
export class Connection {
  readonly id: string;
  session: Session | null = null;
  readonly #socket: WebSocket;
  readonly #options: ConnectionOptions;
  readonly #withheld: Outgoing[] = [];
  /** Sent all at once, so no fault of the client when they wait; bounded by what a session remembers. */
  #replayedBytes = 0;
  #isFrozen = false;
  #hasEnded = false;
  #heartbeatAtMs: number;
  #watch: Timer | null = null;
  #grace: Timer | null = null;
  #window = { startsMs: Number.NEGATIVE_INFINITY, sent: 0 };

  constructor(options: ConnectionOptions) {
    this.id = options.id;
    this.#socket = options.socket;
    this.#options = options;
    this.#heartbeatAtMs = options.clock.monotonicMs();
    this.#socket.on('message', (data) => this.#onMessage(data));
    // Broken WebSocket framing: the library has already closed the connection, with the code that RFC 6455 asks for.
    this.#socket.on('error', (error: Error & { code?: string }) => {
      const code = error.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH' ? closeCode.tooLarge : closeCode.protocolError;
      this.#end({ closeCode: code, by: 'server', reason: error.message });
    });
    this.#socket.on('close', (code) => {
      const isAbrupt = code === closeCode.abnormal;
      this.#end({ closeCode: code, by: isAbrupt ? 'peer lost' : 'client' });
    });
    this.record({ type: 'connect' });
  }

  record(fact: Fact): void {
    const { session } = this;
    this.#options.ledger.record({
      connectionId: this.id,
      ...(session && { applicationId: session.application.id, sessionId: session.id, shard: session.shard }),
      ...fact,
    });
  }

  /** Op 10, and the heartbeat is due from now on. */
  greet(): void {
    const { heartbeatIntervalMs } = this.#options.limits;
    this.send(op.hello, { heartbeat_interval: heartbeatIntervalMs });
    this.record({ type: 'hello' });
    this.#awaitHeartbeat();
  }

  heartbeat(): void {
    this.#heartbeatAtMs = this.#options.clock.monotonicMs();
    this.send(op.heartbeatAck, null);
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
    this.#put({ frame: JSON.stringify({ t: null, s: null, op: code, d: data }), numbered: null });
  }

  dispatch(numbered: NumberedFrame): HandedOver {
    return this.#put({ frame: numbered.frame, numbered });
  }

  #put(outgoing: Outgoing): HandedOver {
    const { limits } = this.#options;
    if (this.#socket.bufferedAmount > limits.unreadBytes + this.#replayedBytes)
      this.drop(`the client left more than ${limits.unreadBytes} bytes unread`);
    if (this.#withheld.length >= limits.replayEvents) this.drop('too much was withheld while frozen');
    if (this.#hasEnded) return 'buffered';
    if (this.#isFrozen) {
      this.#withheld.push(outgoing);
      return 'withheld';
    }
    this.#socket.send(outgoing.frame);
    return 'sent';
  }

  /** Nothing leaves any more, not even acknowledgements; what arrives is still read. A zombie connection. */
  freeze(): void {
    this.#isFrozen = true;
  }

  /** What was withheld leaves, in order. */
  thaw(): void {
    this.#isFrozen = false;
    for (const { frame, numbered } of this.#withheld.splice(0)) {
      if (numbered) this.replay(numbered);
      else this.#put({ frame, numbered });
    }
  }

  /** Sends what was kept back before. */
  replay(numbered: NumberedFrame): void {
    this.#replayedBytes += Buffer.byteLength(numbered.frame);
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
    this.#socket.close(code, reason);
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
    this.record({ type: 'close', ...fact });
    this.#options.onEnd(this, fact.closeCode);
  }

  #onMessage(data: RawData): void {
    if (this.#hasEnded) return;
    const { limits, onPayload } = this.#options;
    const bytes = data as Buffer; // because binaryType is 'nodebuffer'
    const payload = bytes.length > limits.payloadBytes ? null : decode(bytes.toString());
    this.record({ type: 'send', op: payload?.op });
    if (this.#isTooFast()) this.close(closeCode.rateLimited, 'You are being rate limited.');
    else if (payload === null) this.close(closeCode.decodeError, 'Error while decoding payload.');
    else onPayload(this, payload);
  }

  #isTooFast(): boolean {
    const { clock, limits } = this.#options;
    const nowMs = clock.monotonicMs();
    if (nowMs >= this.#window.startsMs + limits.sendWindowMs) this.#window = { startsMs: nowMs, sent: 0 };
    return ++this.#window.sent > limits.sends;
  }
}
