import { type GatewayObserver, harmless, type Library } from './observer.ts';

const unauthorized = 401;

/** The library has no event for an acknowledged heartbeat: it notes the time, and that is looked at. */
const lookEveryMs = 1_000;
/** `readyState` of a WebSocket. */
const closedState = 3;

type Shard = {
  readonly id: number;
  readonly ready: boolean;
  readonly latency: number;
  /** Wall time of the last acknowledgement; 0 before the first. */
  readonly lastHeartbeatReceived: number;
  readonly sessionID: string | null;
  readonly ws: Socket | null;
};
type Socket = {
  readonly readyState: number;
  prependOnceListener(event: 'close', listener: (code: number) => void): unknown;
};
type GatewayInformation = { readonly sessionStartLimit?: { readonly remaining: number; readonly resetAfter: number } };

/** `Client` of oceanic.js 1. */
type Client = {
  readonly shards: ReadonlyMap<number, Shard>;
  readonly guilds: { readonly size: number };
  readonly unavailableGuilds: { readonly size: number };
  readonly rest: { getBotGateway(): Promise<GatewayInformation> };
  readonly ready: boolean;
  disconnect(reconnect: boolean): void;
  on(event: string, listener: (...values: never[]) => void): unknown;
  off(event: string, listener: (...values: never[]) => void): unknown;
};

export const isOceanic = (client: object): client is Client =>
  'shards' in client &&
  client.shards instanceof Map &&
  ['unavailableGuilds', 'rest', 'disconnect'].every((name) => name in client);

export function oceanic(client: Client): Library {
  return {
    watch(observer) {
      const limit = watchLimit(client, observer);
      const ends = [limit.end, watchConnections(client, observer, limit), watchAcknowledgements(client, observer)];
      return () => {
        for (const end of ends) end();
      };
    },
    async leave() {
      const sockets = [...client.shards.values()].flatMap(({ ws }) => ws ?? []);
      client.disconnect(false);
      await Promise.all(sockets.filter(({ readyState }) => readyState !== closedState).map(end));
    },
  };
}

const end = (socket: Socket): Promise<unknown> =>
  new Promise((resolve) => socket.prependOnceListener('close', resolve));

type Limit = { latest: { readonly left: number; readonly resetMs: number } | undefined; readonly end: () => void };

/** The library asks Discord for the limit, and finds out there that a token is worthless, but tells nobody of either. */
function watchLimit({ rest }: Client, observer: GatewayObserver): Limit {
  const ask = rest.getBotGateway;
  const limit: Limit = {
    latest: undefined,
    end() {
      rest.getBotGateway = ask;
    },
  };
  rest.getBotGateway = async () => {
    try {
      const information = await ask.call(rest);
      const { remaining, resetAfter } = information.sessionStartLimit ?? {};
      if (remaining !== undefined) limit.latest = { left: remaining, resetMs: resetAfter ?? 0 };
      return information;
    } catch (error) {
      const { response } = error as { readonly response?: { readonly status?: number } };
      if (response?.status === unauthorized) observer.unauthorized();
      throw error;
    }
  };
  return limit;
}

function watchConnections(client: Client, observer: GatewayObserver, limit: Limit): () => void {
  const count = (): void => observer.guilds(client.guilds.size + client.unavailableGuilds.size);
  const look = (): void => {
    count();
    if (client.ready) observer.serving(`${client.guilds.size} guilds`);
  };
  let ended = false;
  /** The library throws over some close codes before it tells of the end: who listens to the socket hears all. */
  const watchSocket = (shard: number): void => {
    client.shards.get(shard)?.ws?.prependOnceListener('close', (code) => {
      if (!ended) observer.closed(shard, code);
    });
  };
  for (const { id, ready } of client.shards.values()) {
    watchSocket(id);
    if (ready) observer.identified(id);
  }
  look();
  const heard: Record<string, (...values: never[]) => void> = {
    connect(shard: number) {
      observer.connecting(shard, limit.latest);
      watchSocket(shard);
    },
    hello(intervalMs: number, shard: number) {
      observer.interval(shard, intervalMs);
      if (client.shards.get(shard)?.sessionID) observer.resuming(shard);
      else observer.identifying(shard);
    },
    shardPreReady(shard: number) {
      count();
      observer.identified(shard);
    },
    shardResume: (shard: number) => observer.resumed(shard),
    shardDisconnect(error: { readonly code?: unknown } | undefined, shard: number) {
      if (typeof error?.code !== 'number') observer.closed(shard);
    },
    ready: look,
    guildCreate: count,
    guildDelete: count,
  };
  const listeners = Object.entries(heard).map(([event, hear]) => [event, harmless(hear)] as const);
  for (const [event, listener] of listeners) client.on(event, listener);
  return () => {
    ended = true;
    for (const [event, listener] of listeners) client.off(event, listener);
  };
}

function watchAcknowledgements({ shards }: Client, observer: GatewayObserver): () => void {
  const seen = new Map<number, number>();
  const look = (): void => {
    for (const { id, latency, lastHeartbeatReceived } of shards.values()) {
      if (lastHeartbeatReceived > (seen.get(id) ?? 0)) observer.acknowledged(id, latency);
      seen.set(id, lastHeartbeatReceived);
    }
  };
  const timer = setInterval(look, lookEveryMs).unref();
  return () => clearInterval(timer);
}
