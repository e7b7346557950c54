import { readFileSync } from 'node:fs';

/** What the supervisor put into the environment of this process; every part is absent when nobody supervises it. */
export type Environment = {
  readonly bot: string | null;
  readonly socketPath: string | null;
  readonly run: string | null;
  /** Contents of the secrets file, read once: the supervisor removes the file soon after. */
  readonly secrets: Readonly<Record<string, string>>;
};

export function readEnvironment(env: Readonly<Record<string, string | undefined>>): Environment {
  return {
    bot: env['DROAS_BOT'] || null,
    socketPath: env['DROAS_SOCKET'] || null,
    run: env['DROAS_RUN'] || null,
    secrets: env['DROAS_SECRETS'] ? readSecrets(env['DROAS_SECRETS']) : {},
  };
}

/** A file that is gone or broken is no reason to crash a bot: it then finds its secrets missing, and says which. */
function readSecrets(path: string): Record<string, string> {
  try {
    const parsed: unknown = JSON.parse(readFileSync(path, 'utf8'));
    const entries = Object.entries(parsed && typeof parsed === 'object' ? parsed : {});
    return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
  } catch {
    return {};
  }
}
