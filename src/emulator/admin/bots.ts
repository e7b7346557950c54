import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Emulator } from '../emulator.ts';
import type { ApplicationView } from '../page/views.ts';
import type { Application } from '../world/model.ts';
import { parse } from './form.ts';

const newApplication = z.object({
  name: z.string().min(1).max(32).optional(),
  guilds: z.int().min(0).max(10_000).optional(),
  channels: z.int().min(1).max(100).optional(),
  members: z.int().min(2).max(1_000).optional(),
  privilegedIntents: z.int().nonnegative().optional(),
  permissions: z.string().optional(),
});

const numbered = z.object({
  applicationId: z.string(),
  channelId: z.string().optional(),
  author: z.string().min(1).max(32).optional(),
  total: z.number().optional(),
  perSecond: z.number().optional(),
});

/** The bots and their tokens, and the numbered messages that tell what a bot loses. */
export function botRoutes(admin: FastifyInstance, emulator: Emulator): void {
  admin.get('/applications', () => emulator.applications().map((one) => viewOfApplication(one, emulator)));
  admin.post('/applications', (request) =>
    viewOfApplication(emulator.createApplication(parse(newApplication, request.body)), emulator),
  );
  admin.get('/applications/:id/standing', (request: FastifyRequest<{ Params: { id: string } }>) => {
    const { id } = request.params;
    const { total, remaining, reset_after: resetAfterMs } = emulator.sessionStartLimit(id);
    const { now, max } = emulator.ledger.owners(id);
    return { owners: { now, max }, identify: { total, remaining, resetAfterMs } };
  });
  admin.post('/count', (request) => ({ first: emulator.count(parse(numbered, request.body)).first }));
}

const viewOfApplication = (application: Application, emulator: Emulator): ApplicationView => ({
  id: application.id,
  name: application.name,
  token: application.token,
  guildIds: application.guildIds,
  channelIds: application.channelIds,
  commands: application.commands.map(({ name }) => name),
  online: emulator.isOnline(application.id),
});
