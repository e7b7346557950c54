import { DroasError } from '../core/errors.ts';
import type { BotView } from '../protocol/api.ts';
import type { Client } from './client.ts';

const isGlob = (pattern: string): boolean => /[*?]/.test(pattern);

function globPattern(glob: string): RegExp {
  const source = glob
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`);
}

/** The names that a glob or a plain name stands for; a pattern that matches nothing stays, and is reported as unknown. */
const expand = (pattern: string, names: readonly string[]): readonly string[] => {
  if (!isGlob(pattern)) return [pattern];
  const matching = names.filter((name) => globPattern(pattern).test(name));
  return matching.length > 0 ? matching : [pattern];
};

/**
 * The bots that a command is about, each once. Only globs and `--all` need to ask the supervisor who is there.
 * @throws DroasError USAGE when it is not clear who is meant
 */
export async function selectBots(client: Client, patterns: readonly string[], all: boolean): Promise<string[]> {
  if (all && patterns.length > 0) throw new DroasError('USAGE', 'Name bots or say --all, not both.');
  if (!all && patterns.length === 0) throw new DroasError('USAGE', 'Name at least one bot, or say --all.');
  const names =
    all || patterns.some(isGlob)
      ? (await client.get<{ items: BotView[] }>('/api/v1/bots')).items.map(({ name }) => name)
      : [];
  return all ? names : [...new Set(patterns.flatMap((pattern) => expand(pattern, names)))];
}

export const botPath = (name: string, rest = ''): string => `/api/v1/bots/${encodeURIComponent(name)}${rest}`;
