import { z } from 'zod';
import { botNamePattern } from '../ids.ts';
import { builtIn } from './defaults.ts';
import * as field from './fields.ts';

/**
 * The documents that people write: `droas.yaml`, one file per bot in `bots.d/`, the body of `POST /bots`. Parsing turns
 * durations into milliseconds, sizes into bytes and commands into lists, and fills nothing in: what is left out is absent.
 */

/** A key that may be left out; `otherwise` is shown to people as its default. */
const key = <T extends z.ZodType>(type: T, description: string, otherwise?: unknown) =>
  type.exactOptional().meta({ description, ...(otherwise === undefined ? {} : { default: otherwise }) });

const count = (least: number, most: number) => z.int().min(least).max(most);
const share = z.number().min(0).max(1);

export const restartPolicy = field.keys({
  policy: key(
    z.enum(['always', 'on-failure', 'never']),
    'When a bot that ended is started again',
    builtIn.restart.policy,
  ),
  immediateFirst: key(
    z.boolean(),
    'The first restart after a stable time waits nothing',
    builtIn.restart.immediateFirst,
  ),
  initialDelay: key(field.duration(10), 'Shortest wait before a restart', builtIn.restart.initialDelay),
  factor: key(z.number().min(1).max(10), 'Each wait is the one before times this', builtIn.restart.factor),
  maxDelay: key(
    field.duration(10),
    'Longest wait; also the wait between trials of an open circuit',
    builtIn.restart.maxDelay,
  ),
  jitter: key(share, 'Each wait is changed at random by up to ± this share', builtIn.restart.jitter),
  maxAttempts: key(count(1, 100), 'Restarts within the window before the circuit opens', builtIn.restart.maxAttempts),
  window: key(field.duration(1_000), 'The sliding window in which attempts count', builtIn.restart.window),
  stableAfter: key(field.duration(), 'Healthy time after which a bot counts as stable', builtIn.restart.stableAfter),
  trialMaxDelay: key(
    field.duration(10),
    'Longest wait between trials that cost an IDENTIFY',
    builtIn.restart.trialMaxDelay,
  ),
  alertAbove: key(count(0, 1_000), 'More restarts than this within an hour raise an alert', builtIn.restart.alertAbove),
});

export const stopPolicy = field.keys({
  grace: key(field.duration(0), 'Time between SIGTERM and SIGKILL', builtIn.stop.grace),
  hungGrace: key(field.duration(0), 'The same for a bot that hangs', builtIn.stop.hungGrace),
});

export const probeTiming = field.keys({
  interval: key(field.duration(50), 'Time between two probes', builtIn.probe.interval),
  timeout: key(field.duration(50), 'A probe that takes longer has failed', builtIn.probe.timeout),
});

const targets = {
  tcp: key(field.tcpAddress, 'A port, or host:port, that accepts connections'),
  http: key(field.url, 'A URL that answers with a status below 400'),
  exec: key(field.command, 'A command that exits with 0'),
};

const probe = field
  .keys({ ...targets, ...probeTiming.shape })
  .refine(({ tcp, http, exec }) => [tcp, http, exec].filter((target) => target !== undefined).length === 1, {
    error: 'needs exactly one of tcp, http, exec',
  });

export const healthPolicy = field.keys({
  sweep: key(field.duration(100), 'Time between two looks at everything', builtIn.health.sweep),
  heartbeat: key(field.duration(100), 'Interval of the heartbeat of bots that use the SDK', builtIn.health.heartbeat),
  misses: key(
    count(1, 100),
    'Missed heartbeats, or failed probes, in a row that mean the bot hangs',
    builtIn.health.misses,
  ),
  reconnect: key(
    field.duration(1_000),
    'How long a bot may take to reconnect to Discord by itself',
    builtIn.health.reconnect,
  ),
  loopLagWarn: key(field.duration(), 'A longer delay of the event loop is Degraded', builtIn.health.loopLagWarn),
  latencyWarn: key(field.duration(), 'A slower answer of the gateway is Degraded', builtIn.health.latencyWarn),
  probe: key(probe, 'Asks the bot from outside whether it works'),
});

export const budget = field.keys({
  user: key(field.rate, 'Questions of one person within a sliding window', builtIn.budget.user),
  guild: key(field.rate, 'Questions of one Discord server within a sliding window', builtIn.budget.guild),
  day: key(field.amount(1_000_000), 'Questions in one day, which begins at 00:00 UTC', builtIn.budget.day),
  tokensPerDay: key(
    field.amount(10_000_000_000),
    'Tokens of questions and answers in one day',
    builtIn.budget.tokensPerDay,
  ),
});

