import { constants } from 'node:os';
import { z } from 'zod';
import { DroasError } from '../core/errors.ts';
import { botNameRule, isBotName } from '../core/ids.ts';
import { parseDuration } from '../core/units.ts';
import { createRequest, killRequest } from '../protocol/api.ts';

/** Everything that callers may send, as schemas. Unknown keys are refused: a misspelt filter must not mean "no filter". */

const longestWaitMs = 10 * 60_000;
const mostItems = 10_000;

const botName = z.string().refine(isBotName, `a bot name is ${botNameRule}`);

/** `30s` → milliseconds. */
const durationMs = z.string().transform((text, context) => {
  const ms = parseDuration(text);
  if (ms !== null) return ms;
  context.addIssue({ code: 'custom', message: `expected a duration such as 30s, got '${text.slice(0, 40)}'` });
  return z.NEVER;
});

/** A time (RFC 3339) or how long ago (`10m`) → milliseconds since 1970. */
const since = z.string().transform((text, context) => {
  const agoMs = parseDuration(text);
  if (agoMs !== null) return Date.now() - agoMs;
  const ms = /^\d{4}-\d\d-\d\dT/.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(ms)) return ms;
  context.addIssue({
    code: 'custom',
    message: `expected a time such as 2026-01-31T12:00:00Z or a duration such as 10m, got '${text.slice(0, 40)}'`,
  });
  return z.NEVER;
});

const count = (fallback: number) =>
  z
    .string()
    .regex(/^\d{1,6}$/, 'expected a whole number')
    .transform(Number)
    .pipe(z.int().max(mostItems))
    .default(fallback);
const sequence = z
  .string()
  .regex(/^\d{1,15}$/, 'expected a sequence number')
  .transform(Number);
const eventType = z.string().regex(/^[a-z-]{1,32}(\.[a-z-]{1,32})?$/, 'expected an event type such as bot.exited');
const flag = z
  .enum(['', 'true', 'false'])
  .transform((text) => text !== 'false')
  .default(false);
const limit = count(100).pipe(z.int().min(1));

export const namePath = z.strictObject({ name: z.string() });
export const operationPath = z.strictObject({ id: z.string() });
export const noQuery = z.strictObject({});
export const waitQuery = z.strictObject({
  wait: durationMs.pipe(z.number().max(longestWaitMs, 'at most 10m')).default(0),
});
export const logsQuery = z.strictObject({ limit, since: since.optional() });
export const logStreamQuery = z.strictObject({ tail: count(0), since: since.optional() });
export const mergedLogStreamQuery = logStreamQuery.extend({
  /** Names of bots, with commas. Whether they exist is for the fleet to say. */
  bots: z
    .string()
    .transform((text) => text.split(','))
    .optional(),
});
export const eventsQuery = z.strictObject({
  after: sequence.optional(),
  since: since.optional(),
  bot: botName.optional(),
  type: eventType.optional(),
  limit,
});
export const eventStreamQuery = eventsQuery.omit({ limit: true });
export const lastEventSequence = sequence.optional();
export const reloadQuery = z.strictObject({ dryRun: flag });
export const readyQuery = z.strictObject({ verbose: flag });
export const createBody = createRequest.extend({ name: botName });
export const killBody = killRequest.refine(({ signal }) => Object.hasOwn(constants.signals, signal), {
  path: ['signal'],
  message: 'no such signal on this system',
});

/**
 * Validates one part of a request.
 * @throws DroasError USAGE with one detail per fault
 */
export function parse<T extends z.ZodType>(
  schema: T,
  part: 'path' | 'query' | 'body' | 'header',
  value: unknown,
): z.output<T> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const details = result.error.issues.map((issue) => ({ where: [part, ...issue.path].join('/'), what: issue.message }));
  throw new DroasError('USAGE', `The ${part} of the request is malformed: ${details[0]?.what ?? ''}`, { details });
}
