import type { WorldEvent } from '../../world/event.ts';
import type { Channel, Emoji, Message } from '../../world/model.ts';
import { isEphemeral } from '../../world/model.ts';
import { toInteraction } from '../../world/payload/interaction.ts';
import type { Json } from '../../world/payload/json.ts';
import { iso } from '../../world/payload/json.ts';
import { memberFields, toMember } from '../../world/payload/member.ts';
import { inGuild, isAddressed, toMessage } from '../../world/payload/message.ts';
import { toUser } from '../../world/payload/user.ts';
import type { World } from '../../world/world.ts';
import type { Delivery } from '../delivery.ts';
import { once } from '../delivery.ts';
import { intent } from '../intents.ts';
import type { Session } from '../session.ts';

type InChannel = Extract<
  WorldEvent,
  {
    readonly type:
      | 'message-created'
      | 'message-updated'
      | 'message-deleted'
      | 'messages-deleted'
      | 'reaction-added'
      | 'reaction-removed'
      | 'reactions-cleared'
      | 'pins-changed'
      | 'typing'
      | 'interaction';
  }
>;

/** What is written, and what is done to it. */
export function messageDeliveries(event: InChannel, world: World): readonly Delivery[] {
  const { channel } = event;
  const guildId = channel.guild?.id ?? null;
  const place = { channel_id: channel.id, ...(guildId === null ? {} : { guild_id: guildId }) };
  const toAll = (name: string, guildBit: number, directBit: number, data: Delivery['data']): readonly Delivery[] => {
    const audience = world.audience(channel);
    return [{ event: name, guildId, intent: channel.guild ? guildBit : directBit, audience, data }];
  };
  const aboutMessages = (name: string, make: () => Json) =>
    toAll(name, intent.guildMessages, intent.directMessages, once(make));
  const aboutReactions = (name: string, make: () => Json) =>
    toAll(name, intent.guildMessageReactions, intent.directMessageReactions, once(make));

  switch (event.type) {
    case 'message-created':
    case 'message-updated': {
      const name = event.type === 'message-created' ? 'MESSAGE_CREATE' : 'MESSAGE_UPDATE';
      if (isEphemeral(event.message)) return ephemeral(name, event.message, channel, world);
      return toAll(name, intent.guildMessages, intent.directMessages, messageData(event.message, channel, world));
    }
    case 'message-deleted':
      if (isEphemeral(event.message)) return [];
      return aboutMessages('MESSAGE_DELETE', () => ({ id: event.message.id, ...place }));
    case 'messages-deleted':
      return aboutMessages('MESSAGE_DELETE_BULK', () => ({ ids: event.messageIds, ...place }));
    case 'reaction-added':
    case 'reaction-removed': {
      const isAdded = event.type === 'reaction-added';
      const { user, message, emoji } = event;
      return aboutReactions(isAdded ? 'MESSAGE_REACTION_ADD' : 'MESSAGE_REACTION_REMOVE', () => ({
        user_id: user.id,
        message_id: message.id,
        ...place,
        emoji: toEmoji(emoji),
        ...(isAdded ? { message_author_id: message.author.id } : {}),
        ...(isAdded && channel.guild ? { member: toMember(user, channel.guild) } : {}),
        burst: false,
        type: 0,
      }));
    }
    case 'reactions-cleared': {
      const { message, emoji } = event;
      if (!emoji) return aboutReactions('MESSAGE_REACTION_REMOVE_ALL', () => ({ message_id: message.id, ...place }));
      return aboutReactions('MESSAGE_REACTION_REMOVE_EMOJI', () => ({
        message_id: message.id,
        ...place,
        emoji: toEmoji(emoji),
      }));
    }
    case 'pins-changed':
      return toAll(
        'CHANNEL_PINS_UPDATE',
        intent.guilds,
        intent.directMessages,
        once(() => ({ ...place, last_pin_timestamp: channel.pinnedMs === null ? null : iso(channel.pinnedMs) })),
      );
    case 'typing': {
      const { user, atMs } = event;
      const data = once(() => ({
        ...place,
        user_id: user.id,
        timestamp: Math.floor(atMs / 1000),
        ...(channel.guild ? { member: { ...memberFields(user, channel.guild), user: toUser(user) } } : {}),
      }));
      return toAll('TYPING_START', intent.guildMessageTyping, intent.directMessageTyping, data);
    }
    case 'interaction': {
      const { interaction } = event;
      const data = once(() => toInteraction(interaction, world));
      return [{ event: 'INTERACTION_CREATE', guildId, intent: 0, audience: [interaction.application], data }];
    }
  }
}

const toEmoji = ({ id, name }: Emoji): Json => ({ id, name });

/** At most four forms: with or without the text of the message, and of the one that it replies to. */
function messageData(message: Message, channel: Channel, world: World): Delivery['data'] {
  const replied = message.replyTo === null ? undefined : world.findMessage(channel, message.replyTo);
  const made = new Map<number, string>();
  return ({ readsContent, application }: Session) => {
    const isReadable = (one: Message): boolean => readsContent || isAddressed(application, channel, one);
    const form = (isReadable(message) ? 1 : 0) + (replied && isReadable(replied) ? 2 : 0);
    const known = made.get(form);
    if (known !== undefined) return known;
    const data = JSON.stringify({ ...toMessage(message, channel, world, isReadable), ...inGuild(channel, message) });
    made.set(form, data);
    return data;
  };
}

/** Only the bot that answered so hears of it, as if it were a direct message: without guild and member. */
function ephemeral(event: string, message: Message, channel: Channel, world: World): readonly Delivery[] {
  const author = world.findApplication(message.author.id);
  if (!author) return [];
  const data = once(() => toMessage(message, channel, world, () => true));
  return [{ event, guildId: null, intent: intent.directMessages, audience: [author], data }];
}
