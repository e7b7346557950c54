import { z } from 'zod';
import { channelType, overwriteType } from '../../world/model.ts';
import { snowflake } from './snowflake.ts';

/** Permissions, in decimal digits. */
export const bits = z
  .union([z.string(), z.int().nonnegative().transform(String)])
  .pipe(z.string().regex(/^\d{1,19}$/, 'Value is not a bit set.'));
const givenBits = bits.nullish().transform((given) => given ?? '0');
export const overwriteFields = z.object({
  type: z.literal([overwriteType.role, overwriteType.member]),
  allow: givenBits,
  deny: givenBits,
});
const overwrite = overwriteFields.extend({ id: snowflake });

/** Null sets it back. */
const slowmode = z
  .int()
  .min(0)
  .max(21_600)
  .nullable()
  .transform((seconds) => seconds ?? 0)
  .optional();
const settings = z.object({
  topic: z.string().max(1024).nullish(),
  position: z.int().nonnegative().nullish(),
  nsfw: z.boolean().nullish(),
  rate_limit_per_user: slowmode,
  user_limit: z
    .int()
    .min(0)
    .max(99)
    .nullable()
    .transform((most) => most ?? 0)
    .optional(),
  parent_id: snowflake.nullish(),
  permission_overwrites: z
    .array(overwrite)
    .max(1000)
    .nullable()
    .transform((all) => all ?? [])
    .optional(),
});
export type ChannelSettings = z.infer<typeof settings>;
const name = z.string().trim().min(1).max(100);

export const newChannel = settings.extend({
  name,
  type: z
    .literal([channelType.text, channelType.voice, channelType.category, channelType.announcement])
    .nullish()
    .transform((type) => type ?? channelType.text),
});
export const channelChange = settings.extend({ name: name.optional() });

/** Channels for text have names without spaces and capitals. */
export const channelName = (wanted: string, type: number): string =>
  type === channelType.text || type === channelType.announcement
    ? wanted.toLowerCase().replaceAll(/\s+/g, '-')
    : wanted;

const autoArchiveMinutes = z.literal([60, 1440, 4320, 10_080]);
export const threadChange = z.object({
  name: name.optional(),
  archived: z.boolean().optional(),
  locked: z.boolean().optional(),
  auto_archive_duration: autoArchiveMinutes.optional(),
  rate_limit_per_user: slowmode,
});
export const newThread = z.object({
  name,
  auto_archive_duration: autoArchiveMinutes.nullish(),
  type: z.literal([channelType.publicThread, channelType.privateThread]).nullish(),
});
