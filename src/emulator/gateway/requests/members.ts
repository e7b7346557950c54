import { z } from 'zod';
import type { Clock } from '../../clock.ts';
import type { Limits } from '../../limits.ts';
import type { Guild, Member } from '../../world/model.ts';
import { toMember } from '../../world/payload/member.ts';
import { toPresence } from '../../world/payload/presence.ts';
import { isSnowflake } from '../../world/snowflake.ts';
import type { World } from '../../world/world.ts';
import { op } from '../client-payload.ts';
import { intent } from '../intents.ts';
import type { Session } from '../session.ts';
import type { Sessions } from '../sessions.ts';

const snowflake = z.string().refine(isSnowflake);
const memberData = z.object({
  // A list of one is what libraries of older versions send.
  guild_id: z.union([snowflake, z.tuple([snowflake]).transform(([id]) => id)]),
  query: z.string().nullish(),
  limit: z.int().nonnegative().nullish(),
  presences: z.boolean().nullish(),
  user_ids: z.union([snowflake.transform((id) => [id]), z.array(snowflake)]).nullish(),
  nonce: z.unknown().optional(),
});
type Wanted = z.infer<typeof memberData>;

const chunkMembers = 1_000;
const mostFound = 100;
const longestNonceBytes = 32;

export type MemberRequestsOptions = {
  readonly clock: Clock;
  readonly limits: Limits;
  readonly world: World;
  readonly sessions: Sessions;
};

/** Op 8, answered with GUILD_MEMBERS_CHUNK. */
export class MemberRequests {
  readonly #options: MemberRequestsOptions;
  /** When all members of a guild may be asked for again, by application and guild. */
  readonly #openAtMs = new Map<string, number>();

  constructor(options: MemberRequestsOptions) {
    this.#options = options;
  }

  /** False when it cannot be decoded. A guild that the session does not serve is not answered for. */
  answer(session: Session, d: unknown): boolean {
    const { data } = memberData.safeParse(d);
    if (!data || (typeof data.query === 'string' ? typeof data.limit !== 'number' : !data.user_ids)) return false;
    const guild = this.#options.world.findGuild(data.guild_id);
    if (!guild?.members.has(session.application.id) || !session.serves(guild.id)) return true;
    const isAll = data.query === '' && !data.user_ids;
    // Discord documents that the intent is required, and answers nothing without it.
    if (isAll && (session.intents & intent.guildMembers) === 0) return true;
    const nonce = nonceOf(data);
    const waitMs = isAll && data.limit === 0 ? this.#enter(session, guild) : 0;
    if (waitMs > 0)
      this.#dispatch(session, 'RATE_LIMITED', {
        opcode: op.requestGuildMembers,
        retry_after: waitMs / 1_000,
        meta: { guild_id: guild.id, ...nonce },
      });
    else this.#send(session, guild, data, nonce);
    return true;
  }

  /** How long the bot has to wait before it may ask for all members of that guild; 0 when it may now. */
  #enter({ application }: Session, guild: Guild): number {
    const { clock, limits } = this.#options;
    const nowMs = clock.monotonicMs();
    for (const [key, openAtMs] of this.#openAtMs) if (openAtMs <= nowMs) this.#openAtMs.delete(key);
    const key = `${application.id} ${guild.id}`;
    const openAtMs = this.#openAtMs.get(key);
    if (openAtMs === undefined) this.#openAtMs.set(key, nowMs + limits.memberRequestWindowMs);
    return openAtMs === undefined ? 0 : openAtMs - nowMs;
  }

  #send(session: Session, guild: Guild, wanted: Wanted, nonce: { readonly nonce?: string }): void {
    const { world } = this.#options;
    const members = wanted.user_ids ? named(guild, wanted.user_ids) : matching(guild, wanted);
    const notFound = wanted.user_ids?.slice(0, mostFound).filter((id) => !guild.members.has(id)) ?? [];
    const count = Math.max(1, Math.ceil(members.length / chunkMembers));
    for (let index = 0; index < count; index++) {
      const chunk = members.slice(index * chunkMembers, (index + 1) * chunkMembers);
      this.#dispatch(session, 'GUILD_MEMBERS_CHUNK', {
        guild_id: guild.id,
        members: chunk.map(({ user }) => toMember(user, guild)),
        chunk_index: index,
        chunk_count: count,
        ...(notFound.length > 0 ? { not_found: notFound } : {}),
        ...(wanted.presences && session.seesPresences
          ? { presences: chunk.map(({ user }) => toPresence(user, world.presenceOf(user))) }
          : {}),
        ...nonce,
      });
    }
  }

  #dispatch(session: Session, event: string, data: object): void {
    this.#options.sessions.dispatch(session, event, JSON.stringify(data));
  }
}

const named = (guild: Guild, ids: readonly string[]): readonly Member[] =>
  ids.slice(0, mostFound).flatMap((id) => guild.members.get(id) ?? []);

/** Those whose name or nickname begins with the query; all for an empty one without limit. */
function matching(guild: Guild, { query, limit }: Wanted): readonly Member[] {
  const start = (query ?? '').toLowerCase();
  const all = [...guild.members.values()];
  if (start === '') return limit ? all.slice(0, limit) : all;
  const found = all.filter(({ user, nick }) =>
    [user.name, nick ?? ''].some((name) => name.toLowerCase().startsWith(start)),
  );
  return found.slice(0, Math.min(limit || mostFound, mostFound));
}

/** "If you send an invalid nonce it will be ignored". */
const nonceOf = ({ nonce }: Wanted): { readonly nonce?: string } =>
  typeof nonce === 'string' && Buffer.byteLength(nonce) <= longestNonceBytes ? { nonce } : {};
