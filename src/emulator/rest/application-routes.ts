import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Application, Command } from '../world/model.ts';
import { toApplication, toCommand } from '../world/payload/application.ts';
import { toChannel } from '../world/payload/guild.ts';
import { toSelf } from '../world/payload/user.ts';
import type { ApiContext } from './context.ts';
import { authenticate } from './context.ts';
import { DiscordError, missingAccess, parse, unknownUser } from './discord-error.ts';

const commandName = z.string().regex(/^[-_'\p{L}\p{N}\p{sc=Deva}\p{sc=Thai}]{1,32}$/u);
const option = z.looseObject({ type: z.int().min(1).max(11), name: commandName, required: z.boolean().optional() });
const command = z
  .looseObject({
    name: z.string().min(1).max(32),
    type: z.int().min(1).max(4).default(1),
    description: z.string().max(100).default(''),
    options: z.array(option).max(25).optional(),
  })
  .refine(({ type, name }) => type !== 1 || (commandName.safeParse(name).success && name === name.toLowerCase()), {
    path: ['name'],
    message: 'Command name is invalid',
  })
  .refine(({ type, description }) => type !== 1 || description.length > 0, {
    path: ['description'],
    message: 'This field is required',
  });
const commands = z.array(command).max(100);
const directChannel = z.object({ recipient_id: z.string() });

type CommandRequest = FastifyRequest<{ Params: { applicationId: string; guildId?: string } }>;

/** The bot itself, its application, its slash commands and its direct channels. */
export function applicationRoutes(api: FastifyInstance, context: ApiContext): void {
  const { world } = context;
  api.get('/users/@me', (request) => toSelf(authenticate(context, request).bot));
  api.get('/applications/@me', (request) => toApplication(authenticate(context, request)));
  api.get('/oauth2/applications/@me', (request) => toApplication(authenticate(context, request)));

  api.post('/users/@me/channels', (request) => {
    const application = authenticate(context, request);
    const { recipient_id: recipientId } = parse(directChannel, request.body);
    const person = world.findUser(recipientId);
    if (!person) throw unknownUser();
    if (person.bot) throw new DiscordError(400, 50007, 'Cannot send messages to this user');
    return toChannel(world.direct(application, person));
  });

  const owned = (request: CommandRequest): { application: Application; guildId: string | null } => {
    const application = authenticate(context, request);
    const { applicationId, guildId = null } = request.params;
    if (applicationId !== application.id)
      throw new DiscordError(403, 20012, 'You are not authorized to perform this action on this application');
    if (guildId !== null && !application.guildIds.includes(guildId)) throw missingAccess();
    return { application, guildId };
  };
  const listed = (application: Application, guildId: string | null) =>
    application.commands.filter((known) => known.guildId === guildId).map((known) => toCommand(known, application));

  for (const url of [
    '/applications/:applicationId/commands',
    '/applications/:applicationId/guilds/:guildId/commands',
  ]) {
    api.get(url, (request: CommandRequest) => {
      const { application, guildId } = owned(request);
      return listed(application, guildId);
    });
    api.put(url, (request: CommandRequest) => {
      const { application, guildId } = owned(request);
      const wanted = parse(commands, request.body);
      if (new Set(wanted.map(({ type, name }) => `${type} ${name}`)).size < wanted.length)
        throw new DiscordError(400, 50035, 'Invalid Form Body: application command names must be unique');
      const others = application.commands.filter((known) => known.guildId !== guildId);
      const registered = wanted.map((fields): Command => {
        const known = application.commands.find((one) => one.guildId === guildId && one.name === fields.name);
        return { ...fields, id: known?.id ?? world.ids.next(), version: world.ids.next(), guildId };
      });
      application.commands = [...others, ...registered];
      return listed(application, guildId);
    });
  }
}
