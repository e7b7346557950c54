import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Emulator } from './emulator.ts';
import { EmulatorError } from './errors.ts';
import type { Application, Channel, Message } from './world/model.ts';

const text = z.string().min(1).max(2000);
const author = z.string().min(1).max(32).optional();
const newApplication = z.object({
  name: z.string().min(1).max(32).optional(),
  guilds: z.int().min(0).max(10_000).optional(),
  channels: z.int().min(1).max(100).optional(),
  privilegedIntents: z.int().nonnegative().optional(),
});
const say = z.object({
  channelId: z.string(),
  author,
  content: text,
  mention: z.string().optional(),
  replyTo: z.string().optional(),
});
const directMessage = z.object({ applicationId: z.string(), author, content: text });
const interaction = z.object({
  applicationId: z.string(),
  channelId: z.string(),
  author,
  command: z.string(),
  options: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
});
const target = { applicationId: z.string() };
const fault = z.discriminatedUnion('fault', [
  z.object({ fault: z.literal('close'), ...target, code: z.int().optional() }),
  z.object({ fault: z.enum(['drop', 'freeze', 'thaw', 'reconnect']), ...target }),
  z.object({ fault: z.literal('invalidate'), ...target, resumable: z.boolean().optional() }),
  z.object({ fault: z.literal('refuse'), ...target, count: z.int().nonnegative() }),
  z.object({ fault: z.literal('refuse-for'), ...target, ms: z.int().nonnegative() }),
]);
const ledgerQuery = z.object({
  type: z.string().optional(),
  applicationId: z.string().optional(),
  connectionId: z.string().optional(),
  sessionId: z.string().optional(),
  event: z.string().optional(),
  after: z.coerce.number().int().optional(),
  limit: z.coerce.number().int().min(1).max(10_000).default(1_000),
});
const ownersQuery = z.object({ applicationId: z.string() });

/** `/emulator/*`: everything that people and scripts do without a library. `index.ts` documents it. */
export const adminRoutes =
  (emulator: Emulator) =>
  async (admin: FastifyInstance): Promise<void> => {
    admin.setErrorHandler((error: Error & { statusCode?: number }, _request, reply) => {
      const status = error instanceof EmulatorError ? error.status : (error.statusCode ?? 500);
      return reply.code(status).send({ error: error.message });
    });
    admin.setNotFoundHandler((_request, reply) => reply.code(404).send({ error: 'there is nothing at that address' }));

    admin.get('/applications', () => emulator.applications().map((one) => viewOfApplication(one, emulator)));
    admin.post('/applications', (request) =>
      viewOfApplication(emulator.createApplication(parse(newApplication, request.body)), emulator),
    );
    admin.get('/channels', () => emulator.channels().map(viewOfChannel));
    admin.get('/channels/:channelId/messages', (request: FastifyRequest<{ Params: { channelId: string } }>) =>
      emulator.messages(request.params.channelId).map(viewOfMessage),
    );
    admin.post('/say', (request) => viewOfMessage(emulator.say(parse(say, request.body))));
    admin.post('/direct-messages', (request) =>
      viewOfMessage(emulator.directMessage(parse(directMessage, request.body))),
    );
    admin.post('/interactions', (request) => ({ id: emulator.interact(parse(interaction, request.body)).id }));
    admin.get('/ledger', (request) => {
      const { limit, type, ...rest } = parse(ledgerQuery, request.query);
      const entries = emulator.ledger.entries(rest).filter((entry) => type === undefined || entry.type === type);
      return entries.slice(0, limit);
    });
    admin.get('/ledger/owners', (request) => emulator.ledger.owners(parse(ownersQuery, request.query).applicationId));
    admin.post('/faults', (request) => ({ connections: switchFault(emulator, parse(fault, request.body)) }));
  };

function switchFault({ faults }: Emulator, wanted: z.infer<typeof fault>): number | null {
  const { applicationId } = wanted;
  switch (wanted.fault) {
    case 'close':
      return faults.close(applicationId, wanted.code);
    case 'invalidate':
      return faults.invalidate(applicationId, wanted.resumable);
    case 'refuse':
      faults.refuse(applicationId, { count: wanted.count });
      return null;
    case 'refuse-for':
      faults.refuse(applicationId, { ms: wanted.ms });
      return null;
    default:
      return faults[wanted.fault](applicationId);
  }
}

function parse<Schema extends z.ZodType>(schema: Schema, value: unknown): z.infer<Schema> {
  const { data, error } = schema.safeParse(value);
  if (data !== undefined) return data as z.infer<Schema>;
  const problems = error?.issues.map(({ path, message }) => `${path.join('.') || 'body'}: ${message}`).join('; ');
  throw new EmulatorError(400, problems ?? 'nothing was sent');
}

const viewOfApplication = (application: Application, emulator: Emulator) => ({
  id: application.id,
  name: application.name,
  token: application.token,
  guildIds: application.guildIds,
  channelIds: application.channelIds,
  commands: application.commands.map(({ name }) => name),
  online: emulator.isOnline(application.id),
});

const viewOfChannel = (channel: Channel) => ({
  id: channel.id,
  name: channel.name,
  guild: channel.guild?.name ?? null,
  applicationIds: channel.direct
    ? [channel.direct.applicationId]
    : [...(channel.guild?.members.values() ?? [])].filter(({ bot }) => bot).map(({ id }) => id),
});

const viewOfMessage = (message: Message) => ({
  id: message.id,
  channelId: message.channelId,
  author: message.author.name,
  bot: message.author.bot,
  content: message.content,
  replyTo: message.replyTo,
  edited: message.editedMs !== null,
});
