import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Message } from '../../world/model.ts';
import { iso } from '../../world/payload/json.ts';
import { permission } from '../../world/permissions.ts';
import type { ChannelRequest, MessageRequest } from '../access.ts';
import { Access } from '../access.ts';
import type { ApiContext } from '../context.ts';
import { DiscordError, parse } from '../discord-error.ts';
import { shownTo } from './shown.ts';

const page = z.object({
  limit: z.coerce.number().int().min(1).max(50).default(50),
  before: z.iso.datetime({ offset: true }).optional(),
});
const mostPins = 250;

/** Pinned messages, at the addresses of today and at the deprecated ones. */
export function pinRoutes(api: FastifyInstance, context: ApiContext): void {
  const { world } = context;
  const access = new Access(context);
  const shown = shownTo(context);

  for (const url of ['/channels/:channelId/messages/pins/:messageId', '/channels/:channelId/pins/:messageId']) {
    api.put(url, (request: MessageRequest, reply) => {
      const { channel, message } = access.message(request, permission.pinMessages);
      if (message.pinnedMs === null && pinsOf(channel.messages).length >= mostPins)
        throw new DiscordError(400, 30003, `Maximum number of pins reached (${mostPins})`);
      world.pin(channel, message);
      return reply.code(204).send();
    });
    api.delete(url, (request: MessageRequest, reply) => {
      const { channel, message } = access.message(request, permission.pinMessages);
      world.unpin(channel, message);
      return reply.code(204).send();
    });
  }

  api.get('/channels/:channelId/pins', (request: ChannelRequest) => {
    const { application, channel } = access.channel(request);
    return pinsOf(channel.messages).map((message) => shown(message, channel, application));
  });
  api.get('/channels/:channelId/messages/pins', (request: ChannelRequest) => {
    const { application, channel } = access.channel(request);
    const { limit, before } = parse(page, request.query);
    const all = pinsOf(channel.messages).filter(
      ({ pinnedMs }) => before === undefined || (pinnedMs ?? 0) < Date.parse(before),
    );
    const items = all.slice(0, limit).map((message) => ({
      pinned_at: iso(message.pinnedMs ?? 0),
      message: shown(message, channel, application),
    }));
    return { items, has_more: all.length > limit };
  });
}

/** The one pinned last comes first. */
const pinsOf = (messages: readonly Message[]): readonly Message[] =>
  messages
    .filter(({ pinnedMs }) => pinnedMs !== null)
    .sort((one, other) => (other.pinnedMs ?? 0) - (one.pinnedMs ?? 0));
