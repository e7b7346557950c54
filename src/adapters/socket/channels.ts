import { createServer, type Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Channel, ChannelAddress, ChannelListener, Channels } from '../../ports/channel.ts';
import { Admission } from './admission.ts';
import { type Conversation, converse, type Host, type Limits, type Offence } from './conversation.ts';
import { listenAt } from './listen.ts';
import { placeSocket } from './path.ts';

export type ChannelsOptions = {
  /** For all sockets; made when missing, 0700. */
  readonly directory: string;
  readonly limits?: Partial<Limits>;
};

const usualLimits: Limits = { helloTimeoutMs: 5_000, linesPerSecond: 200 };
/** Connections of one channel, the child's own among them; more are turned away. */
const maxConnections = 16;

/**
 * The supervisor's end of the child protocol: a Unix socket of its own for every incarnation. Who does not know the
 * incarnation's key gets no further than hello. Of several who know it the newest is believed, because a child that was
 * cut off comes back before its old connection is noticed to be dead. Whatever a child does, it only ever loses its
 * connection; each kind of offence is reported once per channel.
 */
export function createChannels({ directory, limits }: ChannelsOptions): Channels {
  return {
    open: (address, listener) => open(address, listener, directory, { ...usualLimits, ...limits }),
  };
}

async function open(
  address: ChannelAddress,
  listener: ChannelListener,
  directory: string,
  limits: Limits,
): Promise<Channel> {
  const admission = new Admission(address);
  const conversations = new Set<Conversation>();
  const reported = new Set<Offence>();
  const waiting: (() => void)[] = [];
  let child: Conversation | null = null;
  let closed = false;

  const host: Host = {
    greet: (hello) => admission.judge(hello, performance.now()),
    greeted(own) {
      const previous = child;
      child = own;
      previous?.end();
      if (previous) listener.disconnected();
      listener.connected();
    },
    message: (message) => listener.message(message),
    refused(offence, reason) {
      if (offence === 'flood') admission.banForFlood(performance.now());
      if (reported.has(offence)) return;
      reported.add(offence);
      listener.refused(
        `A connection to the socket of ${address.bot} (#${address.incarnation}) was closed: it ${reason}.`,
      );
    },
    closed(own) {
      conversations.delete(own);
      if (child === own) {
        child = null;
        if (!closed) listener.disconnected();
      }
      if (conversations.size === 0) for (const resolve of waiting.splice(0)) resolve();
    },
  };

  const server = createServer((socket: Socket) => {
    conversations.add(converse(socket, host, limits));
  });
  server.maxConnections = maxConnections;
  const place = placeSocket(directory, address);
  const unlisten = await listenAt(server, place, address.bot);

  return {
    path: place.path,
    send: (message) => child?.send(message) ?? false,
    async silent() {
      // Whoever connected before the call is accepted within one turn, and read in the next.
      await nextTurn();
      await nextTurn();
      if (conversations.size > 0) await new Promise<void>((resolve) => waiting.push(resolve));
    },
    close() {
      if (closed) return;
      closed = true;
      unlisten();
      for (const conversation of conversations) conversation.end();
    },
  };
}
