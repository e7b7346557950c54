import type { Clock } from '../clock.ts';
import type { Injector } from '../faults/injector.ts';
import type { Shard } from '../ledger/entry.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Limits } from '../limits.ts';
import type { Application } from '../world/model.ts';
import { toPartialApplication } from '../world/payload/application.ts';
import { toSelf } from '../world/payload/user.ts';
import { isMarkedToken, unmarkedTokenReason } from '../world/token.ts';
import type { World } from '../world/world.ts';
import type { IdentifyData, ResumeData } from './client-payload.ts';
import { closeCode, identifyData, resumeData } from './client-payload.ts';
import type { Connection } from './connection.ts';
import type { Refused } from './identify.ts';
import { judgeIdentify } from './identify.ts';
import type { SessionStartLimit } from './identify-budget.ts';
import { IdentifyBudget } from './identify-budget.ts';
import { intent } from './intents.ts';
import type { Nodes } from './nodes.ts';
import { refuse } from './refuse.ts';
import type { NumberedDispatch } from './replay-buffer.ts';
import { Session } from './session.ts';
import type { Sessions } from './sessions.ts';
import type { Strikes } from './strikes.ts';

export type LoginOptions = {
  readonly clock: Clock;
  readonly limits: Limits;
  readonly ledger: Ledger;
  readonly world: World;
  readonly sessions: Sessions;
  readonly injector: Injector;
  readonly strikes: Strikes;
  readonly nodes: Nodes;
  /** The gateway's address; known once the server listens. */
  readonly url: () => string;
};

const undecodable: Refused = { closeCode: closeCode.decodeError, reason: 'Error while decoding payload.' };
const authenticatedAlready: Refused = { closeCode: closeCode.alreadyAuthenticated, reason: 'Already authenticated.' };

/** How a connection gets a session: IDENTIFY begins one, RESUME goes on with one. */
export class Login {
  readonly #options: LoginOptions;
  readonly #budgets = new Map<string, IdentifyBudget>();

  constructor(options: LoginOptions) {
    this.#options = options;
  }

  sessionStartLimit(application: Application): SessionStartLimit {
    const { clock, injector } = this.#options;
    const limit = this.#budgetOf(application).limitAt(clock.monotonicMs());
    const offset = injector.take('clock-offset', { applicationId: application.id })?.fault.offsetMs ?? 0;
    return { ...limit, reset_after: Math.max(0, limit.reset_after + offset) };
  }

  setRemaining(application: Application, remaining: number): void {
    this.#budgetOf(application).setRemaining(remaining, this.#options.clock.monotonicMs());
  }

  identify(connection: Connection, d: unknown): void {
    const { limits, sessions, world } = this.#options;
    const { data } = identifyData.safeParse(d);
    const application = world.applicationWithToken(data?.token ?? '');
    if (application && this.#isTurnedAway(connection, application)) return;
    const verdict = this.#admit(connection, data, application);
    if ('reason' in verdict) {
      connection.record({ type: 'identify-refused', applicationId: application?.id, ...verdict });
      refuse(connection, verdict, { applicationId: application?.id });
      return;
    }
    const stroke = this.#options.strikes.due('identify', verdict.application.id);
    if (stroke) {
      const { fault } = stroke;
      connection.record({
        type: 'identify-refused',
        applicationId: verdict.application.id,
        closeCode: fault.fault === 'close' ? fault.code : undefined,
        reason: 'fault',
      });
      this.#options.strikes.strike(connection, stroke);
      return;
    }
    const session = new Session({ ...verdict, ...wishesOf(verdict.data) }, limits);
    sessions.add(session);
    sessions.attach(session, connection);
    const late = this.#options.injector.take('delay', { applicationId: verdict.application.id, frame: 'ready' });
    if (late) connection.delayDispatches(late.fault.delayMs);
    this.#welcome(connection, session);
    this.#options.strikes.served(connection);
  }

  /** Counts the IDENTIFY and judges it. */
  #admit(
    connection: Connection,
    data: IdentifyData | undefined,
    application: Application | undefined,
  ): { data: IdentifyData; application: Application; shard: Shard } | Refused {
    const { clock, limits } = this.#options;
    if (!data) return undecodable;
    if (!application) return { closeCode: closeCode.authenticationFailed, reason: reasonFor(data.token) };
    const nowMs = clock.monotonicMs();
    const budget = this.#budgetOf(application);
    connection.record({ type: 'identify', applicationId: application.id });
    if (!budget.spend(nowMs)) {
      this.resetToken(application);
      const reason = 'Too many IDENTIFYs in 24 hours: the token was reset.';
      return { closeCode: closeCode.authenticationFailed, reason };
    }
    if (connection.session) return authenticatedAlready;
    const verdict = judgeIdentify(data, application, limits);
    if ('reason' in verdict) return verdict;
    if (!budget.enterWindow(verdict.shard[0], nowMs))
      return { reason: `more than max_concurrency ${limits.maxConcurrency} within ${limits.identifyWindowMs} ms` };
    return { data, application, shard: verdict.shard };
  }

