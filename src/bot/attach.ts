import { type ConnectOptions, connect, type Droas } from './connect.ts';
import { endWhenStopped } from './end.ts';
import { discordJs, isDiscordJs } from './libraries/discord-js.ts';
import { discordjsWs, isWebSocketManager } from './libraries/discordjs-ws.ts';
import { type Library, observe } from './libraries/observer.ts';
import { isOceanic, oceanic } from './libraries/oceanic.ts';
import type { StopIntent } from './messages.ts';

export type AttachOptions = ConnectOptions & {
  /** What `connect` returned, for a client that is made with a secret. Then the other options are those that it got. */
  readonly droas?: Droas;
  /**
   * Called once when the bot is to stop, before it leaves Discord: the place to finish what is under way. What it returns
   * is waited for, but not beyond the grace period.
   */
  readonly onStop?: (intent: StopIntent, graceMs: number) => unknown;
};

/** `Client` of discord.js 14, of oceanic.js 1 or of @discordjs/core, or a `WebSocketManager` of @discordjs/ws 1 or 2. */
export type AttachableClient = object;

export type Attached = Droas & {
  /** Reports no more about the client, and leaves the end of the process to the bot. The line to the supervisor stays. */
  detach(): void;
};

/**
 * Tells the supervisor all about a bot's connection to Discord: call it with the client, before the client connects.
 *
 * - The supervisor learns each state of the connection, close codes, latency, acknowledgements, guilds, and what the start
 *   limit leaves. The bot is ready when the library says that it serves; `ready()` says it earlier.
 * - When the bot is to stop, `onStop` is waited for; then the bot goes offline (close code 1000), or keeps its session if
 *   that is meant to be taken up again, and the process ends with `process.exit()`. A bot that listens to SIGTERM itself is left
 *   to end by itself.
 * - Nothing here throws later on or keeps the process alive. Without a supervisor nothing happens at all.
 *
 * @throws TypeError when the client is of none of these libraries
 */
export function attach(client: AttachableClient, options: AttachOptions = {}): Attached {
  const library = libraryOf(client);
  const { onStop, droas = connect(options) } = options;
  if (!droas.supervised) return { ...droas, detach() {} };
  const unwatch = library.watch(observe(droas.gateway, droas.ready));
  const unguard = endWhenStopped(droas, {
    finish: async (intent, graceMs) => onStop?.(intent, graceMs),
    async leave(intent) {
      unwatch();
      // A connection that just breaks off leaves its session to be taken up again, whatever the library.
      if (intent === 'offline') await library.leave();
    },
  });
  return {
    ...droas,
    detach() {
      unwatch();
      unguard();
    },
  };
}

function libraryOf(client: unknown): Library {
  if (typeof client === 'object' && client !== null) {
    if (isDiscordJs(client)) return discordJs(client);
    if (isOceanic(client)) return oceanic(client);
    if (isWebSocketManager(client)) return discordjsWs(client);
    const gateway: unknown = 'gateway' in client ? client.gateway : null;
    if (typeof gateway === 'object' && gateway !== null && isWebSocketManager(gateway)) return discordjsWs(gateway);
  }
  throw new TypeError(
    'attach() takes a Client of discord.js 14, of oceanic.js 1 or of @discordjs/core (with a WebSocketManager as its gateway), or a WebSocketManager of @discordjs/ws; with any other library use connect() and report by hand',
  );
}
