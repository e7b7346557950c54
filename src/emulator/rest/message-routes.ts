import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { intent } from '../gateway/intents.ts';
import type { Application, Channel, Message } from '../world/model.ts';
import { isEphemeral } from '../world/model.ts';
import { toChannel } from '../world/payload/guild.ts';
import { isAddressed, toMessage } from '../world/payload/message.ts';
import type { ApiContext } from './context.ts';
import { authenticate } from './context.ts';
import { DiscordError, missingAccess, parse, unknownChannel, unknownMessage } from './discord-error.ts';
import { mentionsOf, messageBody, newMessageBody, repliedTo, snowflake, writtenIn } from './message-body.ts';

type ChannelRequest = FastifyRequest<{ Params: { channelId: string; messageId: string } }>;

const page = z.object({
  limit: z.coerce.number().int().min(1).max(100).default(50),
  before: snowflake.optional(),
  after: snowflake.optional(),
});

/** Reading and writing in channels. */
export function messageRoutes(api: FastifyInstance, context: ApiContext): void {
  const { world, rateLimits } = context;

  const enter = (request: ChannelRequest): { application: Application; channel: Channel } => {
    const application = authenticate(context, request);
    const channel = world.findChannel(request.params.channelId);
    if (!channel) throw unknownChannel();
    if (!world.audience(channel).includes(application)) throw missingAccess();
    return { application, channel };
  };
  const find = (channel: Channel, request: ChannelRequest): Message => {
    const message = world.findMessage(channel, request.params.messageId);
    if (!message || isEphemeral(message)) throw unknownMessage();
    return message;
  };
  /** Over HTTP the switch of the application decides what it reads, whatever intents it identified with. */
  const shown = (message: Message, channel: Channel, application: Application) =>
    toMessage(
      message,
      channel,
      world,
      (one) => (application.privilegedIntents & intent.messageContent) !== 0 || isAddressed(application, channel, one),
    );

  api.get('/channels/:channelId', (request: ChannelRequest) => toChannel(enter(request).channel));

  api.get('/channels/:channelId/messages', (request: ChannelRequest) => {
    const { application, channel } = enter(request);
    const { limit, before, after } = parse(page, request.query);
    const visible = channel.messages.filter(
      (message) =>
        !isEphemeral(message) &&
        (before === undefined || BigInt(message.id) < BigInt(before)) &&
        (after === undefined || BigInt(message.id) > BigInt(after)),
    );
    const chosen = after === undefined ? visible.slice(-limit) : visible.slice(0, limit);
    return chosen.reverse().map((message) => shown(message, channel, application));
  });

  api.get('/channels/:channelId/messages/:messageId', (request: ChannelRequest) => {
    const { application, channel } = enter(request);
    return shown(find(channel, request), channel, application);
  });

  api.post('/channels/:channelId/messages', (request: ChannelRequest, reply) => {
    const { application, channel } = enter(request);
    rateLimits.take(reply, 'create-message', application.id, channel.id);
    const body = parse(newMessageBody, request.body ?? {});
    const written = writtenIn(body);
    const original = repliedTo(body, channel, world);
    const message = world.post(channel, {
      ...written,
      author: application.bot,
      mentions: mentionsOf(body, written.content, original?.author ?? null, world),
      replyTo: original?.id ?? null,
      nonce: body.nonce ?? null,
    });
    return shown(message, channel, application);
  });

  api.patch('/channels/:channelId/messages/:messageId', (request: ChannelRequest, reply) => {
    const { application, channel } = enter(request);
    rateLimits.take(reply, 'edit-message', application.id, channel.id);
    const message = find(channel, request);
    if (message.author !== application.bot)
      throw new DiscordError(403, 50005, 'Cannot edit a message authored by another user');
    const body = parse(messageBody, request.body ?? {});
    const written = writtenIn(body, message);
    const original = message.replyTo === null ? undefined : world.findMessage(channel, message.replyTo);
    world.edit(channel, message, {
      ...written,
      mentions: mentionsOf(body, written.content, original?.author ?? null, world),
    });
    return shown(message, channel, application);
  });

  api.delete('/channels/:channelId/messages/:messageId', (request: ChannelRequest, reply) => {
    const { application, channel } = enter(request);
    rateLimits.take(reply, 'delete-message', application.id, channel.id);
    const message = find(channel, request);
    if (message.author !== application.bot)
      throw new DiscordError(403, 50013, 'You lack permissions to perform that action');
    world.delete(channel, message);
    return reply.code(204).send();
  });

  api.post('/channels/:channelId/typing', (request: ChannelRequest, reply) => {
    const { application, channel } = enter(request);
    rateLimits.take(reply, 'typing', application.id, channel.id);
    world.announceTyping(channel, application.bot);
    return reply.code(204).send();
  });
}
