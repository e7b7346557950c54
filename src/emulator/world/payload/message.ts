import type { Application, Channel, Message } from '../model.ts';
import { createdMs } from '../snowflake.ts';
import type { World } from '../world.ts';
import { memberFields } from './guild.ts';
import type { Json } from './json.ts';
import { iso } from './json.ts';
import { toUser } from './user.ts';

/** The message as REST gives it. `readable` false empties what needs the message content intent. */
export function toMessage(
  message: Message,
  channel: Channel,
  world: World,
  readable: (message: Message) => boolean,
): Json {
  const replied = message.replyTo === null ? undefined : world.findMessage(channel, message.replyTo);
  const open = readable(message);
  return {
    id: message.id,
    channel_id: message.channelId,
    type: message.type,
    author: toUser(message.author),
    content: open ? message.content : '',
    embeds: open ? message.embeds : [],
    attachments: [],
    components: open ? message.components : [],
    mentions: message.mentions.map(toUser),
    mention_roles: [],
    mention_everyone: false,
    pinned: false,
    tts: false,
    flags: message.flags,
    timestamp: iso(createdMs(message.id)),
    edited_timestamp: message.editedMs === null ? null : iso(message.editedMs),
    ...(message.nonce === null ? {} : { nonce: message.nonce }),
    ...(message.replyTo === null
      ? {}
      : {
          message_reference: {
            type: 0,
            message_id: message.replyTo,
            channel_id: channel.id,
            guild_id: channel.guild?.id,
          },
          referenced_message: replied
            ? toMessage({ ...replied, replyTo: null }, channel, world, () => readable(replied))
            : null,
        }),
    ...(message.origin === null
      ? {}
      : {
          application_id: message.author.id,
          webhook_id: message.author.id,
          interaction_metadata: {
            id: message.origin.interactionId,
            type: 2,
            user: toUser(message.origin.user),
            authorizing_integration_owners: channel.guild ? { 0: channel.guild.id } : {},
          },
        }),
  };
}

/** What MESSAGE_CREATE and MESSAGE_UPDATE add to the message. */
export const inGuild = (channel: Channel): Json =>
  channel.guild ? { guild_id: channel.guild.id, member: memberFields(channel.guild) } : {};

/**
 * Whether an application without the message content intent still sees the text: its own messages, direct messages and
 * those that mention it.
 */
export const isAddressed = (application: Application, channel: Channel, message: Message): boolean =>
  channel.direct !== null ||
  message.author.id === application.id ||
  message.mentions.some(({ id }) => id === application.id);
