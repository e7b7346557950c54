import type { FastifyInstance } from 'fastify';
import type { Emulator } from '../emulator.ts';
import { EmulatorError } from '../errors.ts';
import type { Limits } from '../limits.ts';
import type { Feed } from '../page/feed.ts';
import { botRoutes } from './bots.ts';
import { chatRoutes } from './chat.ts';
import { eventRoutes } from './events.ts';
import { faultRoutes } from './faults.ts';
import { interactionRoutes } from './interactions.ts';
import { ledgerRoutes } from './ledger.ts';

/** `/emulator/*`: everything that people and scripts do without a library. `emulator.ts` documents it. */
export const adminRoutes =
  (emulator: Emulator, limits: Limits, feed: Feed) =>
  async (admin: FastifyInstance): Promise<void> => {
    admin.setErrorHandler((error: Error & { statusCode?: number }, _request, reply) => {
      const status = error instanceof EmulatorError ? error.status : (error.statusCode ?? 500);
      return reply.code(status).send({ error: error.message });
    });
    admin.setNotFoundHandler((_request, reply) => reply.code(404).send({ error: 'there is nothing at that address' }));
    botRoutes(admin, emulator);
    chatRoutes(admin, emulator);
    interactionRoutes(admin, emulator);
    eventRoutes(admin, feed, limits);
    faultRoutes(admin, emulator);
    ledgerRoutes(admin, emulator, limits);
  };
