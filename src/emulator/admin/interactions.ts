import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Emulator } from '../emulator.ts';
import { commandType } from '../world/command.ts';
import type { Interaction } from '../world/interaction.ts';
import { author } from './chat.ts';
import { parse } from './form.ts';

const file = z
  .object({ name: z.string().min(1), contentType: z.string().min(1), base64: z.base64() })
  .transform(({ base64, ...rest }) => ({ ...rest, bytes: Buffer.from(base64, 'base64') }));
const options = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), file])).default({});
const place = { applicationId: z.string(), channelId: z.string(), author };
/** Whether the answer is to tell how the bot reacted, at the latest when its three seconds are over. */
const wait = z.boolean().default(false);

const use = z.object({ ...place, command: z.string(), options, targetId: z.string().optional(), wait });
const completion = z.object({ ...place, command: z.string(), options, focused: z.string() });
const press = z.object({
  ...place,
  messageId: z.string(),
  customId: z.string(),
  values: z.array(z.string()).max(25).optional(),
  wait,
});
const modal = z.object({
  interactionId: z.string(),
  values: z.record(z.string(), z.union([z.string(), z.boolean(), z.array(z.string())])).default({}),
  wait,
});

type InChannel = FastifyRequest<{ Params: { channelId: string } }>;

/** Commands, buttons, menus, modals, and how bots react to them. */
export function interactionRoutes(admin: FastifyInstance, emulator: Emulator): void {
  const { world } = emulator;

  admin.get('/channels/:channelId/commands', (request: InChannel) => {
    const channel = world.channel(request.params.channelId);
    return world
      .audience(channel)
      .flatMap((application) =>
        application.commands
          .filter(
            ({ type, guildId }) => type === commandType.slash && (guildId ?? channel.guild?.id) === channel.guild?.id,
          )
          .map((command) => ({ ...command, applicationId: application.id, application: application.name })),
      );
  });
  admin.post('/interactions', (request) => {
    const { wait: waits, ...wanted } = parse(use, request.body);
    return told(emulator.interact(wanted), waits);
  });
  admin.post('/components', (request) => {
    const { wait: waits, ...wanted } = parse(press, request.body);
    return told(emulator.press(wanted), waits);
  });
  admin.post('/modals', async (request) => {
    const { wait: waits, ...wanted } = parse(modal, request.body);
    return told(await emulator.submitModal(wanted), waits);
  });
  admin.post('/autocomplete', async (request) => ({
    choices: await emulator.autocomplete(parse(completion, request.body)),
  }));
}

const told = async ({ id, response }: Interaction, waits: boolean) =>
  waits ? { id, response: await response } : { id };
