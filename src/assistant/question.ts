import type { APIAttachment } from 'discord-api-types/v10';
import type { Incoming } from './address.ts';

/** Of a message that is replied to, enough to know what is meant: of our own, which is remembered, the beginning. */
const maxQuoted = 1_000;
const maxQuotedOfUs = 200;
const maxNameLength = 100;

/**
 * What the model is asked: what was said without the mention of us, with the message that it replies to quoted and its
 * attachments named, which nobody reads. Embeds say nothing that a person wrote. Empty when there is nothing, or when
 * Discord did not show it: only mentions, direct messages and our own messages are shown.
 */
export function questionOf(message: Incoming, ourId: string): string {
  const said = message.content
    .replaceAll(new RegExp(`<@!?${ourId}>`, 'g'), ' ')
    .replaceAll(/[ \t]+/g, ' ')
    .trim();
  return [quoteOf(message, ourId), said, ...message.attachments.map(named)].filter((part) => part !== '').join('\n');
}

function quoteOf({ referenced_message: quoted }: Incoming, ourId: string): string {
  if (!quoted) return '';
  const { author, content, attachments } = quoted;
  const isOurs = author.id === ourId;
  const most = isOurs ? maxQuotedOfUs : maxQuoted;
  const text = content.length > most ? `${content.slice(0, most).toWellFormed()} …` : content;
  const lines = [...(text === '' ? [] : text.split('\n')), ...attachments.map(named)];
  if (lines.length === 0) return '';
  const whom = isOurs ? 'your message' : plain(author.global_name ?? author.username);
  return [`[in reply to ${whom}]`, ...lines.map((line) => `> ${line}`)].join('\n');
}

/** `[attachment: photo.png, image/png, 120 KB]` */
const named = ({ filename, content_type, size }: Pick<APIAttachment, 'filename' | 'content_type' | 'size'>): string =>
  `[attachment: ${[plain(filename), ...(content_type ? [plain(content_type)] : []), sizeText(size)].join(', ')}]`;

/** Names are other people's words: they must not look like more than one. */
const plain = (name: string): string =>
  name
    .replaceAll(/[\p{Cc}\p{Zl}\p{Zp}[\]]/gu, ' ')
    .slice(0, maxNameLength)
    .toWellFormed()
    .trim();

function sizeText(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`;
  return bytes < 999_500 ? `${Math.round(bytes / 1_000)} KB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
