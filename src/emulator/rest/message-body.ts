import { z } from 'zod';
import type { Channel, Message, User } from '../world/model.ts';
import { isSnowflake } from '../world/snowflake.ts';
import type { World } from '../world/world.ts';
import { emptyMessage, invalidForm } from './discord-error.ts';

export const snowflake = z.string().refine(isSnowflake, 'Value is not snowflake.');

/** What a bot may put into a message; fields that the emulator does not know are ignored, as unknown fields are on Discord. */
export const messageBody = z.object({
  content: z.string().max(2000).nullish(),
  embeds: z.array(z.looseObject({})).max(10).nullish(),
  components: z.array(z.looseObject({})).max(40).nullish(),
  flags: z.int().nonnegative().nullish(),
  allowed_mentions: z
    .object({
      parse: z.array(z.enum(['roles', 'users', 'everyone'])).optional(),
      users: z.array(snowflake).max(100).nullish(),
      replied_user: z.boolean().nullish(),
    })
    .nullish(),
});

export const newMessageBody = messageBody.extend({
  nonce: z.union([z.string().max(25), z.int()]).nullish(),
  message_reference: z.object({ message_id: snowflake, fail_if_not_exists: z.boolean().nullish() }).nullish(),
});

export type MessageBody = z.infer<typeof messageBody>;

/**
 * The visible part of a message, or of its next version: fields that are left out stay as they were `before`.
 * @throws DiscordError when nothing would be left to show
 */
export function writtenIn(body: MessageBody, before?: Message): Pick<Message, 'content' | 'embeds' | 'components'> {
  const content = body.content === undefined ? (before?.content ?? '') : (body.content?.trim() ?? '');
  const embeds = body.embeds === undefined ? (before?.embeds ?? []) : (body.embeds ?? []);
  const components = body.components === undefined ? (before?.components ?? []) : (body.components ?? []);
  if (content === '' && embeds.length === 0 && components.length === 0) throw emptyMessage();
  return { content, embeds, components };
}

/** The people whom the message pings: those named in it, as far as `allowed_mentions` lets it, and the one replied to. */
export function mentionsOf(body: MessageBody, content: string, repliedTo: User | null, world: World): readonly User[] {
  const allowed = body.allowed_mentions;
  const named = world
    .mentionedIn(content)
    .filter(({ id }) => !allowed || allowed.parse?.includes('users') || allowed.users?.includes(id));
  const pingsReplied = allowed ? allowed.replied_user === true : true;
  return [...new Set([...named, ...(repliedTo && pingsReplied ? [repliedTo] : [])])];
}

/** The message that is replied to. @throws DiscordError when it is unknown and that was to be an error */
export function repliedTo(body: z.infer<typeof newMessageBody>, channel: Channel, world: World): Message | null {
  const reference = body.message_reference;
  if (!reference) return null;
  const message = world.findMessage(channel, reference.message_id) ?? null;
  if (message || reference.fail_if_not_exists === false) return message;
  throw invalidForm([
    { path: ['message_reference'], problem: { code: 'REPLIES_UNKNOWN_MESSAGE', message: 'Unknown message' } },
  ]);
}
