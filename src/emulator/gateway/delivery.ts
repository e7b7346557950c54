import type { Application, Channel, Message, WorldEvent } from '../world/model.ts';
import { isEphemeral } from '../world/model.ts';
import { memberFields } from '../world/payload/guild.ts';
import { toInteraction } from '../world/payload/interaction.ts';
import { inGuild, isAddressed, toMessage } from '../world/payload/message.ts';
import { toUser } from '../world/payload/user.ts';
import type { World } from '../world/world.ts';
import { intent } from './intents.ts';

/** One dispatch for the sessions of one application; a session takes it when shard and intents fit. */
export type Delivery = {
  readonly applicationId: string;
  readonly event: string;
  readonly guildId: string | null;
  /** The intent bit that asks for it; 0 when none is needed. */
  readonly intent: number;
  /** The serialised `d`, with or without the message content intent. */
  readonly data: (readsContent: boolean) => string;
};

const messageEvents = {
  'message-created': 'MESSAGE_CREATE',
  'message-updated': 'MESSAGE_UPDATE',
  'message-deleted': 'MESSAGE_DELETE',
} as const;

/** Who hears of an event, and in which form. Ephemeral messages are shown to one person and not dispatched. */
export function deliveriesOf(event: WorldEvent, world: World): readonly Delivery[] {
  const { channel } = event;
  const guildId = channel.guild?.id ?? null;
  if (event.type === 'interaction') {
    const data = JSON.stringify(toInteraction(event.interaction));
    const applicationId = event.interaction.application.id;
    return [{ applicationId, event: 'INTERACTION_CREATE', guildId, intent: 0, data: () => data }];
  }
  if (event.type === 'typing') {
    const data = JSON.stringify({
      channel_id: channel.id,
      guild_id: channel.guild?.id,
      user_id: event.user.id,
      timestamp: Math.floor(event.atMs / 1000),
      ...(channel.guild ? { member: { ...memberFields(channel.guild), user: toUser(event.user) } } : {}),
    });
    const bit = channel.guild ? intent.guildMessageTyping : intent.directMessageTyping;
    return world
      .audience(channel)
      .map(({ id }) => ({ applicationId: id, event: 'TYPING_START', guildId, intent: bit, data: () => data }));
  }
  if (isEphemeral(event.message)) return [];
  return world.audience(channel).map((application) => ({
    applicationId: application.id,
    event: messageEvents[event.type],
    guildId,
    intent: channel.guild ? intent.guildMessages : intent.directMessages,
    data:
      event.type === 'message-deleted'
        ? () => JSON.stringify({ id: event.message.id, channel_id: channel.id, guild_id: channel.guild?.id })
        : messageData(event.message, channel, application, world),
  }));
}

function messageData(message: Message, channel: Channel, application: Application, world: World): Delivery['data'] {
  const serialise = (readsContent: boolean): string =>
    JSON.stringify({
      ...toMessage(message, channel, world, (shown) => readsContent || isAddressed(application, channel, shown)),
      ...inGuild(channel),
    });
  const made = new Map<boolean, string>();
  return (readsContent) => {
    const data = made.get(readsContent) ?? serialise(readsContent);
    made.set(readsContent, data);
    return data;
  };
}
