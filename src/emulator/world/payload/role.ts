import type { Role } from '../model.ts';
import type { Json } from './json.ts';

export const toRole = ({ id, name, color, hoist, mentionable, permissions, position, botId }: Role): Json => ({
  id,
  name,
  color,
  colors: { primary_color: color, secondary_color: null, tertiary_color: null },
  hoist,
  icon: null,
  unicode_emoji: null,
  position,
  permissions,
  managed: botId !== null,
  mentionable,
  flags: 0,
  ...(botId === null ? {} : { tags: { bot_id: botId } }),
});
