import { type GatewayMessageCreateDispatchData, MessageType } from 'discord-api-types/v10';

/** The parts of a message that decide whether it is for us. */
export type Incoming = Pick<
  GatewayMessageCreateDispatchData,
  'id' | 'channel_id' | 'content' | 'author' | 'guild_id' | 'mentions' | 'referenced_message' | 'type' | 'webhook_id'
>;

/** Whether a person speaks to us: in a direct message, by mentioning us, or by replying to one of our messages. */
export function isForUs(message: Incoming, ourId: string): boolean {
  if (message.author.bot || message.author.system || message.webhook_id) return false;
  if (message.type !== MessageType.Default && message.type !== MessageType.Reply) return false;
  return (
    message.guild_id === undefined ||
    message.mentions.some(({ id }) => id === ourId) ||
    message.referenced_message?.author.id === ourId
  );
}

/** What was said, without the mention of us. Empty when Discord did not show it: only mentions and DMs are shown. */
export function questionOf(message: Incoming, ourId: string): string {
  return message.content
    .replaceAll(new RegExp(`<@!?${ourId}>`, 'g'), ' ')
    .replaceAll(/[ \t]+/g, ' ')
    .trim();
}
