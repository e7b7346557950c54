import type { Channel, Thread } from '../model.ts';
import { channelType } from '../model.ts';
import { createdMs } from '../snowflake.ts';
import type { Json } from './json.ts';
import { iso } from './json.ts';
import { toUser } from './user.ts';

const voiceTypes: readonly number[] = [channelType.voice, channelType.stage];
const countsUpTo = 50;

export const isVoice = ({ type }: Channel): boolean => voiceTypes.includes(type);

/** A thread, too. */
export function toChannel(channel: Channel): Json {
  const { id, type, direct, thread, guild, name, slowmodeSeconds, pinnedMs } = channel;
  const common = {
    id,
    type,
    last_message_id: channel.messages.at(-1)?.id ?? null,
    flags: 0,
    ...(pinnedMs === null ? {} : { last_pin_timestamp: iso(pinnedMs) }),
  };
  if (direct) return { ...common, recipients: [toUser(direct.person)] };
  const inGuild = { ...common, guild_id: guild?.id, name, rate_limit_per_user: slowmodeSeconds };
  if (thread) return { ...inGuild, ...threadFields(thread, channel) };
  return {
    ...inGuild,
    position: guild?.channelIds.indexOf(id),
    permission_overwrites: channel.overwrites,
    topic: channel.topic,
    nsfw: channel.nsfw,
    parent_id: channel.parentId,
    ...(isVoice(channel) ? { bitrate: 64_000, user_limit: channel.userLimit, rtc_region: null } : {}),
  };
}

const threadFields = (thread: Thread, { id, type, messages }: Channel): Json => ({
  parent_id: thread.parentId,
  owner_id: thread.ownerId,
  message_count: messages.length,
  member_count: Math.min(thread.members.size, countsUpTo),
  total_message_sent: messages.length,
  thread_metadata: {
    archived: thread.archived,
    auto_archive_duration: thread.autoArchiveMinutes,
    archive_timestamp: iso(thread.archiveChangedMs),
    locked: thread.locked,
    create_timestamp: iso(createdMs(id)),
    ...(type === channelType.privateThread ? { invitable: true } : {}),
  },
});

/** A thread member. */
export const toThreadMember = (userId: string, { id, thread }: Channel): Json => ({
  id,
  user_id: userId,
  join_timestamp: iso(thread?.members.get(userId) ?? 0),
  flags: 0,
});
