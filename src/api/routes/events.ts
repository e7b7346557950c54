import type { FastifyInstance } from 'fastify';
import type { EventView } from '../../protocol/api.ts';
import type { Fleet } from '../../runtime/fleet.ts';
import { eventStreamQuery, eventsQuery, lastEventSequence, parse } from '../input.ts';
import type { ApiContext } from '../server.ts';
import type { EventStream } from '../sse.ts';

const pageSize = 200;

/** The journal: what happened, and what happens. */
export function eventRoutes(app: FastifyInstance, { fleet, streams }: ApiContext): void {
  app.get('/api/v1/events', async (request) => {
    const { after, since, limit, ...filter } = parse(eventsQuery, 'query', request.query);
    return { apiVersion: 'v1', items: fleet.events(compact({ afterSeq: after, sinceMs: since, limit, ...filter })) };
  });

  app.get('/api/v1/events/stream', (request, reply) => {
    const { after, since, ...filter } = parse(eventStreamQuery, 'query', request.query);
    const resumed = parse(lastEventSequence, 'header', request.headers['last-event-id']);
    const from = resumed ?? after ?? (since === undefined ? (fleet.events({ limit: 1 }).at(-1)?.seq ?? 0) : 0);
    tail(fleet, streams.open(reply), from, compact({ sinceMs: since, ...filter }));
  });
}

type Filter = Omit<Parameters<Fleet['events']>[0], 'afterSeq' | 'limit'>;

/**
 * Sends every matching event after `from`, once and in order: pages of the journal first, at the pace of the client, then
 * live. The journal itself is the buffer for what happens meanwhile. Reading the last, short page and going live is one
 * synchronous step, so nothing falls between them; an event that is in that page and announced afterwards is known by
 * its number.
 */
function tail(fleet: Fleet, stream: EventStream, from: number, filter: Filter): void {
  let last = from;
  let live = false;
  const send = (event: EventView) => {
    stream.send(String(event.seq), event);
    last = event.seq;
  };
  const catchUp = async () => {
    while (!stream.closed && !live) {
      const page = fleet.events({ ...filter, afterSeq: last, limit: pageSize });
      for (const event of page) send(event);
      live = page.length < pageSize;
      await stream.drained();
    }
  };
  const unsubscribe = fleet.onEvent((event) => {
    if (live && event.seq > last && matches(event, filter)) send(event);
  });
  stream.onClose(unsubscribe);
  catchUp().catch(stream.drop);
}

const matches = (event: EventView, filter: Filter): boolean =>
  (filter.bot === undefined || event.bot === filter.bot) && (filter.type === undefined || event.type === filter.type);

/** Without the keys that are undefined. */
const compact = <T extends object>(query: T): { [K in keyof T]: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
