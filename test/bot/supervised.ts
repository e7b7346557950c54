import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { OpenChannel } from '../socket/open-channel.ts';

/** The environment that a supervisor gives to a bot. */
export function environmentOf(open: OpenChannel, secrets: Record<string, unknown> = {}): Record<string, string> {
  const file = join(open.directory, 'secrets.json');
  writeFileSync(file, JSON.stringify({ DROAS_KEY: open.key, ...secrets }), { mode: 0o600 });
  return { DROAS_BOT: 'music', DROAS_SOCKET: open.channel.path, DROAS_RUN: open.run, DROAS_SECRETS: file };
}
