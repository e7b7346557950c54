import { base } from './base.ts';
import { builtIn } from './defaults.ts';
import type { BotDocument, Defaults } from './schema.ts';
import type { BotSpec, LlmSpec, Program, Readiness, Secret } from './spec.ts';

/** What a document does not say about a bot: its name and what only the file system knows. */
export type Place = {
  readonly name: string;
  /** Absolute. */
  readonly cwd: string;
  /** What stands in its `envFile`. */
  readonly fileEnv: Readonly<Record<string, string>>;
  readonly source: string;
};

/** The bot as it should be: its own words first, then the fleet's defaults, then the built-in ones. The document has no problems. */
export function botSpec(bot: BotDocument, defaults: Defaults, place: Place): BotSpec {
  const kind = bot.kind ?? 'bot';
  const isAssistant = bot.builtin !== undefined;
  return {
    name: place.name,
    kind,
    program: program(bot, defaults),
    token: secret(bot.token),
    discordApi: bot.discordApi ?? defaults.discordApi ?? builtIn.discordApi,
    secretsIn: bot.secrets ?? defaults.secrets ?? builtIn.secrets,
    cwd: place.cwd,
    env: { ...defaults.env, ...place.fileEnv, ...bot.env },
    autostart: bot.autostart ?? defaults.autostart ?? builtIn.autostart,
    after: [...new Set(bot.after)],
    ready: readiness(bot),
    restart: restart(bot, defaults, kind === 'bot' && bot.token !== undefined),
    health: health(bot, defaults),
    memoryLimitBytes:
      [bot.memoryLimit, defaults.memoryLimit, isAssistant ? base.assistantMemoryLimit : null].find(
        (limit) => limit !== undefined,
      ) ?? null,
    source: place.source,
  };
}

const secret = (text: string | undefined): Secret | null => (text === undefined ? null : { secret: text });

function program(bot: BotDocument, defaults: Defaults): Program {
  if (bot.command !== undefined) return { kind: 'command', command: bot.command };
  const { messages, tokens, channels } = { ...base.conversation, ...defaults.conversation, ...bot.conversation };
  return {
    kind: 'assistant',
    llm: model(bot, defaults),
    systemPrompt: bot.systemPrompt ?? defaults.systemPrompt ?? builtIn.systemPrompt,
    prompts: { ...defaults.prompts, ...bot.prompts },
    guilds: bot.guilds ?? defaults.guilds ?? null,
    directMessages: bot.directMessages ?? defaults.directMessages ?? builtIn.directMessages,
    conversationMessages: messages,
    conversationTokens: tokens,
    conversationChannels: channels,
  };
}

function model(bot: BotDocument, defaults: Defaults): LlmSpec {
  const { key, model = '', timeout, budget: _, ...llm } = { ...base.llm, ...defaults.llm, ...bot.llm };
  const { day, ...budget } = { ...base.budget, ...defaults.llm?.budget, ...bot.llm?.budget };
  return { ...llm, key: secret(key), model, timeoutMs: timeout, budget: { ...budget, requestsPerDay: day } };
}

function readiness({ ready, builtin }: BotDocument): Readiness {
  if (ready === undefined) return { kind: builtin === undefined ? 'spawned' : 'sdk' };
  if (typeof ready === 'string') return { kind: ready };
  if (ready.log !== undefined) return { kind: 'log', pattern: ready.log };
  if (ready.tcp !== undefined) return { kind: 'tcp', ...ready.tcp };
  if (ready.http !== undefined) return { kind: 'http', url: ready.http };
  if (ready.exec !== undefined) return { kind: 'exec', command: ready.exec };
  throw new Error('`ready` without a way to be ready passed its schema');
}

function restart(bot: BotDocument, defaults: Defaults, startCostsIdentify: boolean): BotSpec['restart'] {
  const policy = { ...base.restart, ...defaults.restart, ...bot.restart };
  const stop = { ...base.stop, ...defaults.stop, ...bot.stop };
  return {
    mode: policy.policy,
    immediateFirst: policy.immediateFirst,
    initialDelayMs: policy.initialDelay,
    factor: policy.factor,
    maxDelayMs: policy.maxDelay,
    jitter: policy.jitter,
    maxAttempts: policy.maxAttempts,
    windowMs: policy.window,
    stableAfterMs: policy.stableAfter,
    trialMaxDelayMs: policy.trialMaxDelay,
    alertAbove: policy.alertAbove,
    startCostsIdentify,
    startDeadlineMs: bot.startDeadline ?? defaults.startDeadline ?? base.startDeadline,
    graceMs: stop.grace,
    hungGraceMs: stop.hungGrace,
  };
}

type Probe = NonNullable<BotSpec['health']['probe']>;

function health(bot: BotDocument, defaults: Defaults): BotSpec['health'] {
  const policy = { ...base.health, ...defaults.health, ...bot.health };
  return {
    sweepMs: policy.sweep,
    heartbeatMs: policy.heartbeat,
    misses: policy.misses,
    reconnectMs: policy.reconnect,
    loopLagWarnMs: policy.loopLagWarn,
    latencyWarnMs: policy.latencyWarn,
    probe: policy.probe === undefined ? null : probe(policy.probe),
  };
}

function probe({ tcp, http, exec, ...timing }: NonNullable<NonNullable<BotDocument['health']>['probe']>): Probe {
  const { interval: intervalMs, timeout: timeoutMs } = { ...base.probe, ...timing };
  if (tcp !== undefined) return { kind: 'tcp', target: `${tcp.host}:${tcp.port}`, command: [], intervalMs, timeoutMs };
  if (http !== undefined) return { kind: 'http', target: http, command: [], intervalMs, timeoutMs };
  const command = exec ?? [];
  return { kind: 'exec', target: command.join(' '), command, intervalMs, timeoutMs };
}
