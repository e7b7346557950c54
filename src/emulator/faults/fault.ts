import { z } from 'zod';

/** What every duration of a fault or script is held below; far more than any run takes. */
export const longestMs = 596 * 3_600_000;
export const tooShort = (leastMs: number): string => `expected at least ${leastMs}ms`;
export const tooLong = 'expected at most 596h';

const durationFrom = (leastMs: number) => z.int().min(leastMs, tooShort(leastMs)).max(longestMs, tooLong);
const duration = durationFrom(0);
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
  forMs: durationFrom(1).optional(),
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
  standing('clock-offset', { offsetMs: z.int().min(-longestMs, 'expected at least -596h').max(longestMs, tooLong) }),
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

/** Why a fault can never act, and which of its fields says so; null when it can. */
export function impossible(
  fault: Fault,
  hasNode: (node: number) => boolean,
): { readonly field: string; readonly status: 400 | 404; readonly what: string } | null {
  const early = Object.entries(fault).find(([field, value]) => ['on', 'frame'].includes(field) && value === 'hello');
  if (early !== undefined && fault.target !== everyone) {
    const what = 'before HELLO nobody knows whose connection it is: only the target * can be hit';
    return { field: early[0], status: 400, what };
  }
  if (fault.fault === 'close' && !isSendable(fault.code))
    return { field: 'code', status: 400, what: `a close frame cannot carry the code ${fault.code}` };
  if (fault.fault === 'node-down' && !hasNode(fault.node)) {
    const what = `the gateway has no node ${fault.node}: createEmulator({ gatewayNodes }) makes more`;
    return { field: 'node', status: 404, what };
  }
  return null;
}

/** RFC 6455 §7.4: 1004–1006 and 1015 never travel. */
const isSendable = (code: number): boolean =>
  Number.isInteger(code) &&
  ((code >= 1000 && code <= 1014 && ![1004, 1005, 1006].includes(code)) || (code >= 3000 && code <= 4999));
