/** Discord's documented numbers, each adjustable so that a test need not wait for it. Durations in milliseconds. */
export const discordLimits = {
  heartbeatIntervalMs: 41_250,
  /** How long a session without a connection stays resumable. Discord documents "a few minutes" and promises nothing. */
  resumeWindowMs: 90_000,
  /** Dispatches kept per session for replay; a RESUME from before them is answered with op 9. */
  replayEvents: 10_000,
  identifyBudget: 1_000,
  identifyBudgetMs: 86_400_000,
  maxConcurrency: 1,
  identifyWindowMs: 5_000,
  guildsPerShard: 2_500,
  /** Payloads a client may send per connection and window. */
  sends: 120,
  sendWindowMs: 60_000,
  payloadBytes: 4_096,
  /** After op 7 the server closes the connection itself. */
  reconnectGraceMs: 5_000,
  /** A client that reads nothing is dropped when this much waits for it. */
  unreadBytes: 16 * 1024 * 1024,
  interactionDeadlineMs: 3_000,
  interactionLifetimeMs: 900_000,
  /** Calls per channel, route and window for creating, editing, deleting a message and for typing. */
  messageCalls: 5,
  messageWindowMs: 5_000,
  /** Messages remembered per channel; the oldest are forgotten. */
  messagesPerChannel: 1_000,
} as const;

export type Limits = { readonly [name in keyof typeof discordLimits]: number };

/** Longest delay that a timer of the runtime can hold. */
const longestMs = 2 ** 31 - 1;

/** @throws RangeError naming the limit that is no positive whole number, or too long for a timer */
export function limitsWith(changes: Partial<Limits>): Limits {
  const limits: Record<keyof Limits, number> = { ...discordLimits };
  for (const name of Object.keys(discordLimits) as (keyof Limits)[]) {
    const value = changes[name] ?? limits[name];
    if (!Number.isInteger(value) || value < 1 || value > longestMs)
      throw new RangeError(`${name} must be a whole number from 1 to ${longestMs}, not ${value}`);
    limits[name] = value;
  }
  return limits;
}
