import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { Clock } from '../clock.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Limits } from '../limits.ts';
import type { Application, WorldEvent } from '../world/model.ts';
import type { World } from '../world/world.ts';
import type { ClientPayload } from './client-payload.ts';
import { acceptedData, closeCode, endsSession, heartbeatData, isAccepted, op, presenceData } from './client-payload.ts';
import { Connection, largestFrameBytes } from './connection.ts';
import type { SessionStartLimit } from './identify-budget.ts';
import { answerInvalidSession, Login } from './login.ts';
import { everyone, Refusals } from './refusals.ts';
import { Sessions } from './sessions.ts';

export type GatewayOptions = {
  readonly clock: Clock;
  readonly limits: Limits;
  readonly ledger: Ledger;
  readonly world: World;
  /** Its own address; known once the server listens. */
  readonly url: () => string;
};

const paths: ReadonlySet<string> = new Set(['/', '/gateway', '/gateway/']);
const invalid = 'Error while decoding payload.';

/** Gateway version 10 in JSON: the connections, and what each payload of a client does. */
export class Gateway {
  readonly refusals: Refusals;
  readonly #options: GatewayOptions;
  readonly #sessions: Sessions;
  readonly #login: Login;
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
    this.refusals = new Refusals(options.clock);
    this.#sessions = new Sessions(options);
    this.#login = new Login({ ...options, sessions: this.#sessions, refusals: this.refusals });
  }

  /** Takes over an HTTP upgrade. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const [path = '', query] = (request.url ?? '').split('?');
    if (!paths.has(path)) {
      socket.on('error', () => socket.destroy());
      socket.on('finish', () => socket.destroy());
      socket.end('HTTP/1.1 404 Not Found\r\nconnection: close\r\ncontent-length: 0\r\n\r\n');
    } else if (this.refusals.take(everyone)) {
      this.#options.ledger.record({ type: 'refused' });
      socket.destroy();
    } else
      this.#server.handleUpgrade(request, socket, head, (webSocket) => {
        const { clock, limits, ledger } = this.#options;
        const connection = new Connection({
          id: `c${++this.#lastConnection}`,
          socket: webSocket,
          clock,
          limits,
          ledger,
          onPayload: (from, payload) => this.#handle(from, payload),
          onEnd: (ended, code) => this.#forget(ended, code),
        });
        this.#connections.set(connection.id, connection);
        const wishes = new URLSearchParams(query);
        if (wishes.get('v') !== '10')
          connection.close(closeCode.invalidVersion, 'The emulator speaks gateway version 10.');
        else if ((wishes.get('encoding') ?? 'json') !== 'json')
          connection.close(closeCode.decodeError, 'The emulator speaks JSON only.');
        else connection.greet();
      });
  }

  /** The connections that serve an application; with `everyone`, all there are. */
  connections(target: string): readonly Connection[] {
    const all = [...this.#connections.values()];
    return target === everyone ? all : all.filter(({ session }) => session?.application.id === target);
  }

  /** Whether people see the bot: it has a session, served or resumable, that does not hide. */
  isOnline(application: Application): boolean {
    return this.#sessions.of(application).some(({ status }) => status !== 'invisible' && status !== 'offline');
  }

  sessionStartLimit(application: Application): SessionStartLimit {
    return this.#login.sessionStartLimit(application);
  }

  publish(event: WorldEvent): void {
    this.#sessions.publish(event);
  }

  /** Op 9 to a serving connection, which then has to RESUME (when resumable) or IDENTIFY before anything else. */
  invalidate(connection: Connection, resumable: boolean): void {
    const { session } = connection;
    if (!session) return;
    answerInvalidSession(connection, { resumable, reason: 'fault' });
    this.#sessions.detach(session);
    if (!resumable) this.#sessions.end(session, 'invalidated');
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
    } else if (!isAccepted(code)) connection.close(closeCode.unknownOpcode, 'Unknown opcode.');
    else if (!session) connection.close(closeCode.notAuthenticated, 'Not authenticated.');
    else if (code === op.presenceUpdate) {
      const { data } = presenceData.safeParse(d);
      if (data) session.status = data.status;
      else connection.close(closeCode.decodeError, invalid);
    } else if (!acceptedData.safeParse(d).success) connection.close(closeCode.decodeError, invalid);
  }

  #forget(connection: Connection, code: number): void {
    this.#connections.delete(connection.id);
    const { session } = connection;
    if (!session) return;
    this.#sessions.detach(session);
    if (endsSession(code)) this.#sessions.end(session, `closed with ${code}`);
  }
}
