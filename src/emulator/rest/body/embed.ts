import { z } from 'zod';

const text = (longest: number) => z.string().max(longest).nullish();
const embed = z.looseObject({
  title: text(256),
  description: text(4096),
  url: z.string().max(2048).nullish(),
  color: z.int().min(0).max(0xffffff).nullish(),
  footer: z.looseObject({ text: z.string().min(1).max(2048) }).nullish(),
  author: z.looseObject({ name: z.string().min(1).max(256) }).nullish(),
  image: z.looseObject({ url: z.string().max(2048) }).nullish(),
  thumbnail: z.looseObject({ url: z.string().max(2048) }).nullish(),
  fields: z
    .array(
      z.looseObject({
        name: z.string().min(1).max(256),
        value: z.string().min(1).max(1024),
        inline: z.boolean().nullish(),
      }),
    )
    .max(25)
    .nullish(),
});

/** All texts of all embeds of a message together. */
const longest = 6_000;
const lengthOf = ({ title, description, footer, author, fields }: z.infer<typeof embed>): number =>
  [
    title,
    description,
    footer?.text,
    author?.name,
    ...(fields ?? []).flatMap(({ name, value }) => [name, value]),
  ].reduce((sum, part) => sum + (part?.length ?? 0), 0);

export const embeds = z
  .array(embed)
  .max(10)
  .refine((all) => all.reduce((sum, one) => sum + lengthOf(one), 0) <= longest, {
    params: { code: 'MAX_EMBED_SIZE_EXCEEDED' },
    message: `Embed size exceeds maximum size of ${longest}`,
  })
  .transform((all) => all.map((one) => ({ ...one, type: 'rich' })));
