import type { GatewayReport } from '../messages.ts';

/** What a library sees of the gateway, in Discord's words. Shards are named by their number. */
export type GatewayObserver = {
  /** `limit` is Discord's session_start_limit, where the library asked for it. */
  connecting(shard: number, limit?: { readonly left: number; readonly resetMs: number } | undefined): void;
  identifying(shard: number): void;
  resuming(shard: number): void;
  /** READY came: there is a new session. */
  identified(shard: number): void;
  /** RESUMED came. */
  resumed(shard: number): void;
  /** HELLO named the interval of heartbeats. */
  interval(shard: number, intervalMs: number): void;
  acknowledged(shard: number, latencyMs: number): void;
  /** Without a code when it was not Discord that closed. */
  closed(shard: number, closeCode?: number): void;
  guilds(count: number): void;
  /** Discord answered 401 to the bot's own token. */
  unauthorized(): void;
  /** The bot serves: it knows its guilds and gets their events. */
  serving(detail: string): void;
};

/** One supported library, seen through the few members of it that `attach` uses. */
export type Library = {
  /** Tells the observer what happens from now on, and what is so already. Returns how to end that. */
  watch(observer: GatewayObserver): () => void;
  /** Ends the session with close code 1000, so that the bot goes offline at once. */
  leave(): Promise<unknown>;
};

/** A listener that never throws into the library that calls it, whatever a later version hands over. */
export const harmless =
  <T extends readonly unknown[]>(listener: (...values: T) => void) =>
  (...values: T): void => {
    try {
      listener(...values);
    } catch (error) {
      process.emitWarning(error instanceof Error ? error : String(error));
    }
  };

/** After these Discord wants no further attempt, and no library makes one. */
const fatalCodes: readonly number[] = [4004, 4010, 4011, 4012, 4013, 4014];

type Shard = { state: GatewayReport['state']; latencyMs?: number; intervalMs?: number; ackAtMs?: number };

/** Turns what a library sees into reports for the supervisor: one whenever a state changes or a heartbeat is acknowledged. */
export function observe(report: (report: GatewayReport) => void, serving: (detail: string) => void): GatewayObserver {
  const shards = new Map<number, Shard>();
  let guilds = 0;
  let served = false;

  const shardOf = (id: number): Shard => {
    const known = shards.get(id) ?? { state: 'disconnected' };
    shards.set(id, known);
    return known;
  };
  const tell = (id: number, state: Shard['state'], more: Partial<GatewayReport> = {}): void => {
    const shard = shardOf(id);
    shard.state = state;
    const { latencyMs, intervalMs, ackAtMs } = shard;
    report({
      state,
      shard: id,
      guilds,
      ...(latencyMs === undefined ? {} : { latencyMs }),
      ...(intervalMs === undefined ? {} : { intervalMs }),
      ...(ackAtMs === undefined ? {} : { ackAgeMs: performance.now() - ackAtMs }),
      ...more,
    });
  };
  const ready = (id: number): void => {
    shardOf(id).ackAtMs = performance.now();
    tell(id, 'ready');
  };

  return {
    connecting: (id, limit) =>
      tell(id, 'connecting', limit && { identifiesLeft: limit.left, identifiesResetMs: limit.resetMs }),
    identifying: (id) => tell(id, 'identifying'),
    resuming: (id) => tell(id, 'resuming'),
    identified(id) {
      // Whatever the library said of it before: this session has cost an IDENTIFY.
      if (shardOf(id).state !== 'identifying') tell(id, 'identifying');
      ready(id);
    },
    resumed: ready,
    interval(id, intervalMs) {
      shardOf(id).intervalMs = intervalMs;
    },
    acknowledged(id, latencyMs) {
      const shard = shardOf(id);
      shard.latencyMs = latencyMs;
      shard.ackAtMs = performance.now();
      if (shard.state === 'ready') tell(id, 'ready');
    },
    closed(id, closeCode) {
      if (shardOf(id).state === 'fatal') return;
      const isFatal = closeCode !== undefined && fatalCodes.includes(closeCode);
      tell(id, isFatal ? 'fatal' : 'disconnected', closeCode === undefined ? {} : { closeCode });
    },
    guilds(count) {
      guilds = count;
    },
    unauthorized: () => tell(0, 'fatal', { unauthorized: true }),
    serving(detail) {
      if (!served) serving(detail);
      served = true;
    },
  };
}
