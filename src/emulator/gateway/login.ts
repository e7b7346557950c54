import type { Clock } from '../clock.ts';
import type { Shard } from '../ledger/entry.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Limits } from '../limits.ts';
import type { Application } from '../world/model.ts';
import { toPartialApplication } from '../world/payload/application.ts';
import { toGuild } from '../world/payload/guild.ts';
import { toSelf } from '../world/payload/user.ts';
import { isMarkedToken, unmarkedTokenReason } from '../world/token.ts';
import type { World } from '../world/world.ts';
import type { IdentifyData, ResumeData } from './client-payload.ts';
import { closeCode, identifyData, op, resumeData } from './client-payload.ts';
import type { Connection } from './connection.ts';
import type { Refused } from './identify.ts';
import { judgeIdentify } from './identify.ts';
import type { SessionStartLimit } from './identify-budget.ts';
import { IdentifyBudget } from './identify-budget.ts';
import { intent } from './intents.ts';
import type { Refusals } from './refusals.ts';
import type { NumberedFrame } from './session.ts';
import { Session } from './session.ts';
import type { Sessions } from './sessions.ts';

export type LoginOptions = {
  readonly clock: Clock;
  readonly limits: Limits;
  readonly ledger: Ledger;
  readonly world: World;
  readonly sessions: Sessions;
  readonly refusals: Refusals;
  /** Where clients resume; known once the server listens. */
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
    return this.#budgetOf(application).limitAt(this.#options.clock.monotonicMs());
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
    const status = verdict.data.presence?.status ?? 'online';
    const session = new Session(verdict.application, verdict.shard, verdict.data.intents, status, limits.replayEvents);
    sessions.add(session);
    sessions.attach(session, connection);
    this.#welcome(connection, session);
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
      this.#overspent(application);
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
    const { sessions, url, world } = this.#options;
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
        resume_gateway_url: url(),
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
    if (!(session.intents & intent.guilds)) return;
    for (const id of guildIds)
      sessions.dispatch(session, 'GUILD_CREATE', JSON.stringify(toGuild(world.guild(id), application, world)));
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
    // A session has one connection at a time: whoever resumes takes it.
    session.connection?.close(closeCode.unknownError, 'Session resumed by another connection.');
    sessions.attach(session, connection);
    for (const numbered of missed) connection.replay(numbered);
    const resumed = session.next('RESUMED', '{}', { replayable: false });
    const delivery = connection.dispatch(resumed);
    connection.record({ type: 'resumed', sequence: resumed.sequence, replayed: missed.length, delivery });
  }

  /** The session to go on with, and what its client has missed. */
  #readmit(
    connection: Connection,
    data: ResumeData | undefined,
    application: Application | undefined,
  ): { session: Session; missed: readonly NumberedFrame[] } | Refused {
    if (!data) return undecodable;
    if (!application) return { closeCode: closeCode.authenticationFailed, reason: reasonFor(data.token) };
    const { seq: sequence, session_id: sessionId } = data;
    connection.record({ type: 'resume', applicationId: application.id, sessionId, sequence });
    if (connection.session) return authenticatedAlready;
    const session = this.#options.sessions.find(sessionId);
    if (session?.application !== application) return { reason: 'no such session' };
    if (sequence > session.sequence) return { closeCode: closeCode.invalidSeq, reason: 'Invalid seq.' };
    const missed = session.since(sequence);
    if (missed) return { session, missed };
    this.#options.sessions.end(session, 'not replayable');
    return { reason: `the replay buffer begins after ${sequence}` };
  }

  #isTurnedAway(connection: Connection, application: Application): boolean {
    if (!this.#options.refusals.take(application.id)) return false;
    connection.record({ type: 'refused', applicationId: application.id });
    connection.drop('refused by a fault');
    return true;
  }

  /** "All active sessions for the app will be terminated, the bot token will be reset" (gateway documentation, Identifying). */
  #overspent(application: Application): void {
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

type Subject = { readonly applicationId?: string | undefined; readonly sessionId?: string | undefined };

function refuse(connection: Connection, refused: Refused, subject: Subject): void {
  if (refused.closeCode === undefined)
    answerInvalidSession(connection, { resumable: false, reason: refused.reason, ...subject });
  else connection.close(refused.closeCode, refused.reason);
}

/** Op 9. */
export function answerInvalidSession(
  connection: Connection,
  fact: Subject & { readonly resumable: boolean; readonly reason: string },
): void {
  connection.send(op.invalidSession, fact.resumable);
  connection.record({ type: 'invalid-session', ...fact });
}

const reasonFor = (token: string): string => (isMarkedToken(token) ? 'Authentication failed.' : unmarkedTokenReason);
