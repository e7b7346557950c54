import type { Emoji } from '../../world/model.ts';
import { isSnowflake } from '../../world/snowflake.ts';
import { unknownEmoji } from '../discord-error.ts';

/** Also those that are commonly written without the mark that makes them colourful. */
const character = /^(?:\p{RGI_Emoji}|\p{Extended_Pictographic})$/v;

/**
 * The emoji of an address, which is `name:id` for custom ones and else the character itself.
 * @throws DiscordError 10014 when it is neither
 */
export function emojiIn(text: string): Emoji {
  const [, name, id] = /^(?:a:)?(\w{2,32}):(\d+)$/.exec(text) ?? [];
  if (name !== undefined && id !== undefined && isSnowflake(id)) return { id, name };
  if (!character.test(text)) throw unknownEmoji();
  return { id: null, name: text };
}
