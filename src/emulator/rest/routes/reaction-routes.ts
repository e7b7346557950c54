import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { User } from '../../world/model.ts';
import { toUser } from '../../world/payload/user.ts';
import { permission } from '../../world/permissions.ts';
import { Access } from '../access.ts';
import { emojiIn } from '../body/emoji.ts';
import { snowflake } from '../body/snowflake.ts';
import type { ApiContext } from '../context.ts';
import { DiscordError, missingPermissions, parse, unknownUser } from '../discord-error.ts';

type ReactionRequest = FastifyRequest<{
  Params: { channelId: string; messageId: string; emoji: string; userId: string };
}>;

const page = z.object({
  limit: z.coerce.number().int().min(1).max(100).default(25),
  after: snowflake.optional(),
});
/** Different emoji on one message. */
const mostReactions = 20;

/** Emoji on messages. */
export function reactionRoutes(api: FastifyInstance, context: ApiContext): void {
  const { world } = context;
  const access = new Access(context);
  const url = '/channels/:channelId/messages/:messageId/reactions';

  api.put(`${url}/:emoji/@me`, (request: ReactionRequest, reply) => {
    const { application, channel, message } = access.message(request, permission.readHistory);
    const emoji = emojiIn(request.params.emoji);
    const isNew = !world.findReaction(message, emoji);
    if (isNew && !access.may(application, channel, permission.addReactions)) throw missingPermissions();
    if (isNew && message.reactions.length >= mostReactions)
      throw new DiscordError(400, 30010, `Maximum number of reactions reached (${mostReactions})`);
    world.react(channel, message, application.bot, emoji);
    return reply.code(204).send();
  });

  api.delete(`${url}/:emoji/:userId`, (request: ReactionRequest, reply) => {
    const { application, channel, message } = access.message(request);
    const { userId } = request.params;
    const isOwn = userId === '@me' || userId === application.id;
    if (!isOwn && !access.may(application, channel, permission.manageMessages)) throw missingPermissions();
    const user: User | undefined = isOwn ? application.bot : world.findUser(userId);
    if (!user) throw unknownUser();
    world.unreact(channel, message, user, emojiIn(request.params.emoji));
    return reply.code(204).send();
  });

  api.get(`${url}/:emoji`, (request: ReactionRequest) => {
    const { message } = access.message(request, permission.readHistory);
    const { limit, after = '0' } = parse(page, request.query);
    const users = world.findReaction(message, emojiIn(request.params.emoji))?.users ?? [];
    return [...users]
      .sort((one, other) => (BigInt(one.id) < BigInt(other.id) ? -1 : 1))
      .filter(({ id }) => BigInt(id) > BigInt(after))
      .slice(0, limit)
      .map(toUser);
  });

  for (const address of [url, `${url}/:emoji`])
    api.delete(address, (request: ReactionRequest, reply) => {
      const { channel, message } = access.message(request, permission.manageMessages);
      const emoji = address === url ? null : emojiIn(request.params.emoji);
      world.clearReactions(channel, message, emoji);
      return reply.code(204).send();
    });
}
