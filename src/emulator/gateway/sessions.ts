import type { Clock } from '../clock.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Limits } from '../limits.ts';
import type { WorldEvent } from '../world/event.ts';
import type { Application, Presence } from '../world/model.ts';
import type { World } from '../world/world.ts';
import { closeCode } from './client-payload.ts';
import type { Connection } from './connection.ts';
import { deliveriesOf } from './deliveries/deliveries.ts';
import type { Delivery } from './delivery.ts';
import { GuildStream } from './guild-stream.ts';
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
  readonly #byApplication = new Map<string, Set<Session>>();
  readonly #streams: GuildStream;

  constructor(options: SessionsOptions) {
    this.#options = options;
    this.#streams = new GuildStream(options, (...dispatch) => this.dispatch(...dispatch));
  }

  find(id: string): Session | undefined {
    return this.#sessions.get(id);
  }

  /** Oldest first. */
  of(application: Application): readonly Session[] {
    return [...(this.#byApplication.get(application.id) ?? [])];
  }

  all(): readonly Session[] {
    return [...this.#sessions.values()];
  }

  /** Others see its bot come online before it hears of anything itself. */
  add(session: Session): void {
    const { application } = session;
    this.#show(application, [...this.of(application), session]);
    this.#sessions.set(session.id, session);
    const others = this.#byApplication.get(application.id) ?? new Set();
    this.#byApplication.set(application.id, others.add(session));
  }

  attach(session: Session, connection: Connection): void {
    session.expiry?.cancel();
    session.expiry = null;
    session.connection = connection;
    session.node = connection.node;
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

  /** It can never be resumed again. A connection that still serves it is closed; the bot leaves its voice channels. */
  end(session: Session, reason: string): void {
    if (!this.#sessions.delete(session.id)) return;
    const { application, id } = session;
    this.#byApplication.get(application.id)?.delete(session);
    session.connection?.close(closeCode.unknownError, 'Session ended.');
    session.expiry?.cancel();
    this.#streams.end(session);
    this.#options.ledger.record({ type: 'session-ended', applicationId: application.id, sessionId: id, reason });
    this.#leaveVoice(session);
    this.#show(application, this.of(application));
  }

  #leaveVoice({ id, application }: Session): void {
    const { world } = this.#options;
    for (const guildId of application.guildIds) {
      const guild = world.guild(guildId);
      if (guild.voiceStates.get(application.id)?.sessionId === id)
        world.setVoiceState(guild, application.bot, { channelId: null });
    }
  }

  setPresence(session: Session, presence: Presence): void {
    session.presence = presence;
    this.#show(session.application, this.of(session.application));
  }

  /** A bot looks as its newest session that does not hide. */
  #show(application: Application, sessions: readonly Session[]): void {
    const { world } = this.#options;
    const shown = sessions.findLast(({ isVisible }) => isVisible)?.presence ?? { status: 'offline', activities: [] };
    const before = world.presenceOf(application.bot);
    if (JSON.stringify(shown) !== JSON.stringify(before)) world.setPresence(application.bot, shown);
  }

  /** Sends each guild after READY, as it "becomes available". */
  stream(session: Session, guildIds: readonly string[]): void {
    this.#streams.begin(session, guildIds);
  }

  /** After RESUMED: the guilds that have not come yet. */
  goOnStreaming(session: Session): void {
    this.#streams.goOn(session);
  }

  publish(event: WorldEvent): void {
    for (const delivery of deliveriesOf(event, this.#options.world))
      for (const { id } of delivery.audience)
        for (const session of this.#byApplication.get(id) ?? [])
          if (session.wants(delivery)) this.#deliver(session, delivery);
  }

  #deliver(session: Session, delivery: Delivery): void {
    if (delivery.guildId !== null) this.#streams.hasten(session, delivery.guildId);
    this.dispatch(session, delivery.event, delivery.data(session));
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
    for (const session of this.#sessions.values()) {
      session.expiry?.cancel();
      this.#streams.end(session);
    }
  }
}
