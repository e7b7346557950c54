import { resolve } from 'node:path';
import { DroasError } from '../../core/errors.ts';
import type { OperationView } from '../../protocol/api.ts';
import type { Context } from '../context.ts';
import { report } from '../report.ts';
import { type WaitOptions, waitQuery } from '../waiting.ts';

export type AddOptions = WaitOptions & {
  readonly tokenEnv?: string;
  readonly builtin?: string;
  readonly env: readonly string[];
  readonly cwd?: string;
  readonly from?: string;
};

export async function add(
  context: Context,
  name: string,
  command: readonly string[],
  options: AddOptions,
): Promise<number> {
  const { client, output } = context;
  const base = options.from === undefined ? {} : (await import('../document.ts')).readDocument(resolve(options.from));
  const spec = { ...base, ...fromOptions(command, options, (base['env'] ?? {}) as Record<string, string>) };
  if (Object.keys(spec).length === 0) {
    throw new DroasError('USAGE', `Nothing says what ${name} runs.`, {
      remedy: 'Give --builtin assistant, or a command after --, or a document with --from.',
    });
  }
  const operation = client.ask<OperationView>('POST', `/api/v1/bots${waitQuery(options)}`, { name, spec });
  return report(output, [{ name, operation }], options);
}

/** The keys of the bot's document that the command line gives. */
function fromOptions(
  command: readonly string[],
  options: AddOptions,
  env: Record<string, string>,
): Record<string, unknown> {
  const { tokenEnv, builtin, cwd } = options;
  return {
    ...(tokenEnv === undefined ? {} : { token: `\${${variable(tokenEnv)}}` }),
    ...(builtin === undefined ? {} : { builtin }),
    // The document lies elsewhere: a command typed here is meant to run here.
    ...(command.length === 0 ? {} : { command, cwd: resolve(cwd ?? '.') }),
    ...(cwd === undefined ? {} : { cwd: resolve(cwd) }),
    ...(options.env.length === 0 ? {} : { env: { ...env, ...Object.fromEntries(options.env.map(assignment)) } }),
  };
}

/** Never repeats what it refuses: it may be the token itself. */
function variable(name: string): string {
  if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) return name;
  throw new DroasError('USAGE', '--token-env takes the name of an environment variable, not a token.', {
    remedy: 'If this was the real token, it now stands in the history of your shell: reset it in the Developer Portal.',
  });
}

function assignment(text: string): [string, string] {
  const [, key, value] = /^([A-Za-z_][A-Za-z0-9_]*)=(.*)$/s.exec(text) ?? [];
  if (key !== undefined && value !== undefined) return [key, value];
  throw new DroasError('USAGE', '--env takes NAME=value.');
}