export const llm = field.keys({
  baseUrl: key(field.baseUrl, 'Base of an OpenAI-compatible interface', builtIn.llm.baseUrl),
  key: key(field.filled, `API key, usually \${VARIABLE}; left out where none is needed`),
  model: key(field.filled, 'Name of the model, as its provider spells it'),
  maxTokens: key(count(1, 1_000_000), 'Longest answer', builtIn.llm.maxTokens),
  temperature: key(z.number().min(0).max(2), 'Randomness of the answers', builtIn.llm.temperature),
  timeout: key(field.duration(100), 'How long the model may be silent', builtIn.llm.timeout),
  budget: key(budget, 'What the model may be asked at most'),
});

export const conversation = field.keys({
  messages: key(
    count(0, 1_000),
    'Messages remembered per channel, questions and answers',
    builtIn.conversation.messages,
  ),
  tokens: key(
    count(100, 1_000_000),
    'Longest prompt: the system prompt, what is remembered, and the question',
    builtIn.conversation.tokens,
  ),
  channels: key(
    count(1, 10_000),
    'Channels remembered; the one that was quiet for longest is forgotten first',
    builtIn.conversation.channels,
  ),
});

const environment = z.record(
  z.string(),
  z.union([field.text, z.number(), z.boolean()], { error: 'expected text' }).transform(String),
);

/** Keys that `defaults` in droas.yaml may give for every bot. */
const shared = {
  restart: key(restartPolicy, 'When and how often the bot is started again'),
  stop: key(stopPolicy, 'How the bot is stopped'),
  health: key(healthPolicy, 'How its health is judged'),
  llm: key(llm, 'The model behind the built-in bot'),
  systemPrompt: key(field.filled, 'Who the built-in bot is and how it answers', builtIn.systemPrompt),
  prompts: key(
    z.record(z.string(), field.filled),
    'Instead of `systemPrompt` in single Discord servers, by the id of the server',
  ),
  guilds: key(z.array(field.guildId), 'Ids of the only Discord servers in which the built-in bot answers'),
  directMessages: key(z.boolean(), 'Whether the built-in bot answers direct messages', builtIn.directMessages),
  conversation: key(conversation, 'What the built-in bot remembers'),
  discordApi: key(
    field.baseUrl,
    "Base of Discord's REST interface; a command finds it as DISCORD_API in its environment",
    builtIn.discordApi,
  ),
  env: key(environment, 'Environment of the program'),
  secrets: key(
    z.enum(['file', 'env']),
    'How the token reaches the program: a private file, or its environment',
    builtIn.secrets,
  ),
  autostart: key(z.boolean(), 'Started together with the supervisor', builtIn.autostart),
  startDeadline: key(field.duration(100), 'A bot that is not ready by then hangs', builtIn.startDeadline),
  memoryLimit: key(
    field.memoryLimit,
    `Memory of the whole process tree; the built-in bot has ${builtIn.assistantMemoryLimit}, others none`,
  ),
};

const readiness = z.union(
  [
    z.enum(['spawned', 'sdk']),
    field.oneOf({ log: key(field.pattern, 'A regular expression that one line of output matches'), ...targets }),
  ],
  {
    error: 'expected spawned, sdk, or one of {log: text}, {tcp: host:port}, {http: url}, {exec: command}',
  },
);

/** `bots.d/<name>.yaml`, an entry of `bots` in droas.yaml, and `spec` of `POST /bots`. */
export const botDocument = field.keys({
  kind: key(z.enum(['bot', 'service']), 'A service is a companion that is no Discord bot', 'bot'),
  token: key(z.string(), `Token of the Discord bot, usually \${VARIABLE}`),
  command: key(field.command, 'Program and arguments'),
  builtin: key(z.literal('assistant'), 'The built-in bot, instead of a command'),
  cwd: key(field.filled, 'Working directory, relative to this file', '.'),
  envFile: key(field.filled, 'A file of NAME=value lines for the environment, relative to this file'),
  after: key(z.array(z.string()), 'Names of bots that must be ready first', []),
  ready: key(readiness, 'What shows that the bot is ready; the built-in bot uses sdk, others spawned'),
  ...shared,
});

export const defaultsDocument = field.keys(shared);

const fleet = {
  version: z
    .literal(1, {
      error: ({ input }) =>
        input === undefined ? 'is missing: write `version: 1`' : 'expected 1, the version that this droas reads',
    })
    .meta({ description: 'Version of this format' }),
  capacity: key(count(0, 10_000), 'How many bots the fleet may have; services do not count', builtIn.capacity),
  defaults: key(defaultsDocument, 'Holds for every bot that does not say otherwise'),
};

/** droas.yaml with its bots unread: each is read by itself, so that the faults of one do not hide those of another. */
export const fleetDocument = field.keys({ ...fleet, bots: key(z.record(z.string(), z.unknown()), 'Bots by name') });

/** droas.yaml as a whole, for editors. */
export const wholeDocument = field.keys({
  ...fleet,
  bots: key(z.record(z.string().regex(botNamePattern), botDocument), 'Bots by name'),
});

export type BotDocument = z.output<typeof botDocument>;
export type Defaults = z.output<typeof defaultsDocument>;
export type FleetDocument = z.output<typeof fleetDocument>;
