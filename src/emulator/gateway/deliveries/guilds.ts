import type { WorldEvent } from '../../world/event.ts';
import type { Application, Channel } from '../../world/model.ts';
import { toChannel } from '../../world/payload/channel.ts';
import { toGuild } from '../../world/payload/guild.ts';
import { toGuildCreate } from '../../world/payload/guild-create.ts';
import type { Json } from '../../world/payload/json.ts';
import { toRole } from '../../world/payload/role.ts';
import type { World } from '../../world/world.ts';
import type { Delivery } from '../delivery.ts';
import { once } from '../delivery.ts';
import { intent } from '../intents.ts';

type OfGuild = Extract<
  WorldEvent,
  {
    readonly type:
      | 'guild-joined'
      | 'guild-left'
      | 'guild-updated'
      | 'role-created'
      | 'role-updated'
      | 'role-deleted'
      | 'channel-created'
      | 'channel-updated'
      | 'channel-deleted';
  }
>;

/** Guilds come and go and change, and so do their roles, channels and threads. */
export function guildDeliveries(event: OfGuild, world: World): readonly Delivery[] {
  if ('channel' in event) return channelDeliveries(event.type, event.channel, world);
  const { guild } = event;
  const to = (audience: readonly Application[], name: string, data: Delivery['data']): readonly Delivery[] => [
    { event: name, guildId: guild.id, intent: intent.guilds, audience, data },
  ];
  const toAll = (name: string, make: () => Json) => to(world.applicationsIn(guild), name, once(make));
  switch (event.type) {
    case 'guild-joined':
      return to([event.application], 'GUILD_CREATE', (viewer) => JSON.stringify(toGuildCreate(guild, viewer, world)));
    case 'guild-left':
      return to(
        [event.application],
        'GUILD_DELETE',
        once(() => ({ id: guild.id })),
      );
    case 'guild-updated':
      return toAll('GUILD_UPDATE', () => toGuild(guild));
    case 'role-created':
      return toAll('GUILD_ROLE_CREATE', () => ({ guild_id: guild.id, role: toRole(event.role) }));
    case 'role-updated':
      return toAll('GUILD_ROLE_UPDATE', () => ({ guild_id: guild.id, role: toRole(event.role) }));
    case 'role-deleted':
      return toAll('GUILD_ROLE_DELETE', () => ({ guild_id: guild.id, role_id: event.role.id }));
  }
}

const verbs = { 'channel-created': 'CREATE', 'channel-updated': 'UPDATE', 'channel-deleted': 'DELETE' } as const;

/** Bots are not told of the channels for direct messages. */
function channelDeliveries(type: keyof typeof verbs, channel: Channel, world: World): readonly Delivery[] {
  const { guild, thread } = channel;
  if (!guild) return [];
  const make = (): Json => {
    if (thread && type === 'channel-deleted')
      return { id: channel.id, guild_id: guild.id, parent_id: thread.parentId, type: channel.type };
    return { ...toChannel(channel), ...(thread && type === 'channel-created' ? { newly_created: true } : {}) };
  };
  const name = `${thread ? 'THREAD' : 'CHANNEL'}_${verbs[type]}`;
  return [
    { event: name, guildId: guild.id, intent: intent.guilds, audience: world.audience(channel), data: once(make) },
  ];
}