  /** READY with every guild unavailable, then each guild as it "becomes available". */
  #welcome(connection: Connection, session: Session): void {
    const { nodes, sessions, url } = this.#options;
    const { application } = session;
    const guildIds = application.guildIds.filter((id) => session.serves(id));
    const ready = session.next(
      'READY',
      JSON.stringify({
        v: 10,
        user_settings: {},
        user: toSelf(application.bot),
        session_type: 'normal',
        session_id: session.id,
        resume_gateway_url: url() + nodes.pathOf(connection.node),
        relationships: [],
        private_channels: [],
        presences: [],
        guilds: guildIds.map((id) => ({ id, unavailable: true })),
        guild_join_requests: [],
        geo_ordered_rtc_regions: [],
        shard: session.shard,
        application: toPartialApplication(application),
      }),
      { replayable: false },
    );
    connection.record({ type: 'ready', sequence: ready.sequence, delivery: connection.dispatch(ready) });
    if (session.intents & intent.guilds) sessions.stream(session, guildIds);
  }

  resume(connection: Connection, d: unknown): void {
    const { sessions, world } = this.#options;
    const { data } = resumeData.safeParse(d);
    const application = world.applicationWithToken(data?.token ?? '');
    if (application && this.#isTurnedAway(connection, application)) return;
    const verdict = this.#readmit(connection, data, application);
    if ('reason' in verdict) {
      refuse(connection, verdict, { applicationId: application?.id, sessionId: data?.session_id });
      return;
    }
    const { session, missed } = verdict;
    const stroke = this.#options.strikes.due('resume', session.application.id);
    if (stroke) {
      this.#options.strikes.strike(connection, stroke, session);
      return;
    }
    // A session has one connection at a time: whoever resumes takes it.
    session.connection?.close(closeCode.unknownError, 'Session resumed by another connection.');
    sessions.attach(session, connection);
    for (const numbered of missed) connection.replay(numbered);
    const resumed = session.next('RESUMED', '{}', { replayable: false });
    const delivery = connection.dispatch(resumed);
    connection.record({ type: 'resumed', sequence: resumed.sequence, replayed: missed.length, delivery });
    sessions.goOnStreaming(session);
    this.#options.strikes.served(connection);
  }

  /** The session to go on with, and what its client has missed. */
  #readmit(
    connection: Connection,
    data: ResumeData | undefined,
    application: Application | undefined,
  ): { session: Session; missed: readonly NumberedDispatch[] } | Refused {
    if (!data) return undecodable;
    if (!application) return { closeCode: closeCode.authenticationFailed, reason: reasonFor(data.token) };
    const { seq: sequence, session_id: sessionId } = data;
    connection.record({ type: 'resume', applicationId: application.id, sessionId, sequence });
    if (connection.session) return authenticatedAlready;
    const session = this.#options.sessions.find(sessionId);
    if (session?.application !== application) return { reason: 'no such session' };
    if (sequence > session.sequence) return { closeCode: closeCode.invalidSeq, reason: 'Invalid seq.' };
    const missed = session.sent.since(sequence);
    if (missed) return { session, missed };
    this.#options.sessions.end(session, 'not replayable');
    return { reason: `the replay buffer begins after ${sequence}` };
  }

  #isTurnedAway(connection: Connection, application: Application): boolean {
    if (!this.#options.injector.take('refuse', { applicationId: application.id })) return false;
    connection.record({ type: 'refused', applicationId: application.id });
    connection.drop('refused by a fault');
    return true;
  }

  /** "All active sessions for the app will be terminated, the bot token will be reset" (gateway documentation, Identifying). */
  resetToken(application: Application): void {
    const { ledger, sessions, world } = this.#options;
    world.resetToken(application);
    ledger.record({ type: 'token-reset', applicationId: application.id });
    for (const session of sessions.of(application)) {
      session.connection?.close(closeCode.authenticationFailed, 'The token was reset.');
      sessions.end(session, 'token reset');
    }
  }

  #budgetOf(application: Application): IdentifyBudget {
    const budget = this.#budgets.get(application.id) ?? new IdentifyBudget(this.#options.limits);
    this.#budgets.set(application.id, budget);
    return budget;
  }
}

const wishesOf = ({ intents, presence, compress, large_threshold: threshold }: IdentifyData) => ({
  intents,
  compress: compress ?? false,
  largeThreshold: Math.min(250, Math.max(50, threshold ?? 50)),
  presence: { status: presence?.status ?? ('online' as const), activities: presence?.activities ?? [] },
});

const reasonFor = (token: string): string => (isMarkedToken(token) ? 'Authentication failed.' : unmarkedTokenReason);
