import { z } from 'zod';
import { snowflake } from './snowflake.ts';

/** How much of a list is wanted, and from where. Query values are texts. */
export const pageOf = (most: number, otherwise: number) =>
  z.object({
    limit: z.coerce.number().int().min(1).max(most).default(otherwise),
    before: snowflake.optional(),
    after: snowflake.optional(),
  });
export type Page = z.infer<ReturnType<typeof pageOf>>;

/** Of a list ordered by id, the part that a page asks for: the last ones before an id, or the first ones after one. */
export function pagedById<Item extends { readonly id: string }>(
  items: readonly Item[],
  { limit, before, after }: Page,
): readonly Item[] {
  const inRange = items.filter(
    ({ id }) =>
      (before === undefined || BigInt(id) < BigInt(before)) && (after === undefined || BigInt(id) > BigInt(after)),
  );
  return before === undefined ? inRange.slice(0, limit) : inRange.slice(-limit);
}
