import type { Clock } from '../clock.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Limits } from '../limits.ts';
import type { Application, WorldEvent } from '../world/model.ts';
import type { World } from '../world/world.ts';
import { closeCode } from './client-payload.ts';
import type { Connection } from './connection.ts';
import { deliveriesOf } from './delivery.ts';
import type { Session } from './session.ts';

export type SessionsOptions = {
  readonly clock: Clock;
  readonly limits: Limits;
  readonly ledger: Ledger;
  readonly world: World;
};

/** Every session that is served or may still be resumed, and what they hear. */
export class Sessions {
  readonly #options: SessionsOptions;
  readonly #sessions = new Map<string, Session>();

  constructor(options: SessionsOptions) {
    this.#options = options;
  }

  find(id: string): Session | undefined {
    return this.#sessions.get(id);
  }

  of(application: Application): readonly Session[] {
    return [...this.#sessions.values()].filter((session) => session.application === application);
  }

  add(session: Session): void {
    this.#sessions.set(session.id, session);
  }

  attach(session: Session, connection: Connection): void {
    session.expiry?.cancel();
    session.expiry = null;
    session.connection = connection;
    connection.session = session;
  }

  /** The connection serves it no longer; it stays resumable for a while. */
  detach(session: Session): void {
    const { clock, limits } = this.#options;
    if (session.connection) session.connection.session = null;
    session.connection = null;
    session.expiry?.cancel();
    session.expiry = clock.setTimer(clock.monotonicMs() + limits.resumeWindowMs, () =>
      this.end(session, 'not resumed in time'),
    );
  }

  /** It can never be resumed again. A connection that still serves it is closed. */
  end(session: Session, reason: string): void {
    if (!this.#sessions.delete(session.id)) return;
    session.connection?.close(closeCode.unknownError, 'Session ended.');
    session.expiry?.cancel();
    this.#options.ledger.record({
      type: 'session-ended',
      applicationId: session.application.id,
      sessionId: session.id,
      reason,
    });
  }

  publish(event: WorldEvent): void {
    for (const delivery of deliveriesOf(event, this.#options.world))
      for (const session of this.#sessions.values())
        if (session.application.id === delivery.applicationId && session.wants(delivery))
          this.dispatch(session, delivery.event, delivery.data(session.readsContent));
  }

  dispatch(session: Session, event: string, data: string): void {
    const { connection } = session;
    const numbered = session.next(event, data);
    const delivery = connection?.dispatch(numbered) ?? 'buffered';
    this.#options.ledger.record({
      type: 'dispatch',
      applicationId: session.application.id,
      sessionId: session.id,
      connectionId: delivery === 'buffered' ? undefined : connection?.id,
      event,
      sequence: numbered.sequence,
      delivery,
    });
  }

  close(): void {
    for (const session of this.#sessions.values()) session.expiry?.cancel();
  }
}
