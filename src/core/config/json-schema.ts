import { z } from 'zod';
import { botDocument, wholeDocument } from './schema.ts';

/** JSON Schema of droas.yaml, for editors. */
export const fleetSchema = () => jsonSchema(wholeDocument, 'droas.yaml');

/** JSON Schema of a file in `bots.d/`. */
export const botSchema = () => jsonSchema(botDocument, 'bots.d/<name>.yaml');

function jsonSchema(type: z.ZodType, title: string): Readonly<Record<string, unknown>> {
  const { $schema, ...schema } = z.toJSONSchema(type, {
    io: 'input',
    // Left to itself, zod passes over the defaults of values that it converts, such as durations.
    override: ({ zodSchema, jsonSchema }) => {
      const otherwise = z.globalRegistry.get(zodSchema)?.['default'];
      if (otherwise !== undefined) jsonSchema.default = otherwise as NonNullable<typeof jsonSchema.default>;
    },
  });
  return { $schema, title, ...schema };
}
