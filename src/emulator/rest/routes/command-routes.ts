import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Command } from '../../world/command.ts';
import type { Application } from '../../world/model.ts';
import { toCommand } from '../../world/payload/application.ts';
import type { CommandFields } from '../body/command.ts';
import { command, commands, mostCommands } from '../body/command.ts';
import type { ApiContext } from '../context.ts';
import { authenticate } from '../context.ts';
import { DiscordError, invalidForm, missingAccess, parse, unknownCommand } from '../discord-error.ts';

type CommandRequest = FastifyRequest<{
  Params: { applicationId: string; guildId?: string; commandId: string };
}>;
type Scope = { readonly application: Application; readonly guildId: string | null };

const typeAndName = ({ type, name }: { type: number; name: string }): string => `${type} ${name}`;

/** The commands of an application, for all guilds or for one. */
export function commandRoutes(api: FastifyInstance, context: ApiContext): void {
  const { world } = context;

  const enter = (request: CommandRequest): Scope => {
    const application = authenticate(context, request);
    const { applicationId, guildId = null } = request.params;
    if (applicationId !== application.id)
      throw new DiscordError(403, 20012, 'You are not authorized to perform this action on this application');
    if (guildId !== null && !world.findGuild(guildId)?.members.has(application.id)) throw missingAccess();
    return { application, guildId };
  };
  const inScope = ({ application, guildId }: Scope): readonly Command[] =>
    application.commands.filter((known) => known.guildId === guildId);
  const find = (scope: Scope, { params }: CommandRequest): Command => {
    const found = inScope(scope).find(({ id }) => id === params.commandId);
    if (!found) throw unknownCommand();
    return found;
  };
  const made = (fields: CommandFields, guildId: string | null, id = world.ids.next()): Command => ({
    ...fields,
    id,
    guildId,
    version: world.ids.next(),
  });
  const hold = ({ application, guildId }: Scope, held: readonly Command[]): void => {
    for (const [type, most] of Object.entries(mostCommands))
      if (held.filter((one) => one.type === Number(type)).length > most)
        throw new DiscordError(400, 30032, `Maximum number of application commands reached (${most}).`);
    application.commands = [...application.commands.filter((known) => known.guildId !== guildId), ...held];
  };
  const shown = ({ application }: Scope, one: Command) => toCommand(one, application);

  for (const url of [
    '/applications/:applicationId/commands',
    '/applications/:applicationId/guilds/:guildId/commands',
  ]) {
    api.get(url, (request: CommandRequest) => {
      const scope = enter(request);
      return inScope(scope).map((one) => shown(scope, one));
    });

    api.put(url, (request: CommandRequest) => {
      const scope = enter(request);
      const wanted = parse(commands, request.body);
      const known = new Map(inScope(scope).map((one) => [typeAndName(one), one.id]));
      const names = wanted.map(typeAndName);
      const doubled = names.findIndex((name, index) => names.indexOf(name) < index);
      if (doubled >= 0) throw notUnique([doubled, 'name']);
      hold(
        scope,
        wanted.map((fields) => made(fields, scope.guildId, known.get(typeAndName(fields)))),
      );
      return inScope(scope).map((one) => shown(scope, one));
    });

    api.post(url, (request: CommandRequest, reply) => {
      const scope = enter(request);
      const fields = parse(command, request.body);
      const replaced = inScope(scope).find((one) => typeAndName(one) === typeAndName(fields));
      const one = made(fields, scope.guildId, replaced?.id);
      hold(scope, [...inScope(scope).filter((known) => known !== replaced), one]);
      return reply.code(replaced ? 200 : 201).send(shown(scope, one));
    });

    api.get(`${url}/:commandId`, (request: CommandRequest) => {
      const scope = enter(request);
      return shown(scope, find(scope, request));
    });

    api.patch(`${url}/:commandId`, (request: CommandRequest) => {
      const scope = enter(request);
      const { id, version: _version, guildId, ...before } = find(scope, request);
      const change = typeof request.body === 'object' && request.body !== null ? request.body : {};
      const one = made(parse(command, { ...before, ...change, type: before.type }), guildId, id);
      const others = inScope(scope).filter((known) => known.id !== id);
      if (others.some((known) => typeAndName(known) === typeAndName(one))) throw notUnique(['name']);
      hold(scope, [...others, one]);
      return shown(scope, one);
    });

    api.delete(`${url}/:commandId`, (request: CommandRequest, reply) => {
      const { application } = enter(request);
      const { id } = find(enter(request), request);
      application.commands = application.commands.filter((known) => known.id !== id);
      return reply.code(204).send();
    });
  }
}

const notUnique = (path: readonly PropertyKey[]): DiscordError =>
  invalidForm([
    {
      path,
      problem: {
        code: 'APPLICATION_COMMANDS_DUPLICATE_NAME',
        message: 'Application command names must be unique',
      },
    },
  ]);
