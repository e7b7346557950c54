import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Application, Channel, Message } from '../../world/model.ts';
import { channelType, isEphemeral } from '../../world/model.ts';
import { permission } from '../../world/permissions.ts';
import { createdMs } from '../../world/snowflake.ts';
import type { ChannelRequest, MessageRequest } from '../access.ts';
import { Access } from '../access.ts';
import { mentionsOf, repliedTo } from '../body/mentions.ts';
import { botFlags, messageBody, newMessageBody } from '../body/message.ts';
import { snowflake } from '../body/snowflake.ts';
import { uploadOf } from '../body/upload.ts';
import type { ApiContext } from '../context.ts';
import { DiscordError, missingPermissions, parse } from '../discord-error.ts';
import { shownTo } from './shown.ts';

const page = z.object({
  limit: z.coerce.number().int().min(1).max(100).default(50),
  before: snowflake.optional(),
  after: snowflake.optional(),
  around: snowflake.optional(),
});
const bulk = z.object({ messages: z.array(snowflake).min(2).max(100) });
const twoWeeksMs = 1_209_600_000;
/** How long a nonce is remembered with `enforce_nonce`: "the past few minutes". */
const nonceMs = 300_000;

/** Newest first. */
function pageOf(all: readonly Message[], { limit, before, after, around }: z.infer<typeof page>): readonly Message[] {
  if (around !== undefined) {
    const place = all.findIndex(({ id }) => BigInt(id) >= BigInt(around));
    const middle = place < 0 ? all.length : place;
    const from = Math.max(0, middle - Math.floor(limit / 2));
    return all.slice(from, from + limit).reverse();
  }
  const inRange = all.filter(
    ({ id }) =>
      (before === undefined || BigInt(id) < BigInt(before)) && (after === undefined || BigInt(id) > BigInt(after)),
  );
  return (after === undefined ? inRange.slice(-limit) : inRange.slice(0, limit)).reverse();
}

const sendRight = ({ thread }: Channel): bigint => (thread ? permission.sendInThreads : permission.sendMessages);
const unwritable: readonly number[] = [channelType.category, channelType.forum, channelType.media];

/** Reading and writing in channels. */
export function messageRoutes(api: FastifyInstance, context: ApiContext): void {
  const { world, writer, clock } = context;
  const access = new Access(context);
  const shown = shownTo(context);

  const enterToWrite = (request: ChannelRequest): { application: Application; channel: Channel } => {
    const entered = access.channel(request);
    const { application, channel } = entered;
    if (unwritable.includes(channel.type))
      throw new DiscordError(400, 50008, 'Cannot send messages in a non-text channel');
    if (!access.may(application, channel, sendRight(channel))) throw missingPermissions();
    return entered;
  };

  api.get('/channels/:channelId/messages', (request: ChannelRequest) => {
    const { application, channel } = access.channel(request);
    const wanted = parse(page, request.query);
    if (!access.may(application, channel, permission.readHistory)) return [];
    const visible = channel.messages.filter((message) => !isEphemeral(message));
    return pageOf(visible, wanted).map((message) => shown(message, channel, application));
  });

  api.get('/channels/:channelId/messages/:messageId', (request: MessageRequest) => {
    const { application, channel, message } = access.message(request, permission.readHistory);
    return shown(message, channel, application);
  });

  api.post('/channels/:channelId/messages', (request: ChannelRequest) => {
    const { application, channel } = enterToWrite(request);
    const { fields, files } = uploadOf(request.body);
    const body = parse(newMessageBody, fields);
    if (files.length > 0 && !access.may(application, channel, permission.attachFiles)) throw missingPermissions();
    const known = body.enforce_nonce ? channel.messages.find(isTwin(body.nonce, application)) : undefined;
    if (known) return shown(known, channel, application);
    const original = repliedTo(body.message_reference, channel, world);
    const written = writer.written({ body: request.body, channelId: channel.id }, body);
    const message = world.post(channel, {
      ...written,
      ...mentionsOf(body, written.content, channel, original?.author ?? null, world),
      author: application.bot,
      flags: (body.flags ?? 0) & botFlags,
      replyTo: original?.id ?? null,
      nonce: body.nonce ?? null,
    });
    return shown(message, channel, application);
  });

  const isTwin =
    (nonce: string | number | null | undefined, application: Application) =>
    (message: Message): boolean =>
      nonce !== null &&
      message.nonce === nonce &&
      message.author === application.bot &&
      createdMs(message.id) > clock.wallMs() - nonceMs;

  api.patch('/channels/:channelId/messages/:messageId', (request: MessageRequest) => {
    const { application, channel, message } = access.message(request);
    if (message.author !== application.bot)
      throw new DiscordError(403, 50005, 'Cannot edit a message authored by another user');
    const body = parse(messageBody, uploadOf(request.body).fields);
    const written = writer.written({ body: request.body, channelId: channel.id }, body, message);
    const original = message.replyTo === null ? undefined : world.findOriginal(channel, message.replyTo);
    world.edit(channel, message, {
      ...written,
      ...mentionsOf(body, written.content, channel, original?.author ?? null, world),
      flags: typeof body.flags === 'number' ? (message.flags & ~botFlags) | (body.flags & botFlags) : message.flags,
    });
    return shown(message, channel, application);
  });

  api.delete('/channels/:channelId/messages/:messageId', (request: MessageRequest, reply) => {
    const { application, channel, message } = access.message(request);
    const isOwn = message.author === application.bot;
    // In direct messages nobody deletes what the other wrote.
    if (!isOwn && channel.direct) throw new DiscordError(403, 50003, 'Cannot execute action on a DM channel');
    if (!isOwn && !access.may(application, channel, permission.manageMessages)) throw missingPermissions();
    world.delete(channel, message);
    return reply.code(204).send();
  });

  api.post('/channels/:channelId/messages/bulk-delete', (request: ChannelRequest, reply) => {
    const { channel } = access.guildChannel(request, permission.manageMessages);
    const { messages: ids } = parse(bulk, uploadOf(request.body).fields);
    if (new Set(ids).size < ids.length) throw new DiscordError(400, 50035, 'Invalid Form Body: duplicate message ids');
    if (ids.some((id) => createdMs(id) < clock.wallMs() - twoWeeksMs))
      throw new DiscordError(400, 50034, 'You can only bulk delete messages that are under 14 days old.');
    const found = channel.messages.filter(({ id }) => ids.includes(id));
    if (found.length > 0) world.deleteMany(channel, found);
    return reply.code(204).send();
  });

  api.post('/channels/:channelId/typing', (request: ChannelRequest, reply) => {
    const { application, channel } = enterToWrite(request);
    world.announceTyping(channel, application.bot);
    return reply.code(204).send();
  });
}
