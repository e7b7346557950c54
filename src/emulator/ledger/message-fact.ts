import type { Channel, Message } from '../world/model.ts';
import type { Fact } from './entry.ts';

/**
 * A message as the ledger keeps it: whose it is, whom it is meant for and, when it counts, its number. A person's message
 * to a bot is numbered when it begins with `#7` behind the mention. A bot's message answers the numbered message that it
 * replies to (`original`) or, when it replies to none, the number that its text names.
 */
export function messageFact(channel: Channel, message: Message, original: Message | undefined): Fact {
  const { author } = message;
  const number = author.bot ? (numberOf(original) ?? numberIn(/#(\d{1,7})\b/, message.content)) : numberOf(message);
  return {
    type: 'message',
    applicationId: author.bot ? author.id : undefined,
    authorId: author.id,
    channelId: message.channelId,
    messageId: message.id,
    replyTo: message.replyTo ?? undefined,
    addressedTo: author.bot
      ? undefined
      : (channel.direct?.applicationId ?? message.mentions.find(({ bot }) => bot)?.id),
    number,
  };
}

const numberOf = (message: Message | undefined): number | undefined =>
  message && !message.author.bot ? numberIn(/^(?:<@!?\d+>\s*)*#(\d{1,7})\b/, message.content) : undefined;

const numberIn = (pattern: RegExp, text: string): number | undefined => {
  const number = Number(pattern.exec(text)?.[1] ?? 0);
  return number > 0 ? number : undefined;
};
