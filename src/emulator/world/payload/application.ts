import type { Command } from '../command.ts';
import type { Application } from '../model.ts';
import type { Json } from './json.ts';
import { toUser } from './user.ts';

/** Application flags that say which privileged intents it may use ("limited": fewer than 100 guilds). */
const flagsOf = (application: Application): number =>
  (application.privilegedIntents & 256 ? 1 << 13 : 0) |
  (application.privilegedIntents & 2 ? 1 << 15 : 0) |
  (application.privilegedIntents & 32_768 ? 1 << 19 : 0) |
  (application.commands.length > 0 ? 1 << 23 : 0);

export const toPartialApplication = (application: Application): Json => ({
  id: application.id,
  flags: flagsOf(application),
});

export const toApplication = (application: Application): Json => ({
  ...toPartialApplication(application),
  name: application.name,
  icon: null,
  description: '',
  summary: '',
  type: null,
  bot: toUser(application.bot),
  bot_public: false,
  bot_require_code_grant: false,
  verify_key: '0'.repeat(64),
  owner: toUser(application.owner),
  team: null,
  redirect_uris: [],
  interactions_endpoint_url: null,
  role_connections_verification_url: null,
  approximate_guild_count: application.guildIds.length,
});

export const toCommand = (command: Command, application: Application): Json => {
  const { guildId, ...fields } = command;
  return {
    description: '',
    default_member_permissions: null,
    dm_permission: true,
    nsfw: false,
    ...fields,
    application_id: application.id,
    ...(guildId === null ? {} : { guild_id: guildId }),
  };
};
