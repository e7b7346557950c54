import { setTimeout as pause, setImmediate as turn } from 'node:timers/promises';
import type { Application, createEmulator as CreateEmulator } from '../../src/emulator/index.ts';

/**
 * The built emulator in a process of its own, so that its processor time is only its own. It does one thing after the
 * other, as its parent says, and tells what that took.
 */
export type Order =
  | { readonly order: 'nothing' }
  /** Bots with guilds of their own, and the first guild of the first one for all of them. */
  | { readonly order: 'applications'; readonly count: number; readonly guilds: number; readonly members: number }
  /** Messages in that guild: so many a second, for so long. */
  | { readonly order: 'pace'; readonly perSecond: number; readonly seconds: number }
  /** As fast as the bots can read them. */
  | { readonly order: 'flood'; readonly messages: number };

export type Answer = {
  readonly gatewayUrl: string;
  readonly tokens: readonly string[];
  readonly cpuSeconds: number;
  readonly seconds: number;
  readonly rssBytes: number;
  /** What is left after a full collection. */
  readonly heapBytes: number;
};

const privilegedIntents = (1 << 1) | (1 << 8) | (1 << 15);
const tickMs = 10;
const text = 'A message of ordinary length, as people write it in a channel of a game server on a Saturday evening.';

const { createEmulator } = (await import(new URL('../../dist/emulator.js', import.meta.url).href)) as {
  createEmulator: typeof CreateEmulator;
};
const emulator = await createEmulator();
let applications: readonly Application[] = [];
let channelId = '';

/** Begins with the time at which it is written, in milliseconds since 1970. */
const write = (): void => {
  emulator.say({ channelId, content: `${performance.timeOrigin + performance.now()} ${text}` });
};

async function obey(order: Order): Promise<void> {
  switch (order.order) {
    case 'nothing':
      return;
    case 'applications': {
      const { count, guilds, members } = order;
      applications = Array.from({ length: count }, () =>
        emulator.createApplication({ guilds, members, privilegedIntents }),
      );
      [channelId = ''] = applications[0]?.channelIds ?? [];
      const { guild } = emulator.world.channel(channelId);
      if (guild) for (const { bot } of applications) emulator.world.addMember(guild, bot);
      return;
    }
    case 'pace': {
      const { perSecond, seconds } = order;
      const startedMs = performance.now();
      for (let written = 0; written < perSecond * seconds; await pause(tickMs)) {
        const due = Math.min(perSecond * seconds, ((performance.now() - startedMs) / 1e3) * perSecond);
        for (; written < due; written++) write();
      }
      return;
    }
    case 'flood':
      for (let written = 0; written < order.messages; ) {
        for (const end = written + 100; written < end; written++) write();
        await turn();
      }
  }
}

async function answer(order: Order): Promise<void> {
  const cpu = process.cpuUsage();
  const startedMs = performance.now();
  await obey(order);
  const { user, system } = process.cpuUsage(cpu);
  const seconds = (performance.now() - startedMs) / 1e3;
  const rssBytes = process.memoryUsage.rss();
  globalThis.gc?.();
  const taken: Answer = {
    gatewayUrl: emulator.gatewayUrl,
    tokens: applications.map(({ token }) => token),
    cpuSeconds: (user + system) / 1e6,
    seconds,
    rssBytes,
    heapBytes: process.memoryUsage().heapUsed,
  };
  process.send?.(taken);
}

process.on('message', (order: Order) => void answer(order));
process.once('disconnect', () => void emulator.close());
