import type { Interaction } from '../../world/interaction.ts';
import { interactionType } from '../../world/interaction.ts';
import type { Channel, Message, MessageOrigin } from '../../world/model.ts';
import { messageFlag } from '../../world/model.ts';
import { toMessage } from '../../world/payload/message.ts';
import { mentionsOf } from '../body/mentions.ts';
import type { MessageBody } from '../body/message.ts';
import { botFlags, messageBody } from '../body/message.ts';
import type { ApiContext } from '../context.ts';
import { parse, unknownChannel, unknownMessage } from '../discord-error.ts';

const settableFlags = botFlags | messageFlag.ephemeral;

const originOf = ({ id, data, user, message }: Interaction): MessageOrigin => ({
  interactionId: id,
  type: data.type,
  command: data.type === interactionType.command ? data.fullName : null,
  user,
  interactedMessageId: message?.id ?? null,
});

/** The messages with which an application answers an interaction. */
export class InteractionAnswers {
  readonly #context: ApiContext;

  constructor(context: ApiContext) {
    this.#context = context;
  }

  /** `fields` is the JSON part, `body` all that was sent, files included. @throws DiscordError */
  post(interaction: Interaction, fields: unknown, body: unknown, replyTo: string | null): Message {
    const { world, writer } = this.#context;
    const { application } = interaction;
    const channel = this.#place(interaction);
    const wanted = parse(messageBody, fields ?? {});
    const written = writer.written({ body, channelId: channel.id }, wanted);
    const message = world.post(channel, {
      ...written,
      ...mentionsOf(wanted, written.content, channel, null, world),
      author: application.bot,
      flags: (wanted.flags ?? 0) & settableFlags,
      replyTo,
      origin: originOf(interaction),
    });
    interaction.messageIds.add(message.id);
    return message;
  }

  /** People read that the application is thinking. @throws DiscordError */
  postLoading(interaction: Interaction, flags: number): Message {
    const message = this.#context.world.post(this.#place(interaction), {
      author: interaction.application.bot,
      content: '',
      flags: (flags & messageFlag.ephemeral) | messageFlag.loading,
      origin: originOf(interaction),
    });
    interaction.messageIds.add(message.id);
    return message;
  }

  /** @throws DiscordError */
  revise(interaction: Interaction, message: Message, fields: unknown, body: unknown): void {
    const { world, writer } = this.#context;
    if (!world.findMessage(this.#place(interaction), message.id)) throw unknownMessage();
    const wanted: MessageBody = parse(messageBody, fields ?? {});
    const written = writer.written({ body, channelId: interaction.channel.id }, wanted, message);
    const mentions = mentionsOf(wanted, written.content, interaction.channel, null, world);
    if (message.id === interaction.originalId) interaction.state = 'answered';
    const flags = (message.flags & ~messageFlag.loading) | ((wanted.flags ?? 0) & botFlags);
    world.edit(interaction.channel, message, { ...written, ...mentions, flags });
  }

  /** The channel may be gone by now. @throws DiscordError */
  #place({ channel }: Interaction): Channel {
    if (!this.#context.world.findChannel(channel.id)) throw unknownChannel();
    return channel;
  }

  show(interaction: Interaction, message: Message) {
    return toMessage(message, interaction.channel, this.#context.world, () => true);
  }
}
