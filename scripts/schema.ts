import { writeFileSync } from 'node:fs';
import { botSchema, fleetSchema } from '../src/core/config/json-schema.ts';

/** What editors need to know about the configuration files, made from the schema that the daemon checks with. */
export const schemas = [
  { path: new URL('../docs/droas.schema.json', import.meta.url), text: toText(fleetSchema()) },
  { path: new URL('../docs/bot.schema.json', import.meta.url), text: toText(botSchema()) },
] as const;

function toText(schema: Readonly<Record<string, unknown>>): string {
  return `${JSON.stringify(schema, null, 2)}\n`;
}

if (import.meta.main) for (const { path, text } of schemas) writeFileSync(path, text);
