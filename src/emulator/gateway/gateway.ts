import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { Clock } from '../clock.ts';
import { everyone } from '../faults/fault.ts';
import type { Injector } from '../faults/injector.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Limits } from '../limits.ts';
import type { WorldEvent } from '../world/event.ts';
import type { Application } from '../world/model.ts';
import type { World } from '../world/world.ts';
import type { ClientPayload } from './client-payload.ts';
import { acceptedData, closeCode, endsSession, heartbeatData, needsSession, op } from './client-payload.ts';
import { Connection, largestFrameBytes } from './connection.ts';
import type { SessionStartLimit } from './identify-budget.ts';
import { Login } from './login.ts';
import { Nodes } from './nodes.ts';
import { MemberRequests } from './requests/members.ts';
import { updatePresence } from './requests/presence.ts';
import { updateVoiceState } from './requests/voice.ts';
import type { Session } from './session.ts';
import { Sessions } from './sessions.ts';
import { isCompression } from './stream-encoder.ts';
import { Strikes } from './strikes.ts';

export type GatewayOptions = {
  readonly clock: Clock;
  readonly limits: Limits;
  readonly ledger: Ledger;
  readonly world: World;
  readonly injector: Injector;
  /** How many machines it pretends to be. */
  readonly gatewayNodes: number;
  /** Its own address; known once the server listens. */
  readonly url: () => string;
};

const invalid = 'Error while decoding payload.';

/** Gateway version 10 in JSON: the connections, and what each payload of a client does. */
export class Gateway {
  readonly strikes: Strikes;
  readonly nodes: Nodes;
  readonly #options: GatewayOptions;
  readonly #sessions: Sessions;
  readonly #login: Login;
  readonly #members: MemberRequests;
  readonly #connections = new Map<string, Connection>();
  readonly #server = new WebSocketServer({
    noServer: true,
    maxPayload: largestFrameBytes,
    // Broken text is to end as Discord ends it, with 4002.
    skipUTF8Validation: true,
  });
  #lastConnection = 0;

  constructor(options: GatewayOptions) {
    this.#options = options;
    this.#sessions = new Sessions(options);
    this.#members = new MemberRequests({ ...options, sessions: this.#sessions });
    this.strikes = new Strikes(options.injector, this.#sessions);
    this.nodes = new Nodes(options.gatewayNodes, options.injector);
    this.#login = new Login({ ...options, sessions: this.#sessions, strikes: this.strikes, nodes: this.nodes });
  }

  /** Takes over an HTTP upgrade. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const [path = '', query] = (request.url ?? '').split('?');
    const node = this.nodes.arrivalAt(path);
    if (node === undefined) {
      socket.on('error', () => socket.destroy());
      socket.on('finish', () => socket.destroy());
      socket.end('HTTP/1.1 404 Not Found\r\nconnection: close\r\ncontent-length: 0\r\n\r\n');
    } else if (node === null || this.#options.injector.take('refuse', {})) {
      this.#options.ledger.record({ type: 'refused' });
      socket.destroy();
    } else
      this.#server.handleUpgrade(request, socket, head, (webSocket) => {
        const { clock, limits, ledger, injector } = this.#options;
        const wishes = new URLSearchParams(query);
        const compress = wishes.get('compress') || null;
        const connection = new Connection({
          id: `c${++this.#lastConnection}`,
          socket: webSocket,
          clock,
          limits,
          ledger,
          injector,
          node,
          compression: compress !== null && isCompression(compress) ? compress : null,
          onPayload: (from, payload) => this.#handle(from, payload),
          onEnd: (ended, code) => this.#forget(ended, code),
        });
        this.#connections.set(connection.id, connection);
        if (wishes.get('v') !== '10')
          connection.close(closeCode.invalidVersion, 'The emulator speaks gateway version 10.');
        else if ((wishes.get('encoding') ?? 'json') !== 'json')
          connection.close(closeCode.decodeError, 'The emulator speaks JSON only: encoding=json.');
        else if (compress !== null && !isCompression(compress))
          connection.close(closeCode.decodeError, 'The gateway compresses as zlib-stream or zstd-stream.');
        else this.#greet(connection);
      });
  }

  #greet(connection: Connection): void {
    const stroke = this.strikes.due('hello');
    if (stroke) this.strikes.strike(connection, stroke);
    else connection.greet(this.#options.injector.take('delay', { frame: 'hello' })?.fault.delayMs);
  }

  /** The connections that serve an application; with `everyone`, all there are. */
  connections(target: string): readonly Connection[] {
    const all = [...this.#connections.values()];
    return target === everyone ? all : all.filter(({ session }) => session?.application.id === target);
  }

  /** Whether people see the bot: it has a session, served or resumable, that does not hide. */
  isOnline(application: Application): boolean {
    return this.#sessions.of(application).some(({ isVisible }) => isVisible);
  }

  sessionStartLimit(application: Application): SessionStartLimit {
    return this.#login.sessionStartLimit(application);
  }

  publish(event: WorldEvent): void {
    this.#sessions.publish(event);
  }

  /** The sessions of an application, served or resumable; with `everyone`, all there are. */
  sessions(target: string): readonly Session[] {
    const all = this.#sessions.all();
    return target === everyone ? all : all.filter(({ application }) => application.id === target);
  }

  endSession(session: Session, reason: string): void {
    this.#sessions.end(session, reason);
  }

  resetToken(application: Application): void {
    this.#login.resetToken(application);
  }

  setRemaining(application: Application, remaining: number): void {
    this.#login.setRemaining(application, remaining);
  }

  close(): void {
    for (const connection of this.#connections.values()) connection.drop('the emulator was closed');
    for (const socket of this.#server.clients) socket.terminate();
    this.#sessions.close();
    this.#server.close();
  }

  #handle(connection: Connection, { op: code, d }: ClientPayload): void {
    const { session } = connection;
    if (code === op.identify) this.#login.identify(connection, d);
    else if (code === op.resume) this.#login.resume(connection, d);
    else if (code === op.heartbeat) {
      if (heartbeatData.safeParse(d).success) connection.heartbeat();
      else connection.close(closeCode.decodeError, invalid);
    } else if (!needsSession(code)) connection.close(closeCode.unknownOpcode, 'Unknown opcode.');
    else if (!session) connection.close(closeCode.notAuthenticated, 'Not authenticated.');
    else if (!this.#grant(session, code, d)) connection.close(closeCode.decodeError, invalid);
  }

  /** False when the payload cannot be decoded. */
  #grant(session: Session, code: number, d: unknown): boolean {
    const { clock, world } = this.#options;
    if (code === op.presenceUpdate) return updatePresence(session, d, this.#sessions, clock);
    if (code === op.voiceStateUpdate) return updateVoiceState(session, d, world);
    if (code === op.requestGuildMembers) return this.#members.answer(session, d);
    return acceptedData.safeParse(d).success;
  }

  #forget(connection: Connection, code: number): void {
    this.#connections.delete(connection.id);
    const { session } = connection;
    if (!session) return;
    this.#sessions.detach(session);
    if (endsSession(code)) this.#sessions.end(session, `closed with ${code}`);
  }
}
