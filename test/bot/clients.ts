import { createRequire } from 'node:module';
import { Client as CoreClient } from '@discordjs/core';
import { REST } from '@discordjs/rest';
import { type SessionInfo, WebSocketManager, WebSocketShardEvents } from '@discordjs/ws';
import { Client as DiscordJsClient } from 'discord.js';
import { Client as OceanicClient } from 'oceanic.js';
import type { Emulator } from '../../src/emulator/index.ts';

export type TestBot = {
  /** What `attach` is given. */
  readonly client: object;
  connect(): Promise<unknown>;
  /** Leaves Discord, so that the test can end. */
  close(): Promise<unknown> | undefined;
};
export type Login = { readonly emulator: Emulator; readonly token: string; readonly intents?: number };

/** GUILDS and GUILD_MESSAGES. */
const ordinary = (1 << 0) | (1 << 9);

/** The library's own would wait five seconds of real time between two IDENTIFYs. */
const buildIdentifyThrottler = async () => ({ waitForIdentify: async () => {} });

/** The 1.x that discord.js brings along. */
const requireFromDiscordJs = createRequire(createRequire(import.meta.url).resolve('discord.js'));
const { WebSocketManager: FirstWebSocketManager }: typeof import('@discordjs/ws') =
  requireFromDiscordJs('@discordjs/ws');

function managerOf(Manager: typeof WebSocketManager, { emulator, token, intents = ordinary }: Login) {
  const rest = new REST({ api: emulator.url }).setToken(token);
  let session: SessionInfo | null = null;
  const manager = new Manager({
    token,
    intents,
    rest,
    buildIdentifyThrottler,
    retrieveSessionInfo: () => session,
    updateSessionInfo: (_shard, info) => {
      session = info;
    },
  });
  // Without a listener what Discord refuses would end this process; with it the library is as it always is.
  manager.on(WebSocketShardEvents.Error, () => {});
  return { rest, manager };
}

const onManager = (manager: WebSocketManager, client: object): TestBot => ({
  client,
  connect: () => manager.connect(),
  close: async () => manager.destroy(),
});

/** An ordinary bot on each of the libraries, none of which knows of DROAS. */
export const bots: Readonly<Record<string, (login: Login) => TestBot>> = {
  'discord.js 14'({ emulator, token, intents = ordinary }) {
    const client = new DiscordJsClient({ intents, rest: { api: emulator.url }, ws: { buildIdentifyThrottler } });
    return { client, connect: () => client.login(token), close: () => client.destroy() };
  },
  '@discordjs/core 2'(login) {
    const { rest, manager } = managerOf(WebSocketManager, login);
    return onManager(manager, new CoreClient({ rest, gateway: manager }));
  },
  '@discordjs/ws 1'(login) {
    const { manager } = managerOf(FirstWebSocketManager, login);
    return onManager(manager, manager);
  },
  'oceanic.js 1'({ emulator, token, intents = ordinary }) {
    const client = new OceanicClient({
      auth: `Bot ${token}`,
      gateway: { intents, override: { timeBetweenShardConnects: 1 } },
      rest: { baseURL: `${emulator.url}/v10` },
    });
    client.on('error', () => {});
    return {
      client,
      connect: () => client.connect(),
      close() {
        client.disconnect(false);
        return undefined;
      },
    };
  },
};
