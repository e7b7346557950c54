/** Discord's documented numbers, each adjustable so that a test need not wait for it. Durations in milliseconds. */
export const discordLimits = {
  heartbeatIntervalMs: 41_250,
  /** How long a session without a connection stays resumable. Discord documents "a few minutes" and promises nothing. */
  resumeWindowMs: 90_000,
  /** Dispatches kept per session for replay, and their bytes; a RESUME from before them is answered with op 9. */
  replayEvents: 10_000,
  replayBytes: 32 * 1024 * 1024,
  identifyBudget: 1_000,
  identifyBudgetMs: 86_400_000,
  maxConcurrency: 1,
  identifyWindowMs: 5_000,
  guildsPerShard: 2_500,
  /** After READY guilds come in bursts of so many, with a gap in between. */
  guildBurst: 1_000,
  guildBurstGapMs: 20,
  /** One request for all members of a guild, per bot and guild. */
  memberRequestWindowMs: 30_000,
  /** Payloads a client may send per connection and window. */
  sends: 120,
  sendWindowMs: 60_000,
  payloadBytes: 4_096,
  /** Presence updates per session and window; more change nothing. */
  presenceUpdates: 5,
  presenceWindowMs: 20_000,
  /** After op 7 the server closes the connection itself. */
  reconnectGraceMs: 5_000,
  /** A client that reads nothing is dropped when this much waits for it. */
  unreadBytes: 16 * 1024 * 1024,
  /** A reader of the ledger's stream that takes nothing for so long is dropped. */
  streamStallMs: 30_000,
  interactionDeadlineMs: 3_000,
  interactionLifetimeMs: 900_000,
  /** Calls per channel, route and window for creating, editing, deleting a message and for typing. */
  messageCalls: 5,
  messageWindowMs: 5_000,
  /** Reactions put or removed, per channel. */
  reactionCalls: 1,
  reactionWindowMs: 250,
  /** Follow-ups of one interaction: made, read, edited, deleted. */
  webhookCalls: 5,
  webhookWindowMs: 2_000,
  /** Every other route, for each channel, guild or none. */
  routeCalls: 30,
  routeWindowMs: 10_000,
  /** New names and topics of one channel, whoever gives them. */
  channelRenames: 2,
  channelRenameWindowMs: 600_000,
  /** All calls of one bot but those that answer interactions; of one address, when they carry no token. */
  globalCalls: 50,
  globalWindowMs: 1_000,
  /** Answers 401, 403 and 429 to one address; then it is banned. Discord does not document for how long. */
  invalidRequests: 10_000,
  invalidRequestWindowMs: 600_000,
  banMs: 3_600_000,
  /** One request with files; a single file may have `fileBytes`. */
  uploadBytes: 25 * 1024 * 1024,
  fileBytes: 10 * 1024 * 1024,
  /** Files of all messages together; past it the oldest are forgotten, and their addresses are answered with 404. */
  attachmentsBytes: 256 * 1024 * 1024,
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
