import { setTimeout as sleep } from 'node:timers/promises';
import type { REST } from '@discordjs/rest';
import { type SessionInfo, SimpleIdentifyThrottler, WebSocketManager, WebSocketShardEvents } from '@discordjs/ws';
import { GatewayDispatchEvents, GatewayIntentBits, type GatewayReadyDispatchData } from 'discord-api-types/v10';
import type { GatewayReport, StopIntent } from '../bot/index.ts';
import { fatalCloses } from './fatal.ts';
import { errorFacts, log } from './log.ts';

export type GatewayListener = {
  report(report: GatewayReport): void;
  ready(ready: GatewayReadyDispatchData): void;
  /** Discord will not have this bot again, whatever it tries. */
  fatal(report: GatewayReport, sentence: string): void;
};

export type Gateway = {
  readonly manager: WebSocketManager;
  /** Round trip of the last heartbeat, or null before the first. */
  latencyMs(): number | null;
  /** Connects, however long it takes to reach Discord. @throws Error when no IDENTIFY is left today, or the token is refused */
  open(): Promise<void>;
  /** `offline` ends the session; `keep-session` just hangs up. Resolves within a second. */
  close(intent: StopIntent): Promise<void>;
};

/** Content arrives with mentions, replies that ping and direct messages: nothing privileged is needed. */
const intents = GatewayIntentBits.Guilds | GatewayIntentBits.GuildMessages | GatewayIntentBits.DirectMessages;

const normalClosure = 1000;
/** Any code but 1000 and 1001 leaves the session to be resumed; this is the one that the library uses for that. */
const hangUp = 4200;
/** HTTP: said to the listener of the REST client, which sees it on every request. */
const unauthorized = 401;
const closingMs = 1_000;
const firstRetryMs = 1_000;
const lastRetryMs = 30_000;

/** The connection to Discord's gateway, and what the supervisor wants to know about it, told when it changes. */
export function createGateway(rest: REST, token: string, listener: GatewayListener): Gateway {
  const sessions = new Map<number, SessionInfo>();
  const guilds = new Set<string>();
  let latencyMs: number | undefined;
  let intervalMs: number | undefined;
  let ackAtMs: number | undefined;
  let closing = false;

  const manager = new WebSocketManager({
    rest,
    token,
    intents,
    retrieveSessionInfo: (shard) => sessions.get(shard) ?? null,
    updateSessionInfo: (shard, session) => void (session ? sessions.set(shard, session) : sessions.delete(shard)),
    async buildIdentifyThrottler(manager) {
      const { session_start_limit } = await manager.fetchGatewayInformation();
      const throttler = new SimpleIdentifyThrottler(session_start_limit.max_concurrency);
      return {
        async waitForIdentify(shard, signal) {
          await throttler.waitForIdentify(shard, signal);
          report('identifying', { shard });
        },
      };
    },
  });

  function report(state: GatewayReport['state'], extra: Partial<GatewayReport> = {}): void {
    listener.report({
      state,
      guilds: guilds.size,
      ...(latencyMs === undefined ? {} : { latencyMs }),
      ...(intervalMs === undefined ? {} : { intervalMs }),
      ...(ackAtMs === undefined ? {} : { ackAgeMs: performance.now() - ackAtMs }),
      ...extra,
    });
  }

  manager.on(WebSocketShardEvents.Hello, (shard) => {
    if (sessions.has(shard)) report('resuming', { shard });
  });
  manager.on(WebSocketShardEvents.Ready, (data, shard) => {
    for (const { id } of data.guilds) guilds.add(id);
    ackAtMs = performance.now();
    report('ready', { shard });
    listener.ready(data);
  });
  manager.on(WebSocketShardEvents.Resumed, (shard) => {
    ackAtMs = performance.now();
    report('ready', { shard });
  });
  manager.on(WebSocketShardEvents.HeartbeatComplete, (stats, shard) => {
    latencyMs = stats.latency;
    ackAtMs = performance.now();
    report('ready', { shard });
  });
  manager.on(WebSocketShardEvents.Dispatch, ({ t, d }) => {
    if (t === GatewayDispatchEvents.GuildCreate) guilds.add(d.id);
    else if (t === GatewayDispatchEvents.GuildDelete && !d.unavailable) guilds.delete(d.id);
  });
  manager.on(WebSocketShardEvents.Closed, (closeCode, shard) => {
    if (closing) return;
    const reason = fatalCloses[closeCode];
    if (reason)
      listener.fatal(
        { state: 'fatal', shard, closeCode },
        `Discord closed the connection with ${closeCode}: ${reason}`,
      );
    else report('disconnected', closeCode === hangUp ? { shard } : { shard, closeCode });
    log('INFO', 'disconnected', { shard, code: closeCode });
  });
  manager.on(WebSocketShardEvents.SocketError, (error, shard) =>
    log('WARN', 'connection failed', { shard, ...errorFacts(error) }),
  );
  // What comes as an error came as a close code before; without a listener it would end the process.
  manager.on(WebSocketShardEvents.Error, () => {});
  // The only place where the library tells Discord's interval.
  manager.on(WebSocketShardEvents.Debug, (message) => {
    intervalMs = Number(/starting to beat every (\d+)ms/.exec(message)?.[1]) || intervalMs;
  });

  /** Asks Discord where to connect until it answers: an outage is no reason to give up. */
  async function reach() {
    for (let retryMs = firstRetryMs; ; retryMs = Math.min(retryMs * 2, lastRetryMs)) {
      report('connecting');
      try {
        return await manager.fetchGatewayInformation();
      } catch (error) {
        if ((error as { status?: unknown }).status === unauthorized) throw error;
        log('WARN', 'Discord cannot be reached', { retryMs, ...errorFacts(error) });
        report('disconnected');
        await sleep(retryMs);
      }
    }
  }

  return {
    manager,
    latencyMs: () => latencyMs ?? null,
    async open() {
      const { shards, session_start_limit } = await reach();
      const { remaining, reset_after } = session_start_limit;
      report('connecting', { identifiesLeft: remaining, identifiesResetMs: reset_after });
      if (remaining < shards) {
        throw new Error(
          `Discord allows ${remaining} more IDENTIFYs for this token, ${shards} needed; reset in ${Math.ceil(reset_after / 60_000)} min`,
        );
      }
      await manager.connect();
    },
    async close(intent) {
      closing = true;
      const code = intent === 'offline' ? normalClosure : hangUp;
      const tooLate = new AbortController();
      const limit = sleep(closingMs, undefined, { signal: tooLate.signal }).catch(() => {});
      await Promise.race([manager.destroy({ code }), limit]);
      tooLate.abort();
    },
  };
}
