import type { Moment, Stroke } from '../faults/fault.ts';
import { strokes } from '../faults/fault.ts';
import type { Injector } from '../faults/injector.ts';
import type { Rule } from '../faults/rules.ts';
import type { Connection } from './connection.ts';
import { answerInvalidSession } from './refuse.ts';
import type { Session } from './session.ts';
import type { Sessions } from './sessions.ts';

/** What Discord does to a connection when a fault says so. */
export class Strikes {
  readonly #injector: Injector;
  readonly #sessions: Sessions;

  constructor(injector: Injector, sessions: Sessions) {
    this.#injector = injector;
    this.#sessions = sessions;
  }

  /** The stroke that falls at this moment, if any. */
  due(moment: Moment, applicationId?: string): Rule<Stroke> | null {
    for (const name of strokes) {
      const rule = this.#injector.take(name, { moment, applicationId });
      if (rule) return rule;
    }
    return null;
  }

  /** `session` is the one that the connection serves or asks for. */
  strike(connection: Connection, rule: Rule<Stroke>, session: Session | null = connection.session): void {
    const { fault } = rule;
    if (fault.fault === 'close') connection.close(fault.code, fault.reason ?? 'Closed by a fault.');
    else if (fault.fault === 'drop') connection.drop('dropped by a fault');
    else if (fault.fault === 'reconnect') connection.askToReconnect();
    else if (fault.fault === 'freeze') {
      connection.freeze(fault.part);
      this.#injector.remember(rule, {
        lasts: () => !connection.hasEnded,
        undo: () => connection.thaw(fault.part),
      });
    } else {
      answerInvalidSession(connection, { resumable: fault.resumable, reason: 'fault' });
      if (session?.connection === connection) this.#sessions.detach(session);
      if (session && !fault.resumable) this.#sessions.end(session, 'invalidated');
    }
  }

  /** The connection has just begun to serve. */
  served(connection: Connection): void {
    const rule = this.due('serving', connection.session?.application.id);
    if (rule) this.strike(connection, rule);
  }
}
