import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Guild, Role } from '../../world/model.ts';
import { toRole } from '../../world/payload/role.ts';
import { allPermissions, outranksRole, permission } from '../../world/permissions.ts';
import type { RoleOptions } from '../../world/world.ts';
import type { GuildRequest, RoleRequest } from '../access.ts';
import { Access } from '../access.ts';
import { bits } from '../body/channel.ts';
import { given } from '../body/given.ts';
import { snowflake } from '../body/snowflake.ts';
import { uploadOf } from '../body/upload.ts';
import type { ApiContext } from '../context.ts';
import { DiscordError, missingPermissions, parse, unknownRole } from '../discord-error.ts';

const colour = z.int().min(0).max(0xffffff).nullish();
const fields = z.object({
  name: z.string().max(100).nullish(),
  permissions: bits.nullish(),
  color: colour,
  colors: z.looseObject({ primary_color: colour }).nullish(),
  hoist: z.boolean().nullish(),
  mentionable: z.boolean().nullish(),
});
const positions = z.array(z.object({ id: snowflake, position: z.int().nonnegative().nullish() }));
const mostRoles = 250;

/** Roles of a guild. */
export function roleRoutes(api: FastifyInstance, context: ApiContext): void {
  const { world } = context;
  const access = new Access(context);
  const url = '/guilds/:guildId/roles';

  const find = (guild: Guild, roleId: string): Role => {
    const role = guild.roles.get(roleId);
    if (!role) throw unknownRole();
    return role;
  };
  /** What nobody has may nobody give. */
  const wantedIn = (request: GuildRequest, held: bigint): RoleOptions => {
    const { name, permissions, color, colors, hoist, mentionable } = parse(fields, uploadOf(request.body).fields);
    const rgb = colors?.primary_color ?? color;
    if (permissions && (BigInt(permissions) & allPermissions & ~held) !== 0n) throw missingPermissions();
    return given({
      name: name || undefined,
      permissions: permissions ?? undefined,
      color: rgb ?? undefined,
      hoist: hoist ?? undefined,
      mentionable: mentionable ?? undefined,
    });
  };
  const rolesOf = (guild: Guild) => Array.from(guild.roles.values(), toRole);

  api.get(url, (request: GuildRequest) => rolesOf(access.guild(request).guild));
  api.get(`${url}/:roleId`, (request: RoleRequest) => {
    const { guild } = access.guild(request);
    return toRole(find(guild, request.params.roleId));
  });

  api.post(url, (request: GuildRequest) => {
    const { application, guild } = access.guild(request, permission.manageRoles);
    if (guild.roles.size >= mostRoles)
      throw new DiscordError(400, 30005, `Maximum number of guild roles reached (${mostRoles})`);
    return toRole(world.createRole(guild, wantedIn(request, access.permissions(application.id, guild))));
  });

  api.patch(url, (request: GuildRequest) => {
    const { application, guild } = access.guild(request, permission.manageRoles);
    const moved = parse(positions, uploadOf(request.body).fields).map(({ id, position }) => ({
      role: find(guild, id),
      position,
    }));
    if (moved.some(({ role }) => !outranksRole(guild, application.id, role))) throw missingPermissions();
    for (const { role, position } of moved)
      if (typeof position === 'number' && role.id !== guild.id) world.updateRole(guild, role, { position });
    return rolesOf(guild);
  });

  api.patch(`${url}/:roleId`, (request: RoleRequest) => {
    const { application, guild } = access.guild(request, permission.manageRoles);
    const role = find(guild, request.params.roleId);
    const wanted = wantedIn(request, access.permissions(application.id, guild));
    if (!outranksRole(guild, application.id, role)) throw missingPermissions();
    world.updateRole(guild, role, wanted);
    return toRole(role);
  });

  api.delete(`${url}/:roleId`, (request: RoleRequest, reply) => {
    const { application, guild } = access.guild(request, permission.manageRoles);
    const role = find(guild, request.params.roleId);
    if (role.id === guild.id || role.botId !== null) throw new DiscordError(400, 50028, 'Invalid Role');
    if (!outranksRole(guild, application.id, role)) throw missingPermissions();
    world.deleteRole(guild, role);
    return reply.code(204).send();
  });
}
