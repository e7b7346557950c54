import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { numbered } from '../../world/component.ts';
import type { Interaction, InteractionResponse } from '../../world/interaction.ts';
import { interactionType } from '../../world/interaction.ts';
import { isEphemeral } from '../../world/model.ts';
import { modal } from '../body/component.ts';
import { uploadOf } from '../body/upload.ts';
import type { ApiContext } from '../context.ts';
import { DiscordError, invalidForm, parse, unknownInteraction } from '../discord-error.ts';
import { InteractionAnswers } from './interaction-answer.ts';

/** https://docs.discord.com/developers/interactions/receiving-and-responding#interaction-response-object */
const callbackType = { message: 4, deferredMessage: 5, deferredUpdate: 6, update: 7, choices: 8, modal: 9 } as const;
const envelope = z.looseObject({ type: z.int(), data: z.unknown().optional() });
const choices = z.object({
  choices: z
    .array(z.looseObject({ name: z.string().min(1).max(100), value: z.union([z.string().max(100), z.number()]) }))
    .max(25),
});
const deferral = z.looseObject({ flags: z.int().nonnegative().nullish() }).nullish();

type CallbackRequest = FastifyRequest<{
  Params: { interactionId: string; token: string };
  Querystring: { with_response?: string };
}>;

/** What a bot may answer to what. Updates need a message that the person acted on. */
function allowedTypes({ data, message }: Interaction): readonly number[] {
  if (data.type === interactionType.autocomplete) return [callbackType.choices];
  const updates = message ? [callbackType.deferredUpdate, callbackType.update] : [];
  const modals = data.type === interactionType.modal ? [] : [callbackType.modal];
  return [callbackType.message, callbackType.deferredMessage, ...updates, ...modals];
}

/** The first response to an interaction, within three seconds and once. */
export function callbackRoutes(api: FastifyInstance, context: ApiContext): void {
  const { book, world } = context;
  const answers = new InteractionAnswers(context);

  const respond = (interaction: Interaction, type: number, data: unknown, body: unknown): InteractionResponse => {
    const { message } = interaction;
    switch (type) {
      case callbackType.message: {
        const answer = answers.post(interaction, data, body, message?.id ?? null);
        return { kind: 'message', messageId: answer.id, isDeferred: false };
      }
      case callbackType.deferredMessage: {
        const flags = parse(deferral, data)?.flags ?? 0;
        return { kind: 'message', messageId: answers.postLoading(interaction, flags).id, isDeferred: true };
      }
      case callbackType.choices:
        return { kind: 'choices', choices: parse(choices, data).choices };
      case callbackType.modal: {
        const shown = parse(modal, data);
        return { kind: 'modal', modal: { ...shown, components: numbered(shown.components) } };
      }
    }
    if (!message) throw notAllowed(allowedTypes(interaction));
    const isDeferred = type === callbackType.deferredUpdate;
    if (!isDeferred) answers.revise(interaction, message, data, body);
    return { kind: 'update', messageId: message.id, isDeferred };
  };

  api.post('/interactions/:interactionId/:token/callback', (request: CallbackRequest, reply) => {
    const interaction = book.find(request.params.token);
    if (interaction?.id !== request.params.interactionId || book.isLate(interaction)) throw unknownInteraction();
    if (interaction.state !== 'waiting')
      throw new DiscordError(400, 40060, 'Interaction has already been acknowledged.');
    const { type, data } = parse(envelope, uploadOf(request.body).fields);
    const allowed = allowedTypes(interaction);
    if (!allowed.includes(type)) throw notAllowed(allowed);
    const response = respond(interaction, type, data, request.body);
    const messageId = 'messageId' in response ? response.messageId : null;
    if (messageId !== null) {
      interaction.originalId = messageId;
      interaction.messageIds.add(messageId);
    }
    book.answer(interaction, response);
    if (request.query.with_response !== 'true') return reply.code(204).send();
    const { id, channel } = interaction;
    const message = messageId === null ? undefined : world.findMessage(channel, messageId);
    if (!message) return { interaction: { id, type: interaction.data.type } };
    return {
      interaction: {
        id,
        type: interaction.data.type,
        response_message_id: message.id,
        response_message_loading: type === callbackType.deferredMessage,
        response_message_ephemeral: isEphemeral(message),
      },
      resource: { type, message: answers.show(interaction, message) },
    };
  });
}

const notAllowed = (allowed: readonly number[]): DiscordError =>
  invalidForm([
    {
      path: ['type'],
      problem: { code: 'BASE_TYPE_CHOICES', message: `Value must be one of {${allowed.join(', ')}}.` },
    },
  ]);
