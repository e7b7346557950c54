import type { Application, Channel, Guild, User } from '../model.ts';
import { createdMs } from '../snowflake.ts';
import type { World } from '../world.ts';
import type { Json } from './json.ts';
import { iso } from './json.ts';
import { toUser } from './user.ts';

/** What an ordinary bot may do: read, write, embed, attach, react, use commands and threads. */
export const permissions = '2248473465835073';

const foundedAt = (id: string): string => iso(createdMs(id));

export const toMember = (user: User, guild: Guild): Json => ({
  user: toUser(user),
  ...memberFields(guild),
});

export const memberFields = (guild: Guild): Json => ({
  nick: null,
  avatar: null,
  roles: [],
  joined_at: foundedAt(guild.id),
  premium_since: null,
  deaf: false,
  mute: false,
  flags: 0,
  pending: false,
  communication_disabled_until: null,
});

export const toChannel = (channel: Channel): Json =>
  channel.direct
    ? {
        id: channel.id,
        type: 1,
        last_message_id: lastMessageId(channel),
        flags: 0,
        recipients: [toUser(channel.direct.person)],
      }
    : {
        id: channel.id,
        type: 0,
        guild_id: channel.guild?.id,
        name: channel.name,
        position: channel.guild?.channelIds.indexOf(channel.id),
        permission_overwrites: [],
        topic: null,
        nsfw: false,
        last_message_id: lastMessageId(channel),
        rate_limit_per_user: 0,
        parent_id: null,
        flags: 0,
      };

const lastMessageId = (channel: Channel): string | null => channel.messages.at(-1)?.id ?? null;

/** GUILD_CREATE: without the members intent Discord lists only the bot itself. */
export const toGuild = (guild: Guild, application: Application, world: World): Json => ({
  id: guild.id,
  name: guild.name,
  icon: null,
  splash: null,
  discovery_splash: null,
  owner_id: guild.ownerId,
  afk_channel_id: null,
  afk_timeout: 300,
  verification_level: 0,
  default_message_notifications: 0,
  explicit_content_filter: 0,
  roles: [
    {
      id: guild.id,
      name: '@everyone',
      color: 0,
      colors: { primary_color: 0, secondary_color: null, tertiary_color: null },
      hoist: false,
      icon: null,
      unicode_emoji: null,
      position: 0,
      permissions,
      managed: false,
      mentionable: false,
      flags: 0,
    },
  ],
  emojis: [],
  stickers: [],
  features: [],
  mfa_level: 0,
  application_id: null,
  system_channel_id: null,
  system_channel_flags: 0,
  rules_channel_id: null,
  max_members: 500_000,
  vanity_url_code: null,
  description: null,
  banner: null,
  premium_tier: 0,
  premium_subscription_count: 0,
  preferred_locale: 'en-US',
  public_updates_channel_id: null,
  nsfw_level: 0,
  premium_progress_bar_enabled: false,
  safety_alerts_channel_id: null,
  incidents_data: null,
  joined_at: foundedAt(guild.id),
  large: false,
  unavailable: false,
  member_count: guild.members.size,
  voice_states: [],
  members: [toMember(application.bot, guild)],
  channels: guild.channelIds.map((id) => toChannel(world.channel(id))),
  threads: [],
  presences: [],
  stage_instances: [],
  guild_scheduled_events: [],
  soundboard_sounds: [],
});
