/**
 * | type | the fact |
 * | --- | --- |
 * | connect, hello | a WebSocket opened; op 10 was sent |
 * | refused | a connection was turned away by a fault |
 * | send | the client sent a payload (`op`), whatever became of it |
 * | identify | an IDENTIFY with a valid token arrived: it is counted in the budget, also when refused next |
 * | identify-refused | … and was not granted; `closeCode`, or none when it was answered with op 9 |
 * | ready | READY was sent: the connection owns its (application, shard) from here on |
 * | resume, resumed | a RESUME arrived; it was granted (`replayed` dispatches were sent again): the connection is owner |
 * | invalid-session, reconnect | op 9, op 7 was sent. After op 9 the connection owns nothing |
 * | dispatch | an event got its sequence number; `delivery` says whether it left at once |
 * | replay | an event that had been kept back left for the client |
 * | close | the connection ended, exactly once per `connect`; `by` says who began |
 * | session-ended | the session cannot be resumed any more |
 * | token-reset | the IDENTIFY budget was overspent |
 * | rest | an API call was answered |
 * | message, interaction | somebody wrote; a slash command was used |
 * | fault | somebody used a fault switch |
 * | fault-hit | a fault that stands acted, once (`fault` is its id); not recorded for those that act on every frame |
 * | llm | a completion was asked for |
 */
export const entryTypes = [
  'connect',
  'hello',
  'refused',
  'send',
  'identify',
  'identify-refused',
  'ready',
  'resume',
  'resumed',
  'invalid-session',
  'reconnect',
  'dispatch',
  'replay',
  'close',
  'session-ended',
  'token-reset',
  'rest',
  'message',
  'interaction',
  'fault',
  'fault-hit',
  'llm',
] as const;
export type EntryType = (typeof entryTypes)[number];

export type Shard = readonly [id: number, count: number];

/** A fact without its time. Fields that do not apply are absent. Contains no token and no message text. */
export type Fact = {
  readonly type: EntryType;
  readonly applicationId?: string | undefined;
  readonly connectionId?: string | undefined;
  readonly sessionId?: string | undefined;
  readonly shard?: Shard | undefined;
  readonly op?: number | undefined;
  /** Dispatch name, such as MESSAGE_CREATE. */
  readonly event?: string | undefined;
  /** Discord's `s`. */
  readonly sequence?: number | undefined;
  readonly delivery?: 'sent' | 'buffered' | 'withheld' | undefined;
  readonly replayed?: number | undefined;
  readonly resumable?: boolean | undefined;
  readonly closeCode?: number | undefined;
  /** Who ended the connection: a close frame of the client, the emulator, or a TCP end without a close frame. */
  readonly by?: 'client' | 'server' | 'peer lost' | undefined;
  readonly reason?: string | undefined;
  readonly method?: string | undefined;
  /** The pattern of the route, never the address: addresses may hold secrets. */
  readonly route?: string | undefined;
  readonly status?: number | undefined;
  /** Whose limit a call ran into, when it was answered with 429; `address` for a ban of the whole address. */
  readonly scope?: 'user' | 'global' | 'shared' | 'address' | undefined;
  readonly channelId?: string | undefined;
  readonly messageId?: string | undefined;
  readonly replyTo?: string | undefined;
  readonly authorId?: string | undefined;
  readonly interactionId?: string | undefined;
  /** The application that a person's message is meant for: the first one mentioned, or the other side of direct messages. */
  readonly addressedTo?: string | undefined;
  /** The number of a numbered message, and of a bot's answer the number that it answers. */
  readonly number?: number | undefined;
  /** The gateway node that a connection was opened to. */
  readonly node?: string | undefined;
  /** How a connection is compressed as a whole, if its client asked for it. */
  readonly compression?: 'zlib-stream' | 'zstd-stream' | undefined;
  /** Id of the fault that acted. */
  readonly fault?: number | undefined;
};

export type LedgerEntry = Fact & {
  /** Position in the ledger, from 1, without gaps. */
  readonly seq: number;
  /** Monotonic milliseconds since the emulator started. */
  readonly atMs: number;
  /** Wall time, ISO 8601. */
  readonly at: string;
};

export type LedgerFilter = {
  readonly type?: EntryType | readonly EntryType[] | undefined;
  readonly applicationId?: string | undefined;
  readonly connectionId?: string | undefined;
  readonly sessionId?: string | undefined;
  readonly event?: string | undefined;
  /** Only entries with a higher `seq`. */
  readonly after?: number | undefined;
};

export function matches(entry: LedgerEntry, filter: LedgerFilter): boolean {
  const { type, applicationId, connectionId, sessionId, event, after } = filter;
  return (
    (type === undefined || (typeof type === 'string' ? entry.type === type : type.includes(entry.type))) &&
    (applicationId === undefined || entry.applicationId === applicationId) &&
    (connectionId === undefined || entry.connectionId === connectionId) &&
    (sessionId === undefined || entry.sessionId === sessionId) &&
    (event === undefined || entry.event === event) &&
    (after === undefined || entry.seq > after)
  );
}
