import { z } from 'zod';
import type { Clock } from '../../clock.ts';
import { status } from '../../world/model.ts';
import type { Session } from '../session.ts';
import type { Sessions } from '../sessions.ts';

/** "Bot users are only able to set `name`, `state`, `type`, and `url`": anything else is left out. */
const activity = z.object({
  name: z.string().max(128),
  type: z.int().min(0).max(5),
  url: z.string().max(512).nullish(),
  state: z.string().max(128).nullish(),
});

/** Also part of IDENTIFY. */
export const presenceData = z.object({
  status: z.enum(status),
  activities: z.array(activity).nullish(),
  since: z.number().nullish(),
  afk: z.boolean().nullish(),
});

/**
 * Op 3. More often than documented it changes nothing: "Clients may only update their game status 5 times per 20 seconds".
 * False when it cannot be decoded.
 */
export function updatePresence(session: Session, d: unknown, sessions: Sessions, clock: Clock): boolean {
  const { data } = presenceData.safeParse(d);
  if (!data) return false;
  if (session.presenceWindow.take(clock.monotonicMs()))
    sessions.setPresence(session, { status: data.status, activities: data.activities ?? [] });
  return true;
}
