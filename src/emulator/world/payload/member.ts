import type { Guild, User } from '../model.ts';
import { createdMs } from '../snowflake.ts';
import type { Json } from './json.ts';
import { iso } from './json.ts';
import { toUser } from './user.ts';

export const toMember = (user: User, guild: Guild): Json => ({ user: toUser(user), ...memberFields(user, guild) });

/** A member without its user; of somebody who has left, what is the same for all. */
export const memberFields = (user: User, guild: Guild): Json => {
  const member = guild.members.get(user.id);
  const timedOutUntilMs = member?.timedOutUntilMs ?? null;
  return {
    nick: member?.nick ?? null,
    avatar: null,
    roles: member?.roleIds ?? [],
    joined_at: iso(member?.joinedMs ?? createdMs(guild.id)),
    premium_since: null,
    deaf: member?.deaf ?? false,
    mute: member?.mute ?? false,
    flags: 0,
    pending: false,
    communication_disabled_until: timedOutUntilMs === null ? null : iso(timedOutUntilMs),
  };
};
