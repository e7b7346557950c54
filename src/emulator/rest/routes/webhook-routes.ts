import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Interaction } from '../../world/interaction.ts';
import type { Message } from '../../world/model.ts';
import { uploadOf } from '../body/upload.ts';
import type { ApiContext } from '../context.ts';
import { invalidWebhookToken, unknownMessage, unknownWebhook } from '../discord-error.ts';
import { InteractionAnswers } from './interaction-answer.ts';

type WebhookRequest = FastifyRequest<{ Params: { applicationId: string; token: string; messageId: string } }>;

/** What follows the first response to an interaction, for fifteen minutes. */
export function webhookRoutes(api: FastifyInstance, context: ApiContext): void {
  const { book, world } = context;
  const answers = new InteractionAnswers(context);

  const enter = ({ params: { applicationId, token } }: WebhookRequest): Interaction => {
    const interaction = book.find(token);
    if (interaction === null) throw invalidWebhookToken();
    if (interaction.application.id !== applicationId || interaction.state === 'waiting') throw unknownWebhook();
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
    const { body } = request;
    const { fields } = uploadOf(body);
    // The first follow-up of a deferred response fills it in (documented, "for backwards compatibility").
    const loading = interaction.state === 'deferred' ? find(interaction, '@original') : null;
    if (!loading) return answers.show(interaction, answers.post(interaction, fields, body, interaction.originalId));
    answers.revise(interaction, loading, fields, body);
    return answers.show(interaction, loading);
  });

  const url = '/webhooks/:applicationId/:token/messages/:messageId';
  api.get(url, (request: WebhookRequest) => {
    const interaction = enter(request);
    return answers.show(interaction, find(interaction, request.params.messageId));
  });
  api.patch(url, (request: WebhookRequest) => {
    const interaction = enter(request);
    const message = find(interaction, request.params.messageId);
    answers.revise(interaction, message, uploadOf(request.body).fields, request.body);
    return answers.show(interaction, message);
  });
  api.delete(url, (request: WebhookRequest, reply) => {
    const interaction = enter(request);
    world.delete(interaction.channel, find(interaction, request.params.messageId));
    return reply.code(204).send();
  });
}
