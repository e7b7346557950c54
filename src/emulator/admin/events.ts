import type { FastifyInstance } from 'fastify';
import { sendEvents } from '../event-stream.ts';
import type { Limits } from '../limits.ts';
import type { Feed } from '../page/feed.ts';
import { feedEvents } from '../page/feed-stream.ts';

/** What changes in the chat, as it changes. */
export function eventRoutes(admin: FastifyInstance, feed: Feed, { streamStallMs }: Limits): void {
  admin.get('/events', (request, reply) => {
    const lastId = request.headers['last-event-id'];
    return sendEvents(request, reply, streamStallMs, (reading) =>
      feedEvents(feed, typeof lastId === 'string' ? lastId : undefined, reading),
    );
  });
}
