import type { Channel, Message, Original, User } from '../../world/model.ts';
import type { World } from '../../world/world.ts';
import { invalidForm } from '../discord-error.ts';
import type { MessageBody } from './message.ts';

type Mentions = Pick<Message, 'mentions' | 'mentionRoleIds' | 'mentionsEveryone'>;

/** Whom the message pings: those named in it, as far as `allowed_mentions` lets it, and the one replied to. */
export function mentionsOf(
  body: MessageBody,
  content: string,
  channel: Channel,
  repliedTo: User | null,
  world: World,
): Mentions {
  const allowed = body.allowed_mentions;
  const isAllowed = (kind: 'users' | 'roles' | 'everyone', id?: string): boolean =>
    !allowed ||
    allowed.parse?.includes(kind) === true ||
    (kind !== 'everyone' && id !== undefined && allowed[kind]?.includes(id) === true);
  const named = world.mentionedIn(content).filter(({ id }) => isAllowed('users', id));
  const pingsReplied = allowed ? allowed.replied_user === true : true;
  const roleIds = Array.from(content.matchAll(/<@&(\d+)>/g), ([, id]) => id ?? '');
  return {
    mentions: [...new Set([...named, ...(repliedTo && pingsReplied ? [repliedTo] : [])])],
    mentionRoleIds: [...new Set(roleIds)].filter((id) => channel.guild?.roles.has(id) && isAllowed('roles', id)),
    mentionsEveryone: channel.guild !== null && /@(everyone|here)\b/.test(content) && isAllowed('everyone'),
  };
}

type Reference = { readonly message_id: string; readonly fail_if_not_exists?: boolean | null | undefined };

/** The message that is replied to. @throws DiscordError when it is unknown and that was to be an error */
export function repliedTo(reference: Reference | null | undefined, channel: Channel, world: World): Original | null {
  if (!reference) return null;
  const original = world.findOriginal(channel, reference.message_id) ?? null;
  if (original || reference.fail_if_not_exists === false) return original;
  throw invalidForm([
    { path: ['message_reference'], problem: { code: 'REPLIES_UNKNOWN_MESSAGE', message: 'Unknown message' } },
  ]);
}
