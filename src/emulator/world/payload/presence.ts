import type { Presence, User } from '../model.ts';
import type { Json } from './json.ts';

/** How others see it: nobody sees who hides. */
export function toPresence({ id }: User, { status, activities }: Presence): Json {
  const isHidden = status === 'invisible' || status === 'offline';
  return {
    user: { id },
    status: isHidden ? 'offline' : status,
    activities: isHidden ? [] : activities,
    client_status: isHidden ? {} : { web: status },
  };
}
