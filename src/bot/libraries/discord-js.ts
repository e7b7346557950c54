import { watchRefusals } from './discordjs-rest.ts';
import { isWebSocketManager, watchManager } from './discordjs-ws.ts';
import { type GatewayObserver, harmless, type Library } from './observer.ts';

/** `Client` of discord.js 14. */
type Client = {
  readonly ws: { readonly _ws?: unknown };
  readonly rest?: unknown;
  readonly guilds?: { readonly cache?: { readonly size: number } };
  readonly user?: { readonly tag?: string } | null;
  isReady(): boolean;
  destroy(): unknown;
  on(event: string, listener: (...values: never[]) => void): unknown;
  off(event: string, listener: (...values: never[]) => void): unknown;
};

export const isDiscordJs = (client: object): client is Client =>
  'ws' in client && typeof client.ws === 'object' && 'isReady' in client && 'login' in client && 'destroy' in client;

export function discordJs(client: Client): Library {
  return {
    watch(observer) {
      const guildsOf = (count: number) => Math.max(count, client.guilds?.cache?.size ?? 0);
      const ends = [
        watchConnection(client, { ...observer, guilds: (count) => observer.guilds(guildsOf(count)) }),
        watchServing(client, observer, guildsOf),
        watchRefusals(client.rest, observer),
      ];
      return () => {
        for (const end of ends) end();
      };
    },
    leave: async () => client.destroy(),
  };
}

/**
 * The connection is held by a manager of @discordjs/ws that comes to be during login, and anew at a login with another
 * token. The debug messages that the client emits all the while are the occasion to look.
 */
function watchConnection(client: Client, observer: GatewayObserver): () => void {
  let watched: unknown;
  let end = (): void => {};
  const look = harmless(() => {
    const manager = client.ws._ws;
    if (manager === watched || typeof manager !== 'object' || manager === null || !isWebSocketManager(manager)) return;
    end();
    watched = manager;
    end = watchManager(manager, observer);
  });
  look();
  client.on('debug', look);
  return () => {
    client.off('debug', look);
    end();
  };
}

/** Ready in the sense of the library: it has its guilds, and lets go of the events that it had kept back. */
function watchServing(client: Client, observer: GatewayObserver, guildsOf: (count: number) => number): () => void {
  const look = harmless(() => {
    if (client.isReady()) observer.serving(`${client.user?.tag ?? 'ready'}, ${guildsOf(0)} guilds`);
  });
  // The last shard is told of a moment before the client is ready.
  const lookSoon = (): void => queueMicrotask(look);
  look();
  client.on('shardReady', lookSoon);
  return () => client.off('shardReady', lookSoon);
}
