import { z } from 'zod';

/**
 * The REST interface: shapes of what goes over the wire. camelCase, RFC 3339 UTC times, base units (seconds, bytes,
 * ratios). Within v1 only additions.
 */
export const stateName = z.enum(['stopped', 'starting', 'running', 'stopping', 'backoff', 'suspended', 'failed']);
export const healthName = z.enum(['healthy', 'degraded', 'unhealthy', 'unknown']);

export const botView = z.object({
  name: z.string(),
  kind: z.enum(['bot', 'service']),
  program: z.string().describe('`assistant` or the command line'),
  desired: z.enum(['running', 'stopped', 'absent']),
  state: stateName,
  /** One sentence: why it is in this state and what happens next. */
  reason: z.string(),
  /** What a person should do, if anything. */
  remedy: z.string().nullable(),
  health: healthName,
  healthReasons: z.array(z.string()),
  incarnation: z.int(),
  trial: z.int(),
  pid: z.int().nullable(),
  startedAt: z.string().nullable(),
  readyAt: z.string().nullable(),
  nextStartAt: z.string().nullable(),
  restarts: z.object({
    total: z.int(),
    lastHour: z.int(),
    attemptsInWindow: z.int(),
    maxAttempts: z.int(),
    lastAt: z.string().nullable(),
  }),
  lastExit: z.object({ at: z.string().nullable(), sentence: z.string(), closeCode: z.int().nullable() }).nullable(),
  cpuRatio: z.number().nullable(),
  memoryBytes: z.int().nullable(),
  processes: z.int(),
  gateway: z
    .object({
      mode: z.enum(['direct']),
      state: z.string(),
      latencySeconds: z.number().nullable(),
      guilds: z.int().nullable(),
      closeCode: z.int().nullable(),
    })
    .nullable(),
  identifies: z
    .object({ last24h: z.int(), automatic: z.int(), automaticLimit: z.int(), left: z.int().nullable() })
    .nullable(),
  /** How the bot's own work ended within the last five minutes; null when it does not say. */
  work: z.object({ done: z.int(), failed: z.int(), p50Seconds: z.number().nullable() }).nullable(),
  /** The language model of the built-in bot. `refusal`: the HTTP status with which it turns the bot away for good. */
  model: z
    .object({
      reachable: z.boolean(),
      refusal: z.int().nullable(),
      answeredAt: z.string().nullable(),
      failedAt: z.string().nullable(),
    })
    .nullable(),
  /** What was spent of the model's budget in this day of UTC; a limit that is null is none. */
  budget: z
    .object({
      requests: z.int(),
      requestsLimit: z.int().nullable(),
      tokens: z.int(),
      tokensLimit: z.int().nullable(),
      resetsAt: z.string(),
    })
    .nullable(),
  /** Other numbers of the bot's own, from its last heartbeat. */
  counters: z.record(z.string(), z.number()),
  source: z.string(),
});
export type BotView = z.infer<typeof botView>;
export const infoView = z.object({
  apiVersion: z.literal('v1'),
  version: z.string(),
  node: z.string(),
  pid: z.int(),
  startedAt: z.string(),
  stateDirectory: z.string(),
  config: z.string(),
  capacity: z.object({ used: z.int(), total: z.int() }),
  adopted: z.int(),
  memoryBytes: z.int(),
  /** Standing problems of the supervisor itself (full disk, lost database), for people. */
  problems: z.array(z.string()),
});
export type InfoView = z.infer<typeof infoView>;

export const eventView = z.object({
  seq: z.int(),
  at: z.string(),
  bot: z.string().nullable(),
  incarnation: z.int().nullable(),
  type: z.string(),
  severity: z.enum(['info', 'warning', 'error']),
  sentence: z.string(),
  detail: z.record(z.string(), z.unknown()),
});
export type EventView = z.infer<typeof eventView>;

export const logLineView = z.object({
  bot: z.string(),
  incarnation: z.int(),
  stream: z.enum(['out', 'err', 'droas']),
  at: z.string(),
  approx: z.boolean(),
  level: z.string().nullable(),
  text: z.string(),
  /** `<incarnation>.<stream>.<offset>`: names the line for ever; the id of the SSE message. */
  id: z.string(),
});
export type LogLineView = z.infer<typeof logLineView>;

export const operationView = z.object({
  id: z.string(),
  bot: z.string(),
  kind: z.enum(['start', 'stop', 'restart', 'delete', 'reset']),
  acceptedAt: z.string(),
  finishedAt: z.string().nullable(),
  /** null while under way. */
  outcome: z.enum(['done', 'failed', 'superseded']).nullable(),
  /** false when the bot already was as asked. */
  changed: z.boolean(),
  sentence: z.string().nullable(),
  botState: stateName,
});
export type OperationView = z.infer<typeof operationView>;

export const healthView = z.object({
  name: z.string(),
  health: healthName,
  reasons: z.array(z.string()),
  state: stateName,
  desired: z.enum(['running', 'stopped', 'absent']),
  checkedAt: z.string(),
});
export type HealthView = z.infer<typeof healthView>;

/** Body of POST /bots: the document that becomes `bots.d/<name>.yaml`. Validated against the configuration schema. */
export const createRequest = z.strictObject({ name: z.string(), spec: z.record(z.string(), z.unknown()) });
export const killRequest = z.strictObject({ signal: z.string().regex(/^SIG[A-Z0-9]+$/) });

export const reloadView = z.object({
  dryRun: z.boolean(),
  added: z.array(z.string()),
  removed: z.array(z.string()),
  restarted: z.array(z.string()),
  changed: z.array(z.string()),
  unchanged: z.array(z.string()),
});
export type ReloadView = z.infer<typeof reloadView>;

/** RFC 9457. */
export const problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  code: z.string(),
  remedy: z.string().nullable(),
  errors: z.array(z.object({ pointer: z.string(), detail: z.string() })),
});
export type Problem = z.infer<typeof problem>;
