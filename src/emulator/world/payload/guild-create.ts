import type { Application, Guild, Member } from '../model.ts';
import type { World } from '../world.ts';
import { toChannel, toThreadMember } from './channel.ts';
import { toGuild } from './guild.ts';
import type { Json } from './json.ts';
import { iso } from './json.ts';
import { toMember } from './member.ts';
import { toPresence } from './presence.ts';
import { toVoiceState } from './voice-state.ts';

/** Whom it is for. */
export type Viewer = {
  readonly application: Application;
  /** Whether it may see who is online. */
  readonly seesPresences: boolean;
  /** With more members, those who are offline are left out. */
  readonly largeThreshold: number;
};

/** Nobody is told of all members of a guild beyond this. */
const hugeGuild = 75_000;

/**
 * GUILD_CREATE: without the presences intent, Discord lists only the bot itself and those who are in voice channels;
 * with it, everybody in a small guild, and in a large one those who are online, in voice or have a role or a nickname.
 */
export function toGuildCreate(
  guild: Guild,
  { application, seesPresences, largeThreshold }: Viewer,
  world: World,
): Json {
  const isLarge = guild.members.size > largeThreshold;
  const isOffline = ({ user }: Member): boolean => ['offline', 'invisible'].includes(world.presenceOf(user).status);
  const isListed = (member: Member): boolean => {
    if (member.user.id === application.id || guild.voiceStates.has(member.user.id)) return true;
    if (!seesPresences || guild.members.size > hugeGuild) return false;
    return !isLarge || !isOffline(member) || member.roleIds.length > 0 || member.nick !== null;
  };
  const members = [...guild.members.values()].filter(isListed);
  const threads = guild.threadIds
    .map((id) => world.channel(id))
    .filter((channel) => !channel.thread?.archived && world.audience(channel).includes(application));
  return {
    ...toGuild(guild),
    joined_at: iso(guild.members.get(application.id)?.joinedMs ?? 0),
    large: isLarge,
    unavailable: false,
    member_count: guild.members.size,
    voice_states: Array.from(guild.voiceStates.values(), (state) => toVoiceState(state, guild)),
    members: members.map(({ user }) => toMember(user, guild)),
    channels: guild.channelIds.map((id) => toChannel(world.channel(id))),
    threads: threads.map((channel) => ({
      ...toChannel(channel),
      ...(channel.thread?.members.has(application.id) ? { member: toThreadMember(application.id, channel) } : {}),
    })),
    presences: seesPresences
      ? members.filter((member) => !isOffline(member)).map(({ user }) => toPresence(user, world.presenceOf(user)))
      : [],
    stage_instances: [],
    guild_scheduled_events: [],
    soundboard_sounds: [],
  };
}
