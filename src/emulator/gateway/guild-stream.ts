import type { Clock, Timer } from '../clock.ts';
import type { Limits } from '../limits.ts';
import { toGuildCreate } from '../world/payload/guild-create.ts';
import type { World } from '../world/world.ts';
import type { Session } from './session.ts';

export type GuildStreamOptions = { readonly clock: Clock; readonly limits: Limits; readonly world: World };

/** A client that has so much unread is given time before the next guild. */
const unreadBytes = 1024 * 1024;

/**
 * After READY every guild of a session is unavailable; GUILD_CREATE brings one after the other, in bursts. Nothing that
 * happens in a guild is told before the guild itself. While nobody is connected, the rest waits for RESUME.
 */
export class GuildStream {
  readonly #options: GuildStreamOptions;
  readonly #dispatch: (session: Session, event: string, data: string) => void;
  readonly #timers = new Map<Session, Timer>();

  constructor(options: GuildStreamOptions, dispatch: (session: Session, event: string, data: string) => void) {
    this.#options = options;
    this.#dispatch = dispatch;
  }

  begin(session: Session, guildIds: readonly string[]): void {
    for (const id of guildIds) session.awaited.add(id);
    this.goOn(session);
  }

  /** Something is about to be said of that guild: if it has not come yet, it comes now. */
  hasten(session: Session, guildId: string): void {
    if (!session.awaited.delete(guildId)) return;
    const { world } = this.#options;
    const guild = world.findGuild(guildId);
    if (guild?.members.has(session.application.id))
      this.#dispatch(session, 'GUILD_CREATE', JSON.stringify(toGuildCreate(guild, session, world)));
  }

  end(session: Session): void {
    session.awaited.clear();
    this.#timers.get(session)?.cancel();
    this.#timers.delete(session);
  }

  /** The next burst now; the others follow. */
  goOn(session: Session): void {
    this.#timers.get(session)?.cancel();
    this.#timers.delete(session);
    const { clock, limits } = this.#options;
    for (let sent = 0; sent < limits.guildBurst && session.awaited.size > 0; sent++) {
      if (!session.connection || session.connection.unreadBytes > unreadBytes) break;
      const [next = ''] = session.awaited;
      this.hasten(session, next);
    }
    if (session.awaited.size === 0 || !session.connection) return;
    const dueMs = clock.monotonicMs() + limits.guildBurstGapMs;
    this.#timers.set(
      session,
      clock.setTimer(dueMs, () => this.goOn(session)),
    );
  }
}
