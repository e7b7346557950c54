import type { FastifyInstance } from 'fastify';
import type { LogLineView } from '../../protocol/api.ts';
import type { Fleet } from '../../runtime/fleet.ts';
import { logStreamQuery, logsQuery, mergedLogStreamQuery, namePath, parse } from '../input.ts';
import type { ApiContext } from '../server.ts';
import type { EventStream } from '../sse.ts';

/** How far back a stream may begin. */
const mostPast = 1_000;
/** Lines that may arrive while the past is being read. */
const mostPending = 10_000;

type Past = { readonly tail: number; readonly sinceMs: number | undefined; readonly after: string | undefined };

/** What bots print. */
export function logRoutes(app: FastifyInstance, { fleet, streams }: ApiContext): void {
  app.get('/api/v1/bots/:name/logs', async (request) => {
    const { limit, since } = parse(logsQuery, 'query', request.query);
    const { name } = parse(namePath, 'path', request.params);
    return {
      apiVersion: 'v1',
      items: await fleet.logs(name, { limit, ...(since === undefined ? {} : { sinceMs: since }) }),
    };
  });

  /** One bot. `Last-Event-ID` (the id of a line) resumes after that line, as far back as the last 1000 lines reach. */
  app.get('/api/v1/bots/:name/logs/stream', (request, reply) => {
    const { tail, since } = parse(logStreamQuery, 'query', request.query);
    const { name } = fleet.bot(parse(namePath, 'path', request.params).name);
    const after = request.headers['last-event-id']?.toString();
    follow(fleet, streams.open(reply), [name], [name], { tail, sinceMs: since, after });
  });

  /** Several bots, or all of them, also those that are added later. */
  app.get('/api/v1/logs/stream', (request, reply) => {
    const { bots, tail, since } = parse(mergedLogStreamQuery, 'query', request.query);
    const names = bots?.map((name) => fleet.bot(name).name) ?? null;
    const present = names ?? fleet.bots().map(({ name }) => name);
    follow(fleet, streams.open(reply), names, present, { tail, sinceMs: since, after: undefined });
  });
}

/**
 * The past first, then live lines. Lines that arrive while the past is being read wait; one that is in both is sent
 * once, because bot and id name a line for ever.
 */
function follow(
  fleet: Fleet,
  stream: EventStream,
  names: readonly string[] | null,
  present: readonly string[],
  past: Past,
): void {
  const sent = new Set<string>();
  let pending: LogLineView[] | null = [];
  const send = (line: LogLineView) => {
    if (!sent.has(`${line.bot} ${line.id}`)) stream.send(line.id, line);
  };
  const unsubscribe = fleet.onLog(names, (line) => {
    if (pending === null) send(line);
    else if (pending.push(line) > mostPending) stream.drop();
  });
  stream.onClose(unsubscribe);
  const begin = async () => {
    for (const line of await recent(fleet, present, past)) {
      send(line);
      sent.add(`${line.bot} ${line.id}`);
    }
    for (const line of pending ?? []) send(line);
    pending = null;
  };
  begin().catch(stream.drop);
}

async function recent(
  fleet: Fleet,
  names: readonly string[],
  { tail, sinceMs, after }: Past,
): Promise<readonly LogLineView[]> {
  const limit = after !== undefined || (sinceMs !== undefined && tail === 0) ? mostPast : Math.min(tail, mostPast);
  if (limit === 0) return [];
  const query = { limit, ...(sinceMs === undefined ? {} : { sinceMs }) };
  const lines = (await Promise.all(names.map((name) => fleet.logs(name, query)))).flat();
  if (names.length > 1) lines.sort((a, b) => a.at.localeCompare(b.at));
  return after === undefined ? lines : lines.slice(lines.findIndex(({ id }) => id === after) + 1);
}
