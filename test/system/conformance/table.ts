import { appendFileSync } from 'node:fs';
import type { Library } from './libraries.ts';

/** Puts what was measured into the table that `npm run test:system` prints. */
export function measured(behaviour: string, library: Library | 'any client', result: string): void {
  const path = process.env['DROAS_TEST_TABLE'];
  if (path !== undefined) appendFileSync(path, `${JSON.stringify({ behaviour, library, result })}\n`);
}
