import { z } from 'zod';

/**
 * The wire between a bot and its supervisor: JSON-RPC 2.0, one object per line, over the Unix socket named by
 * DROAS_SOCKET. `docs/protocol.md` is the manual for authors of bots in other languages.
 *
 * The child speaks first (`hello`, a request). Unknown fields are ignored, unknown methods of the child are answered with
 * -32601 and otherwise ignored. Versions: the child offers, the supervisor picks the highest that both know.
 */
export const protocolVersions = [1] as const;
export const maxLineBytes = 64 * 1024;

const name = z.string().max(64);

/** Bounds on what a child may claim: wider than anything true, and narrow enough for sums and timers. */
const dayMs = 86_400_000;
const maxShard = 100_000;
const maxGuilds = 10_000_000;
const maxIdentifies = 1_000_000;
const maxCounters = 64;
const durationMs = z.number().max(dayMs);
const shard = z.int().nonnegative().max(maxShard);

export const hello = z.object({
  protocol: z.array(z.int()).min(1).max(16),
  /** DROAS_RUN of the environment. */
  run: z.string().max(64),
  /** The one-time key DROAS_KEY from the secrets file. */
  key: z.string().max(128),
  sdk: name.optional(),
  pid: z.int().positive().optional(),
});

export const ready = z.object({ detail: z.string().max(200).optional() });

export const heartbeat = z.object({
  /** Event-loop lag since the last heartbeat, milliseconds. */
  loopLagMs: durationMs.nonnegative().optional(),
  /** Counters and gauges of the bot's own choosing, e.g. { "answers": 12, "modelErrors": 0 }; counters.ts names those that are understood. */
  counters: z
    .record(name, z.number())
    .refine((counters) => Object.keys(counters).length <= maxCounters, `at most ${maxCounters} counters`)
    .optional(),
});

export const gateway = z.object({
  state: z.enum(['connecting', 'identifying', 'ready', 'resuming', 'disconnected', 'fatal']),
  shard: shard.optional(),
  latencyMs: durationMs.nonnegative().optional(),
  /** Age of the last heartbeat acknowledgement, milliseconds. */
  ackAgeMs: durationMs.nonnegative().optional(),
  /** Discord's heartbeat interval, milliseconds. */
  intervalMs: durationMs.positive().optional(),
  closeCode: z.int().min(1000).max(4999).optional(),
  guilds: z.int().nonnegative().max(maxGuilds).optional(),
  /** session_start_limit as the bot saw it. */
  identifiesLeft: z.int().nonnegative().max(maxIdentifies).optional(),
  identifiesResetMs: z
    .number()
    .nonnegative()
    .max(2 * dayMs)
    .optional(),
  /** With `fatal`: Discord refused the token over HTTP (401), so that there is no close code. */
  unauthorized: z.boolean().optional(),
});

export const identifyRequest = z.object({ shard: shard.optional() });

/** Methods of the child. `hello` and `identify.request` are requests (they carry an id), the others notifications. */
export const childMethods = {
  hello,
  ready,
  heartbeat,
  gateway,
  'identify.request': identifyRequest,
} as const;

export type FromChild =
  | { readonly method: 'hello'; readonly params: z.infer<typeof hello> }
  | { readonly method: 'ready'; readonly params: z.infer<typeof ready> }
  | { readonly method: 'heartbeat'; readonly params: z.infer<typeof heartbeat> }
  | { readonly method: 'gateway'; readonly params: z.infer<typeof gateway> }
  | { readonly method: 'identify.request'; readonly params: z.infer<typeof identifyRequest> };

/** What the supervisor tells the child: all notifications. The child may ignore what it does not know. */
export type ToChild =
  | { readonly method: 'ping'; readonly params: Readonly<Record<string, never>> }
  | { readonly method: 'reload'; readonly params: { readonly config: Readonly<Record<string, unknown>> } }
  /** Sent before SIGTERM. `offline`: close the session (1000). `keep-session`: leave it resumable. */
  | {
      readonly method: 'stop';
      readonly params: { readonly intent: 'offline' | 'keep-session'; readonly graceMs: number };
    }
  | { readonly method: 'identify.grant'; readonly params: { readonly shard: number; readonly notBeforeMs: number } };

/** The answer to `hello`. */
export type Welcome = {
  readonly protocol: number;
  readonly bot: string;
  readonly incarnation: number;
  readonly heartbeatMs: number;
};
