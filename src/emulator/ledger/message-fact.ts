import type { Channel, Message, Original } from '../world/model.ts';
import type { Fact } from './entry.ts';

/**
 * A message as the ledger keeps it: whose it is, whom it is meant for and, when it counts, its number. A bot's message
 * answers the numbered message to it that it replies to (`original`) or, when it replies to none, the number that its
 * text names.
 */
export function messageFact(channel: Channel, message: Message, original: Original | undefined): Fact {
  const { author, counted } = message;
  return {
    type: 'message',
    applicationId: author.bot ? author.id : undefined,
    authorId: author.id,
    channelId: message.channelId,
    messageId: message.id,
    replyTo: message.replyTo ?? undefined,
    addressedTo: author.bot ? undefined : (counted?.applicationId ?? addressee(channel, message)),
    number: author.bot ? numberAnswered(message, original) : counted?.number,
  };
}

const addressee = ({ direct }: Channel, { mentions }: Message): string | undefined =>
  direct?.applicationId ?? mentions.find(({ bot }) => bot)?.id;

function numberAnswered({ author, replyTo, content }: Message, original: Original | undefined): number | undefined {
  if (replyTo !== null) return original?.counted?.applicationId === author.id ? original.counted.number : undefined;
  const number = Number(/#(\d{1,7})\b/.exec(content)?.[1] ?? 0);
  return number > 0 ? number : undefined;
}
