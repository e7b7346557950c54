import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { toApplication } from '../../world/payload/application.ts';
import { toChannel } from '../../world/payload/channel.ts';
import { toSelf, toUser } from '../../world/payload/user.ts';
import type { GuildRequest } from '../access.ts';
import { Access } from '../access.ts';
import { pagedById, pageOf } from '../body/page.ts';
import { byAge, snowflake } from '../body/snowflake.ts';
import { uploadOf } from '../body/upload.ts';
import type { ApiContext } from '../context.ts';
import { authenticate } from '../context.ts';
import { DiscordError, parse, unknownUser } from '../discord-error.ts';

const self = z.object({ username: z.string().trim().min(2).max(32).nullish() });
const directChannel = z.object({ recipient_id: snowflake });
const guildPage = pageOf(200, 200);

/** The bot itself, its application, whom it knows, and where it is. */
export function userRoutes(api: FastifyInstance, context: ApiContext): void {
  const { world } = context;
  const access = new Access(context);

  api.get('/applications/@me', (request) => toApplication(authenticate(context, request)));
  api.get('/oauth2/applications/@me', (request) => toApplication(authenticate(context, request)));

  api.get('/users/@me', (request) => toSelf(authenticate(context, request).bot));
  api.patch('/users/@me', (request) => {
    const application = authenticate(context, request);
    const { username } = parse(self, uploadOf(request.body).fields);
    if (username) world.renameBot(application, username);
    return toSelf(application.bot);
  });
  api.get('/users/:userId', (request: FastifyRequest<{ Params: { userId: string } }>) => {
    const { bot } = authenticate(context, request);
    const { userId } = request.params;
    const user = world.findUser(userId);
    if (!user) throw unknownUser();
    return user === bot ? toSelf(bot) : toUser(user);
  });

  api.get('/users/@me/guilds', (request) => {
    const { id, guildIds } = authenticate(context, request);
    const guilds = guildIds.map((guildId) => world.guild(guildId)).sort(byAge);
    return pagedById(guilds, parse(guildPage, request.query)).map((guild) => ({
      id: guild.id,
      name: guild.name,
      icon: null,
      banner: null,
      owner: guild.ownerId === id,
      permissions: String(access.permissions(id, guild)),
      features: [],
    }));
  });
  api.delete('/users/@me/guilds/:guildId', (request: GuildRequest, reply) => {
    const { application, guild } = access.guild(request);
    world.removeMember(guild, application.bot);
    return reply.code(204).send();
  });

  api.post('/users/@me/channels', (request) => {
    const application = authenticate(context, request);
    const { recipient_id: recipientId } = parse(directChannel, uploadOf(request.body).fields);
    const person = world.findUser(recipientId);
    if (!person) throw unknownUser();
    if (person.bot) throw new DiscordError(400, 50007, 'Cannot send messages to this user');
    return toChannel(world.direct(application, person));
  });
}
