import { z } from 'zod';

/** The longest that a timer of the runtime can hold. */
const duration = z
  .int()
  .min(0)
  .max(2 ** 31 - 1);
const positive = z.int().min(1).max(1_000_000_000);

/**
 * When a stroke falls: in place of HELLO; in answer to IDENTIFY or RESUME, which is counted first; or on a connection
 * that serves: those there now and, while the fault stands, each one as soon as READY or RESUMED has been sent.
 */
const moments = ['hello', 'identify', 'resume', 'serving'] as const;
export type Moment = (typeof moments)[number];

/** Whom it hits: an application id, or `*` for everybody. */
const everyBot = { target: z.string().min(1).max(64).default('*') };
/** How long a fault stands: so many times, so long, at each chance with this probability; until it is cleared unless told. */
const stands = {
  count: positive.optional(),
  forMs: duration.min(1).optional(),
  probability: z.number().min(0).max(1).default(1),
};
const direction = z.enum(['up', 'down', 'both']).default('both');
const on = <const Some extends readonly Moment[]>(...some: Some) => z.enum(some).default('serving' as Some[number]);

// A method or none, then a path below the version: `*` is one part of it, `**` whatever follows.
const route = z
  .string()
  .max(200)
  .regex(/^([A-Z]+ )?\/\S*$/, 'expected a route such as "POST /channels/*/messages" or "/gateway/bot"')
  .default('/**');

const instant = <const Name extends string, Shape extends z.ZodRawShape>(fault: Name, shape: Shape) =>
  z.strictObject({ fault: z.literal(fault), ...everyBot, ...shape });
const standing = <const Name extends string, Shape extends z.ZodRawShape>(fault: Name, shape: Shape) =>
  instant(fault, { ...stands, ...shape });
const model = <const Name extends string, Shape extends z.ZodRawShape>(fault: Name, shape: Shape) =>
  standing(fault, {
    target: z.literal('llm').default('llm'),
    /** Only requests with this API key. */
    key: z.string().min(1).optional(),
    /** Only requests whose last user message contains this. */
    prompt: z.string().min(1).optional(),
    ...shape,
  });

/** Each fault by its name, with what it takes. Durations are milliseconds. */
export const faultKinds = [
  // Strokes: without count and duration they hit what serves now, once.
  standing('close', { code: z.number().default(4000), reason: z.string().max(120).optional(), on: on(...moments) }),
  standing('drop', { on: on(...moments) }),
  standing('reconnect', { on: on('hello', 'serving') }),
  standing('invalidate', { resumable: z.boolean().default(false), on: on('identify', 'resume', 'serving') }),
  standing('freeze', { part: z.enum(['all', 'acks', 'dispatches']).default('all') }),
  instant('thaw', {}),
  instant('request-heartbeat', {}),
  instant('expire-session', {}),
  instant('forget-replay', {}),
  instant('set-remaining', { remaining: z.int().min(0) }),
  instant('reset-token', {}),
  instant('privileged-intents', { allowed: z.int().min(0) }),
  // These stand until they are used up or cleared.
  standing('refuse', {}),
  standing('delay', { frame: z.enum(['hello', 'ready']), delayMs: duration }),
  standing('latency', { delayMs: duration, jitterMs: duration.default(0), direction }),
  standing('slow', { bytesPerSecond: positive, direction }),
  standing('corrupt', { how: z.enum(['bad-json', 'cut', 'bad-compression']) }),
  standing('node-down', { node: z.int().min(1), sessions: z.enum(['kept', 'lost']).default('kept') }),
  standing('clock-offset', {
    offsetMs: z
      .int()
      .min(-(2 ** 31))
      .max(2 ** 31),
  }),
  standing('rest-error', {
    route,
    status: z.int().min(400).max(599).default(500),
    scope: z.enum(['user', 'global', 'shared']).default('user'),
    retryAfterMs: duration.default(1000),
    html: z.boolean().default(false),
  }),
  standing('rest-latency', { route, delayMs: duration, jitterMs: duration.default(0) }),
  standing('rest-hang', { route }),
  standing('rest-cut', { route }),
  model('llm-error', { status: z.int().min(400).max(599).default(500), retryAfterMs: duration.optional() }),
  model('llm-silence', { silenceMs: duration.default(60_000) }),
  model('llm-slow', { tokenMs: duration }),
  model('llm-cut', {}),
  model('llm-split', {}),
  model('llm-bad-json', {}),
  model('llm-content-type', {}),
] as const;

export const faultSchema = z.discriminatedUnion('fault', faultKinds);

export type FaultName = (typeof faultKinds)[number]['shape']['fault']['value'];
/** What is asked for: what it leaves out has a default. */
export type FaultSpec = z.input<typeof faultSchema>;
export type Fault = z.output<typeof faultSchema>;
export type FaultOf<Name extends FaultName> = Extract<Fault, { readonly fault: Name }>;

export const strokes = ['close', 'drop', 'reconnect', 'invalidate', 'freeze'] as const satisfies readonly FaultName[];
export type Stroke = FaultOf<(typeof strokes)[number]>;
export const isStroke = (fault: Fault): fault is Stroke => (strokes as readonly string[]).includes(fault.fault);

/** Stands for every application, also those not known yet. */
export const everyone = '*';
