import type { WorldEvent } from '../world/event.ts';
import type { Channel, Guild, Member, Message, User } from '../world/model.ts';
import { isEphemeral, messageFlag, messageType } from '../world/model.ts';
import { createdMs } from '../world/snowflake.ts';
import type { World } from '../world/world.ts';
import type { Change, ChannelView, GuildView, MemberView, MessageView, PersonView } from './views.ts';

export const personView = ({ id, name }: User): PersonView => ({ id, name });

export const guildView = ({ id, name, roles }: Guild): GuildView => ({
  id,
  name,
  roles: [...roles.values()].filter((role) => role.id !== id).map((role) => ({ id: role.id, name: role.name })),
});

export const channelView = (channel: Channel, world: World): ChannelView => ({
  id: channel.id,
  name: channel.name,
  type: channel.type,
  topic: channel.topic,
  parentId: channel.thread?.parentId ?? channel.parentId,
  guild: channel.guild?.name ?? null,
  guildId: channel.guild?.id ?? null,
  applicationIds: world.audience(channel).map(({ id }) => id),
});

/** People are always there. */
const isOnline = (user: User, world: World): boolean =>
  !user.bot || !['offline', 'invisible'].includes(world.presenceOf(user).status);

const memberView = (user: User, member: Member | null, world: World): MemberView => ({
  ...personView(user),
  nick: member?.nick ?? null,
  bot: user.bot,
  online: isOnline(user, world),
});

/** Who can be met in a channel. */
export function membersOf({ guild, direct }: Channel, world: World): readonly MemberView[] {
  if (guild) return [...guild.members.values()].map((member) => memberView(member.user, member, world));
  if (!direct) return [];
  return [world.application(direct.applicationId).bot, direct.person].map((user) => memberView(user, null, world));
}

export function messageView(message: Message): MessageView {
  const { author, origin, flags } = message;
  return {
    id: message.id,
    channelId: message.channelId,
    author: author.name,
    authorId: author.id,
    bot: author.bot,
    at: new Date(createdMs(message.id)).toISOString(),
    content: message.content,
    mentions: message.mentions.map(personView),
    replyTo: message.replyTo,
    edited: message.editedMs !== null,
    loading: (flags & messageFlag.loading) !== 0,
    visibleTo: isEphemeral(message) && origin ? personView(origin.user) : null,
    command:
      message.type === messageType.command && origin?.command
        ? { name: origin.command, user: personView(origin.user) }
        : null,
    embeds: message.embeds,
    components: message.components,
    attachments: message.attachments.map(({ filename, description, contentType, sizeBytes, url }) => ({
      name: filename,
      description,
      contentType,
      sizeBytes,
      url: new URL(url).pathname,
    })),
    reactions: message.reactions.map(({ emoji, users }) => ({
      emoji: emoji.id === null ? emoji.name : `:${emoji.name}:`,
      names: users.map(({ name }) => name),
    })),
  };
}

/** What a page that shows the chat has to know of an event; none for what only bots hear of. */
export function changesOf(event: WorldEvent, world: World): readonly (() => Change)[] {
  switch (event.type) {
    case 'message-created':
    case 'message-updated':
    case 'reaction-added':
    case 'reaction-removed':
    case 'reactions-cleared':
      return [() => ({ type: 'message', message: messageView(event.message) })];
    case 'message-deleted':
      return [() => ({ type: 'message-deleted', channelId: event.channel.id, id: event.message.id })];
    case 'messages-deleted':
      return event.messageIds.map((id) => () => ({ type: 'message-deleted', channelId: event.channel.id, id }));
    case 'typing':
      return [() => ({ type: 'typing', channelId: event.channel.id, user: personView(event.user) })];
    case 'presence':
      return [() => ({ type: 'presence', userId: event.user.id, online: isOnline(event.user, world) })];
    case 'interaction':
    case 'pins-changed':
    case 'thread-members':
    case 'voice-state':
      return [];
    default:
      return [() => ({ type: 'places' })];
  }
}
