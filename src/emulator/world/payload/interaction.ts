import type { Interaction, InteractionData, Resolved } from '../interaction.ts';
import { interactionType } from '../interaction.ts';
import type { Channel } from '../model.ts';
import { createdMs } from '../snowflake.ts';
import type { World } from '../world.ts';
import { toChannel } from './channel.ts';
import type { Json } from './json.ts';
import { toMember } from './member.ts';
import { toAttachment, toMessage } from './message.ts';
import { toRole } from './role.ts';
import { toUser } from './user.ts';

/** In direct messages with the bot: attach files, embed links, mention everyone, use external emojis. */
const directPermissions = '442368';

/** INTERACTION_CREATE. */
export const toInteraction = (interaction: Interaction, world: World): Json => {
  const { application, channel, user, data, message, resolved } = interaction;
  const { guild } = channel;
  const nowMs = createdMs(interaction.id);
  const mayDo = (userId: string): string => String(world.permissionsIn(channel, userId, nowMs));
  return {
    id: interaction.id,
    application_id: application.id,
    type: data.type,
    token: interaction.token,
    version: 1,
    data: { ...toData(data), ...toResolved(resolved, channel, world, mayDo) },
    channel_id: channel.id,
    channel: toChannel(channel),
    ...(message ? { message: toMessage(message, channel, world, () => true) } : {}),
    locale: 'en-US',
    app_permissions: guild ? mayDo(application.id) : directPermissions,
    entitlements: [],
    attachment_size_limit: 10_485_760,
    context: guild ? 0 : 1,
    ...(guild
      ? {
          guild_id: guild.id,
          guild: { id: guild.id, locale: 'en-US', features: [] },
          guild_locale: 'en-US',
          member: { ...toMember(user, guild), permissions: mayDo(user.id) },
          authorizing_integration_owners: { 0: guild.id },
        }
      : { user: toUser(user), authorizing_integration_owners: { 0: '0' } }),
  };
};

function toData(data: InteractionData): Json {
  switch (data.type) {
    case interactionType.component:
      return {
        id: data.component['id'],
        custom_id: data.component['custom_id'],
        component_type: data.component.type,
        ...(data.values === null ? {} : { values: data.values }),
      };
    case interactionType.modal:
      return { custom_id: data.customId, components: data.components };
    default: {
      const { id, name, type, guildId } = data.command;
      return {
        id,
        name,
        type,
        ...(guildId === null ? {} : { guild_id: guildId }),
        ...(data.options.length === 0 ? {} : { options: data.options }),
        ...(data.targetId === null ? {} : { target_id: data.targetId }),
      };
    }
  }
}

const byId = <Entity extends { readonly id: string }>(entities: readonly Entity[], show: (entity: Entity) => Json) =>
  Object.fromEntries(entities.map((entity) => [entity.id, show(entity)]));

/** Kinds without entities are left out, and so is the whole when there are none. */
function toResolved(resolved: Resolved, channel: Channel, world: World, mayDo: (userId: string) => string): Json {
  const { guild } = channel;
  const members = guild ? resolved.users.filter(({ id }) => guild.members.has(id)) : [];
  const kinds = {
    users: byId(resolved.users, toUser),
    members: byId(members, (user) => {
      const { user: _user, deaf: _deaf, mute: _mute, ...partial } = guild ? toMember(user, guild) : {};
      return { ...partial, permissions: mayDo(user.id) };
    }),
    roles: byId(resolved.roles, toRole),
    channels: byId(resolved.channels, (one) => ({ ...toChannel(one), permissions: '0' })),
    messages: byId(resolved.messages, (message) => toMessage(message, channel, world, () => true)),
    attachments: byId(resolved.attachments, toAttachment),
  };
  const filled = Object.entries(kinds).filter(([, entities]) => Object.keys(entities).length > 0);
  return filled.length === 0 ? {} : { resolved: Object.fromEntries(filled) };
}
