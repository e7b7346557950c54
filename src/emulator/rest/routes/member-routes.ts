import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { intent } from '../../gateway/intents.ts';
import type { Application, Guild, Member } from '../../world/model.ts';
import { isVoice } from '../../world/payload/channel.ts';
import { toMember } from '../../world/payload/member.ts';
import { outranksMember, outranksRole, permission } from '../../world/permissions.ts';
import type { MemberChange } from '../../world/world.ts';
import type { GuildRequest, MemberRequest, MemberRoleRequest } from '../access.ts';
import { Access } from '../access.ts';
import { given } from '../body/given.ts';
import { pagedById, pageOf } from '../body/page.ts';
import { byAge, snowflake } from '../body/snowflake.ts';
import { uploadOf } from '../body/upload.ts';
import type { ApiContext } from '../context.ts';
import {
  DiscordError,
  missingAccess,
  missingPermissions,
  parse,
  unknownChannel,
  unknownMember,
  unknownRole,
} from '../discord-error.ts';

const nick = z.string().max(32).nullish();
const self = z.object({ nick });
const change = z.object({
  nick,
  roles: z.array(snowflake).nullish(),
  mute: z.boolean().nullish(),
  deaf: z.boolean().nullish(),
  channel_id: snowflake.nullish(),
  communication_disabled_until: z.iso.datetime({ offset: true }).nullish(),
});
const page = pageOf(1000, 1);

/** Who is in a guild, with which roles and names. */
export function memberRoutes(api: FastifyInstance, context: ApiContext): void {
  const { world } = context;
  const access = new Access(context);

  const find = (guild: Guild, userId: string): Member => {
    const member = guild.members.get(userId);
    if (!member) throw unknownMember();
    return member;
  };
  /** Also itself, in as far as one may give and take one's own lower roles. */
  const requireBelow = (application: Application, guild: Guild, member: Member): void => {
    if (member.user.id !== application.id && !outranksMember(guild, application.id, member)) throw missingPermissions();
  };
  const requireGivable = (application: Application, guild: Guild, roleId: string): void => {
    const role = guild.roles.get(roleId);
    if (!role || role.id === guild.id) throw unknownRole();
    if (role.botId !== null) throw new DiscordError(400, 50028, 'Invalid Role');
    if (!outranksRole(guild, application.id, role)) throw missingPermissions();
  };
  const shown = (member: Member, guild: Guild) => toMember(member.user, guild);

  api.get('/guilds/:guildId/members', (request: GuildRequest) => {
    const { application, guild } = access.guild(request);
    if ((application.privilegedIntents & intent.guildMembers) === 0) throw missingAccess();
    const users = Array.from(guild.members.values(), ({ user }) => user).sort(byAge);
    return pagedById(users, parse(page, request.query)).map((user) => toMember(user, guild));
  });
  api.get('/guilds/:guildId/members/:userId', (request: MemberRequest) => {
    const { guild } = access.guild(request);
    return shown(find(guild, request.params.userId), guild);
  });

  api.patch('/guilds/:guildId/members/@me', (request: GuildRequest) => {
    const { application, guild } = access.guild(request, permission.changeNickname);
    const wanted = parse(self, uploadOf(request.body).fields);
    const member = find(guild, application.id);
    if (wanted.nick !== undefined) world.updateMember(guild, member, { nick: wanted.nick || null });
    return shown(member, guild);
  });

  api.patch('/guilds/:guildId/members/:userId', (request: MemberRequest) => {
    const { application, guild } = access.guild(request);
    const member = find(guild, request.params.userId);
    const wanted = parse(change, uploadOf(request.body).fields);
    requireBelow(application, guild, member);
    const needed = Object.keys(neededFor) as (keyof typeof neededFor)[];
    access.require(
      application,
      guild,
      ...needed.filter((key) => wanted[key] !== undefined).map((key) => neededFor[key]),
    );
    if (wanted.roles)
      for (const id of new Set(wanted.roles).symmetricDifference(new Set(member.roleIds)))
        requireGivable(application, guild, id);
    const changes: MemberChange = given({
      nick: wanted.nick === undefined ? undefined : wanted.nick || null,
      roleIds: wanted.roles ? [...new Set(wanted.roles)] : undefined,
      mute: wanted.mute ?? undefined,
      deaf: wanted.deaf ?? undefined,
      timedOutUntilMs: timeIn(wanted.communication_disabled_until),
    });
    if (wanted.channel_id !== undefined) move(guild, member, wanted.channel_id);
    if (Object.keys(changes).length > 0) world.updateMember(guild, member, changes);
    return shown(member, guild);
  });

  const move = (guild: Guild, member: Member, channelId: string | null): void => {
    const channel = channelId === null ? null : world.findChannel(channelId);
    if (channel !== null && (channel?.guild !== guild || !isVoice(channel))) throw unknownChannel();
    if (!guild.voiceStates.has(member.user.id))
      throw new DiscordError(400, 40032, 'Target user is not connected to voice.');
    world.setVoiceState(guild, member.user, { channelId });
  };

  for (const [method, isGiven] of [
    ['PUT', true],
    ['DELETE', false],
  ] as const)
    api.route({
      method,
      url: '/guilds/:guildId/members/:userId/roles/:roleId',
      handler: (request, reply) => {
        const { params } = request as MemberRoleRequest;
        const { application, guild } = access.guild(request as MemberRoleRequest, permission.manageRoles);
        const member = find(guild, params.userId === '@me' ? application.id : params.userId);
        requireGivable(application, guild, params.roleId);
        const others = member.roleIds.filter((id) => id !== params.roleId);
        if (isGiven === others.length < member.roleIds.length) return reply.code(204).send();
        world.updateMember(guild, member, { roleIds: isGiven ? [...others, params.roleId] : others });
        return reply.code(204).send();
      },
    });

  api.delete('/guilds/:guildId/members/:userId', (request: MemberRequest, reply) => {
    const { application, guild } = access.guild(request, permission.kickMembers);
    const member = find(guild, request.params.userId);
    if (!outranksMember(guild, application.id, member)) throw missingPermissions();
    world.removeMember(guild, member.user);
    return reply.code(204).send();
  });
}

const timeIn = (text: string | null | undefined): number | null | undefined =>
  typeof text === 'string' ? Date.parse(text) : text;

const neededFor = {
  nick: permission.manageNicknames,
  roles: permission.manageRoles,
  mute: permission.muteMembers,
  deaf: permission.deafenMembers,
  channel_id: permission.moveMembers,
  communication_disabled_until: permission.moderateMembers,
} as const;
