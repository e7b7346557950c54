import { watchRefusals } from './discordjs-rest.ts';
import { type GatewayObserver, harmless, type Library } from './observer.ts';

/** Where the library hangs up by itself to resume, it uses this code: nothing that Discord said. */
const ownHangUp = 4200;
const readyStatus = 3;

/** `WebSocketManager` of @discordjs/ws, 1.x and 2.x. */
export type WebSocketManager = {
  readonly options?: { readonly rest?: unknown };
  /** The last answer to GET /gateway/bot; private in the library, and read only where it is. */
  readonly gatewayInformation?: { readonly data?: GatewayInformation } | null;
  on(event: string, listener: (...values: unknown[]) => void): unknown;
  off(event: string, listener: (...values: unknown[]) => void): unknown;
  destroy(options?: object): Promise<unknown>;
  fetchStatus(): unknown;
};
type GatewayInformation = {
  readonly session_start_limit?: { readonly remaining?: number; readonly reset_after?: number };
};

export const isWebSocketManager = (client: object): client is WebSocketManager =>
  ['fetchStatus', 'fetchGatewayInformation', 'destroy', 'on'].every(
    (name) => typeof (client as Record<string, unknown>)[name] === 'function',
  );

export function discordjsWs(manager: WebSocketManager): Library {
  return {
    watch(observer) {
      const ends = [
        watchManager(manager, observer),
        watchServing(manager, observer),
        watchRefusals(manager.options?.rest, observer),
      ];
      return () => {
        for (const end of ends) end();
      };
    },
    leave: () => manager.destroy(),
  };
}

/** Version 1 gives each listener one object with `shardId`; version 2 gives the value, if any, then the shard. */
function unpack(values: readonly unknown[]): { readonly shard: number; readonly value: unknown } {
  const last = values.at(-1);
  if (typeof last === 'number') return { shard: last, value: values[0] };
  const { shardId, ...rest } = (last ?? {}) as Record<string, unknown>;
  return { shard: Number(shardId ?? 0), value: rest['code'] ?? rest['data'] ?? rest['message'] ?? rest };
}

/** Everything but the moment at which the bot serves: a library on top may know that better. */
export function watchManager(manager: WebSocketManager, observer: GatewayObserver): () => void {
  const guilds = new Set<string>();
  const heard: Record<string, (shard: number, value: never) => void> = {
    debug: (shard, message: string) => understand(message, shard, observer, () => limitOf(manager)),
    ready(shard, data: { readonly guilds?: readonly { readonly id: string }[] }) {
      for (const { id } of data.guilds ?? []) guilds.add(id);
      observer.guilds(guilds.size);
      observer.identified(shard);
    },
    resumed: (shard) => observer.resumed(shard),
    heartbeat: (shard, { latency }: { readonly latency: number }) => observer.acknowledged(shard, latency),
    dispatch(_, { t, d }: { readonly t: string; readonly d: { readonly id: string; readonly unavailable?: boolean } }) {
      if (t === 'GUILD_CREATE') guilds.add(d.id);
      else if (t === 'GUILD_DELETE' && !d.unavailable) guilds.delete(d.id);
      else return;
      observer.guilds(guilds.size);
    },
    closed: (shard, code: number) => observer.closed(shard, code === ownHangUp ? undefined : code),
  };
  const listeners = Object.entries(heard).map(
    ([event, hear]) =>
      [
        event,
        harmless((...values: unknown[]) => {
          const { shard, value } = unpack(values);
          hear(shard, value as never);
        }),
      ] as const,
  );
  let ended = false;
  for (const [event, listener] of listeners) manager.on(event, listener);
  void statusesOf(manager).then((statuses) => {
    for (const [shard, status] of statuses) if (!ended && status === readyStatus) observer.identified(shard);
  });
  return () => {
    ended = true;
    for (const [event, listener] of listeners) manager.off(event, listener);
  };
}

/** The shards that there are, none before the library connects. */
async function statusesOf(manager: WebSocketManager): Promise<readonly (readonly [shard: number, status: number])[]> {
  try {
    return [...((await manager.fetchStatus()) as ReadonlyMap<number, number>)];
  } catch {
    return [];
  }
}

/** What the library tells in words only. Should they change, READY and RESUMED still say what happened. */
function understand(
  message: string,
  shard: number,
  observer: GatewayObserver,
  limit: () => { left: number; resetMs: number } | undefined,
): void {
  const [, intervalMs] = /starting to beat every (\d+)ms/.exec(message) ?? [];
  if (intervalMs !== undefined) observer.interval(shard, Number(intervalMs));
  else if (message.startsWith('Connecting to ')) observer.connecting(shard, limit());
  else if (message.startsWith('Identifying')) observer.identifying(shard);
  else if (message.startsWith('Resuming session')) observer.resuming(shard);
}

function limitOf({ gatewayInformation }: WebSocketManager): { left: number; resetMs: number } | undefined {
  const { remaining, reset_after } = gatewayInformation?.data?.session_start_limit ?? {};
  return remaining === undefined ? undefined : { left: remaining, resetMs: reset_after ?? 0 };
}

/** Serving means that every shard is ready. */
function watchServing(manager: WebSocketManager, observer: GatewayObserver): () => void {
  const look = (): void =>
    void statusesOf(manager).then((statuses) => {
      const isServing = statuses.length > 0 && statuses.every(([, status]) => status === readyStatus);
      if (isServing) observer.serving(`${statuses.length} ${statuses.length === 1 ? 'shard' : 'shards'}`);
    });
  look();
  manager.on('ready', look);
  return () => manager.off('ready', look);
}
