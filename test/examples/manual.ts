import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The programs of docs/bots.md, by the heading that they stand under. */
export function programs(language: 'js' | 'python'): ReadonlyMap<string, string> {
  const text = readFileSync(join(import.meta.dirname, '../../docs/bots.md'), 'utf8');
  const found = new Map<string, string>();
  for (const section of text.split(/^## /m).slice(1)) {
    const [, program] = new RegExp(`^\`\`\`${language}\n([^]*?)^\`\`\``, 'm').exec(section) ?? [];
    if (program !== undefined) found.set(section.slice(0, section.indexOf('\n')), program);
  }
  return found;
}
