import type { Attachment } from '../attachments.ts';
import type { Application, Channel, Message, MessageOrigin, Reaction } from '../model.ts';
import { createdMs } from '../snowflake.ts';
import type { World } from '../world.ts';
import { toChannel } from './channel.ts';
import type { Json } from './json.ts';
import { iso } from './json.ts';
import { memberFields } from './member.ts';
import { toUser } from './user.ts';

/**
 * The message as REST gives it. `readable` false empties what needs the message content intent. Reactions are only shown
 * to a viewer, whose own are marked.
 */
export function toMessage(
  message: Message,
  channel: Channel,
  world: World,
  readable: (message: Message) => boolean,
  viewerId: string | null = null,
): Json {
  const open = readable(message);
  const thread = message.threadId === null ? undefined : world.findChannel(message.threadId);
  return {
    id: message.id,
    channel_id: message.channelId,
    type: message.type,
    author: toUser(message.author),
    content: open ? message.content : '',
    embeds: open ? message.embeds : [],
    attachments: open ? message.attachments.map(toAttachment) : [],
    components: open ? message.components : [],
    mentions: message.mentions.map(toUser),
    mention_roles: message.mentionRoleIds,
    mention_everyone: message.mentionsEveryone,
    pinned: message.pinnedMs !== null,
    tts: false,
    flags: message.flags,
    timestamp: iso(createdMs(message.id)),
    edited_timestamp: message.editedMs === null ? null : iso(message.editedMs),
    ...(message.nonce === null ? {} : { nonce: message.nonce }),
    ...(viewerId === null || message.reactions.length === 0
      ? {}
      : { reactions: message.reactions.map((reaction) => toReaction(reaction, viewerId)) }),
    ...(thread ? { thread: toChannel(thread) } : {}),
    ...(message.replyTo === null
      ? {}
      : {
          message_reference: {
            type: 0,
            message_id: message.replyTo,
            channel_id: channel.id,
            guild_id: channel.guild?.id,
          },
          ...referenced(message.replyTo, channel, world, readable),
        }),
    ...(message.origin === null
      ? {}
      : {
          application_id: message.author.id,
          webhook_id: message.author.id,
          ...originFields(message.origin, channel),
        }),
  };
}

/** Null says that it was deleted; without the field nobody looked. */
function referenced(id: string, channel: Channel, world: World, readable: (message: Message) => boolean): Json {
  const replied = world.findMessage(channel, id);
  if (replied)
    return { referenced_message: toMessage({ ...replied, replyTo: null }, channel, world, () => readable(replied)) };
  return world.findOriginal(channel, id) ? {} : { referenced_message: null };
}

/** `interaction` is deprecated and still sent; older libraries read it. */
function originFields(
  { interactionId, type, command, user, interactedMessageId }: MessageOrigin,
  channel: Channel,
): Json {
  return {
    interaction_metadata: {
      id: interactionId,
      type,
      user: toUser(user),
      authorizing_integration_owners: channel.guild ? { 0: channel.guild.id } : {},
      ...(interactedMessageId === null ? {} : { interacted_message_id: interactedMessageId }),
    },
    ...(command === null ? {} : { interaction: { id: interactionId, type, name: command, user: toUser(user) } }),
  };
}

const toReaction = ({ emoji, users }: Reaction, viewerId: string): Json => ({
  emoji,
  count: users.length,
  count_details: { normal: users.length, burst: 0 },
  me: users.some(({ id }) => id === viewerId),
  me_burst: false,
  burst_colors: [],
});

export const toAttachment = (attachment: Attachment): Json => ({
  id: attachment.id,
  filename: attachment.filename,
  ...(attachment.description === null ? {} : { description: attachment.description }),
  content_type: attachment.contentType,
  size: attachment.sizeBytes,
  url: attachment.url,
  proxy_url: attachment.url,
});

/** What MESSAGE_CREATE and MESSAGE_UPDATE add to the message. discord.js drops direct messages without `channel_type`. */
export const inGuild = ({ guild, type }: Channel, { author }: Message): Json => ({
  channel_type: type,
  ...(guild ? { guild_id: guild.id, member: memberFields(author, guild) } : {}),
});

/**
 * Whether an application without the message content intent still sees the text: its own messages, direct messages and
 * those that mention it.
 */
export const isAddressed = (application: Application, channel: Channel, message: Message): boolean =>
  channel.direct !== null ||
  message.author.id === application.id ||
  message.mentions.some(({ id }) => id === application.id);
