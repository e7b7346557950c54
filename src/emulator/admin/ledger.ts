import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Emulator } from '../emulator.ts';
import { sendEvents } from '../event-stream.ts';
import type { EntryType, Shard } from '../ledger/entry.ts';
import { entryTypes } from '../ledger/entry.ts';
import type { Limits } from '../limits.ts';
import { parse } from './form.ts';
import { ledgerEvents, ledgerLines } from './ledger-stream.ts';

const types = z
  .string()
  .transform((text) => text.split(',') as EntryType[])
  .refine((names) => names.every((name) => entryTypes.includes(name)), `expected some of ${entryTypes.join(', ')}`);
const seq = z.coerce.number().int().nonnegative();
const filter = {
  type: types.optional(),
  applicationId: z.string().optional(),
  connectionId: z.string().optional(),
  sessionId: z.string().optional(),
  event: z.string().optional(),
  after: seq.optional(),
};
const ledgerFilter = z.object(filter);
/** `last`: so many of the newest entries come first. */
const streamQuery = z.object({ ...filter, last: z.coerce.number().int().positive().optional() });
const ledgerQuery = z.object({ ...filter, limit: z.coerce.number().int().min(1).max(10_000).default(1_000) });
const ownersQuery = z.object({
  applicationId: z.string(),
  shard: z
    .string()
    .regex(/^\d{1,9}\/\d{1,9}$/, 'expected a shard such as 0/1')
    .transform((text) => text.split('/').map(Number) as unknown as Shard)
    .optional(),
});
const effectsQuery = z.object({ applicationId: z.string() });
const lastEventId = z.object({ 'last-event-id': seq.optional() });

/** What really happened. */
export function ledgerRoutes(admin: FastifyInstance, { ledger }: Emulator, { streamStallMs }: Limits): void {
  admin.get('/ledger', (request) => {
    const { limit, ...wanted } = parse(ledgerQuery, request.query);
    return ledger.entries(wanted).slice(0, limit);
  });
  admin.get('/ledger/stream', (request, reply) => {
    const { after, last = 0, ...wanted } = parse(streamQuery, request.query);
    const { 'last-event-id': seen } = parse(lastEventId, request.headers);
    const from = seen ?? after ?? Math.max(0, ledger.lastSeq - last);
    return sendEvents(request, reply, streamStallMs, (reading) => ledgerEvents(ledger, wanted, from, reading));
  });
  admin.get('/ledger/export', (request, reply) =>
    reply.type('application/x-ndjson').send(Readable.from(ledgerLines(ledger, parse(ledgerFilter, request.query)))),
  );
  admin.get('/ledger/owners', (request) => {
    const { applicationId, shard } = parse(ownersQuery, request.query);
    return ledger.owners(applicationId, shard);
  });
  admin.get('/ledger/effects', (request) => ledger.effects(parse(effectsQuery, request.query).applicationId));
}
