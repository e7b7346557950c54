import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Interaction, Message } from '../world/model.ts';
import { isEphemeral, messageFlag } from '../world/model.ts';
import { toMessage } from '../world/payload/message.ts';
import type { ApiContext } from './context.ts';
import { DiscordError, parse, unknownInteraction, unknownMessage, unknownWebhook } from './discord-error.ts';
import type { MessageBody } from './message-body.ts';
import { mentionsOf, messageBody, writtenIn } from './message-body.ts';

const callbackType = { message: 4, deferred: 5 } as const;
/** The responses to a slash command that the emulator has: an answer, or "thinking" and an answer later. */
const callback = z.object({
  type: z.union([z.literal(callbackType.message), z.literal(callbackType.deferred)]),
  data: messageBody.nullish(),
});

type CallbackRequest = FastifyRequest<{
  Params: { interactionId: string; token: string };
  Querystring: { with_response?: string };
}>;
type WebhookRequest = FastifyRequest<{ Params: { applicationId: string; token: string; messageId: string } }>;

/** Answers to slash commands. Nobody authenticates here: the interaction's token is the key. */
export function interactionRoutes(api: FastifyInstance, context: ApiContext): void {
  const { world, interactions } = context;

  const show = (message: Message, { channel }: Interaction) => toMessage(message, channel, world, () => true);

  const answer = (interaction: Interaction, body: MessageBody, isOriginal: boolean): Message => {
    const { channel, application, command, user } = interaction;
    const written = writtenIn(body);
    const message = world.post(channel, {
      ...written,
      author: application.bot,
      mentions: mentionsOf(body, written.content, null, world),
      flags: (body.flags ?? 0) & messageFlag.ephemeral,
      replyTo: isOriginal ? null : interaction.originalId,
      origin: isOriginal ? { interactionId: interaction.id, command: command.name, user } : null,
    });
    interaction.messageIds.add(message.id);
    return message;
  };

  const revise = (interaction: Interaction, message: Message, body: MessageBody): void => {
    const written = writtenIn(body, message);
    const mentions = mentionsOf(body, written.content, null, world);
    if (message.id === interaction.originalId) interaction.state = 'answered';
    world.edit(interaction.channel, message, { ...written, mentions, flags: message.flags & ~messageFlag.loading });
  };

  api.post('/interactions/:interactionId/:token/callback', (request: CallbackRequest, reply) => {
    const interaction = interactions.find(request.params.token);
    if (interaction?.id !== request.params.interactionId) throw unknownInteraction();
    if (interaction.state !== 'waiting')
      throw new DiscordError(400, 40060, 'Interaction has already been acknowledged.');
    const { type, data } = parse(callback, request.body);
    const isDeferred = type === callbackType.deferred;
    const original = isDeferred
      ? world.post(interaction.channel, {
          author: interaction.application.bot,
          content: '',
          flags: ((data?.flags ?? 0) & messageFlag.ephemeral) | messageFlag.loading,
          origin: { interactionId: interaction.id, command: interaction.command.name, user: interaction.user },
        })
      : answer(interaction, data ?? {}, true);
    interaction.messageIds.add(original.id);
    interaction.originalId = original.id;
    interaction.state = isDeferred ? 'deferred' : 'answered';
    if (request.query.with_response !== 'true') return reply.code(204).send();
    return {
      interaction: {
        id: interaction.id,
        type: 2,
        response_message_id: original.id,
        response_message_loading: isDeferred,
        response_message_ephemeral: isEphemeral(original),
      },
      resource: { type, message: show(original, interaction) },
    };
  });

  const enter = (request: WebhookRequest): Interaction => {
    const { applicationId, token } = request.params;
    const interaction = interactions.find(token);
    if (interaction?.application.id !== applicationId || interaction.state === 'waiting') throw unknownWebhook();
    return interaction;
  };
  const find = (interaction: Interaction, id: string): Message => {
    const wanted = id === '@original' ? (interaction.originalId ?? '') : id;
    const message = interaction.messageIds.has(wanted) ? world.findMessage(interaction.channel, wanted) : undefined;
    if (!message) throw unknownMessage();
    return message;
  };

  api.post('/webhooks/:applicationId/:token', (request: WebhookRequest) => {
    const interaction = enter(request);
    const body = parse(messageBody, request.body ?? {});
    // The first follow-up of a deferred response fills it in (documented, "for backwards compatibility").
    const loading = interaction.state === 'deferred' ? find(interaction, '@original') : null;
    if (!loading) return show(answer(interaction, body, false), interaction);
    revise(interaction, loading, body);
    return show(loading, interaction);
  });

  const url = '/webhooks/:applicationId/:token/messages/:messageId';
  api.get(url, (request: WebhookRequest) => {
    const interaction = enter(request);
    return show(find(interaction, request.params.messageId), interaction);
  });
  api.patch(url, (request: WebhookRequest) => {
    const interaction = enter(request);
    const message = find(interaction, request.params.messageId);
    revise(interaction, message, parse(messageBody, request.body ?? {}));
    return show(message, interaction);
  });
  api.delete(url, (request: WebhookRequest, reply) => {
    const interaction = enter(request);
    world.delete(interaction.channel, find(interaction, request.params.messageId));
    return reply.code(204).send();
  });
}
