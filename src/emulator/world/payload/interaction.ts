import type { Interaction } from '../model.ts';
import { permissions, toChannel, toMember } from './guild.ts';
import type { Json } from './json.ts';
import { toUser } from './user.ts';

/** INTERACTION_CREATE of a slash command. */
export const toInteraction = (interaction: Interaction): Json => {
  const { application, channel, command, user } = interaction;
  const { guild } = channel;
  return {
    id: interaction.id,
    application_id: application.id,
    type: 2,
    token: interaction.token,
    version: 1,
    data: { id: command.id, name: command.name, type: 1, options: interaction.options },
    channel_id: channel.id,
    channel: toChannel(channel),
    locale: 'en-US',
    app_permissions: permissions,
    entitlements: [],
    attachment_size_limit: 10_485_760,
    context: guild ? 0 : 1,
    ...(guild
      ? {
          guild_id: guild.id,
          guild: { id: guild.id, locale: 'en-US', features: [] },
          guild_locale: 'en-US',
          member: { ...toMember(user, guild), permissions },
          authorizing_integration_owners: { 0: guild.id },
        }
      : { user: toUser(user), authorizing_integration_owners: { 0: '0' } }),
  };
};
