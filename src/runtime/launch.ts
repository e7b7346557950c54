import { createHash, randomBytes } from 'node:crypto';
import { specIdentity } from '../core/config/identity.ts';
import type { BotSpec } from '../core/config/spec.ts';
import type { SpawnOrder } from '../ports/spawner.ts';
import {
  type AssistantSettings,
  assistantConfigKey,
  childKeyName,
  discordTokenName,
  llmKeyName,
  type Spent,
} from '../protocol/assistant.ts';

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Changes when, and only when, a running process would have to be replaced to follow the spec. */
export const specHash = (spec: BotSpec): string => sha256(specIdentity(spec));

export type Secrets = Readonly<Record<string, string>>;

/**
 * A fresh one-time key and everything else that one incarnation may know, for its secrets file. `spent` is for the built-in
 * bot: it may write nothing, so what it spent is remembered for it.
 */
export function secretsFor(
  spec: BotSpec,
  spent: Spent | null = null,
): { readonly key: string; readonly secrets: Secrets } {
  const key = randomBytes(24).toString('base64url');
  const token = spec.token === null ? {} : { [discordTokenName]: spec.token.secret };
  if (spec.program.kind === 'command') return { key, secrets: { [childKeyName]: key, ...token } };
  const { kind: _, llm, ...program } = spec.program;
  const { key: llmKey, ...model } = llm;
  const assistant: AssistantSettings = { ...program, llm: model, spent, discordApi: spec.discordApi };
  return {
    key,
    secrets: {
      [childKeyName]: key,
      ...token,
      ...(llmKey === null ? {} : { [llmKeyName]: llmKey.secret }),
      [assistantConfigKey]: JSON.stringify(assistant),
    },
  };
}

/** Words of a bot's secrets that must never be kept in a log: whole secrets, and each part of a token. */
export function redactedWords(spec: BotSpec, key: string): readonly string[] {
  const llmKey = spec.program.kind === 'assistant' ? spec.program.llm.key?.secret : undefined;
  const whole = [key, spec.token?.secret, llmKey].filter((word) => word !== undefined);
  return [...whole, ...(spec.token?.secret.split('.') ?? [])];
}

export type Surroundings = {
  /** The supervisor's own PATH, HOME, LANG and TZ, the only things a bot inherits. */
  readonly base: Readonly<Record<string, string>>;
  readonly assistantCommand: (secretsFile: string) => readonly [string, ...string[]];
};

const oomScoreAdj = 300;

/** The complete order for one incarnation. */
export function orderFor(
  spec: BotSpec,
  incarnation: number,
  paths: { readonly socket: string; readonly secrets: string },
  keyHash: string,
  surroundings: Surroundings,
): SpawnOrder {
  const { program } = spec;
  const discord = spec.kind === 'bot' && program.kind === 'command' ? { DISCORD_API: spec.discordApi } : {};
  const tokenInEnv = spec.secretsIn === 'env' && spec.token !== null ? { [discordTokenName]: spec.token.secret } : {};
  return {
    bot: spec.name,
    incarnation,
    command: program.kind === 'command' ? program.command : surroundings.assistantCommand(paths.secrets),
    cwd: spec.cwd,
    env: {
      ...surroundings.base,
      ...discord,
      ...spec.env,
      ...tokenInEnv,
      DROAS_BOT: spec.name,
      DROAS_SOCKET: paths.socket,
      DROAS_SECRETS: paths.secrets,
    },
    specHash: specHash(spec),
    keyHash,
    oomScoreAdj,
  };
}
