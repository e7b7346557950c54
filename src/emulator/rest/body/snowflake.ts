import { z } from 'zod';

/** Any number with which an id can be compared; whether it names something is seen later. */
export const snowflake = z.string().refine((text) => /^\d{1,20}$/.test(text), {
  params: { code: 'NUMBER_TYPE_COERCE' },
  message: 'Value is not snowflake.',
});

/** For sorting: the older one first. */
export const byAge = (one: { readonly id: string }, other: { readonly id: string }): number =>
  BigInt(one.id) < BigInt(other.id) ? -1 : 1;
