import type { AddressInfo } from 'node:net';
import Fastify from 'fastify';
import { adminRoutes } from './admin.ts';
import { systemClock } from './clock.ts';
import type { Emulator, EmulatorOptions } from './emulator.ts';
import { EmulatorError } from './errors.ts';
import { Faults } from './faults.ts';
import { Gateway } from './gateway/gateway.ts';
import { Ledger } from './ledger/ledger.ts';
import { limitsWith } from './limits.ts';
import { llmRoutes } from './llm/routes.ts';
import { page } from './page.ts';
import { discordApi } from './rest/api.ts';
import { RateLimits } from './rest/rate-limit.ts';
import { Interactions } from './world/interactions.ts';
import type { Channel, Interaction, Message, User, WorldEvent } from './world/model.ts';
import { World } from './world/world.ts';

export type { Clock, Timer } from './clock.ts';
export type { Emulator, EmulatorOptions, Utterance } from './emulator.ts';
export { EmulatorError } from './errors.ts';
export type { Faults } from './faults.ts';
export type { Refusal } from './gateway/refusals.ts';
export type { EntryType, LedgerEntry, LedgerFilter, Shard } from './ledger/entry.ts';
export type { Ledger } from './ledger/ledger.ts';
export type { Owners, Ownership } from './ledger/ownership.ts';
export type { Limits } from './limits.ts';
export type { Prompt } from './llm/completion.ts';
export type { LlmOptions } from './llm/routes.ts';
export type { Application, Channel, Command, Interaction, Message, User } from './world/model.ts';
export type { ApplicationOptions } from './world/world.ts';

const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
const longestMessage = 2000;

/** @throws RangeError when the host is not this machine and `allowRemote` is not set, or a limit is out of range */
export async function createEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const {
    host = '127.0.0.1',
    port = 0,
    allowRemote = false,
    clock = systemClock,
    ledgerEntries = 200_000,
    llm = {},
  } = options;
  if (!allowRemote && !isLoopback(host))
    throw new RangeError(`the emulator listens on this machine only, not on ${host}: set allowRemote to change that`);

  const limits = limitsWith(options);
  const ledger = new Ledger(clock, ledgerEntries);
  const publish = (event: WorldEvent): void => {
    if (event.type === 'message-created') recordMessage(ledger, event.message);
    if (event.type === 'interaction') recordInteraction(ledger, event.interaction);
    gateway.publish(event);
  };
  const world = new World(clock, limits, publish);
  const interactions = new Interactions(world, clock, limits, publish);
  const gateway = new Gateway({ clock, limits, ledger, world, url: () => emulator.gatewayUrl });

  const join = (channel: Channel, author = 'you'): User => {
    const person = world.person(author);
    channel.guild?.members.set(person.id, person);
    return person;
  };
  const write = (channel: Channel, author: User, content: string, replyTo?: string): Message => {
    if (content.length > longestMessage)
      throw new EmulatorError(400, `people write at most ${longestMessage} characters, not ${content.length}`);
    const original = replyTo === undefined ? undefined : world.findMessage(channel, replyTo);
    if (replyTo !== undefined && !original)
      throw new EmulatorError(404, `there is no message ${replyTo} in ${channel.id}`);
    const mentions = new Set([...world.mentionedIn(content), ...(original ? [original.author] : [])]);
    return world.post(channel, { author, content, mentions: [...mentions], replyTo: original?.id ?? null });
  };

  const server = Fastify({ forceCloseConnections: true, keepAliveTimeout: 120_000 });
  server.server.on('upgrade', (request, socket, head) => gateway.upgrade(request, socket, head));
  let base = '';
  let closing: Promise<void> | null = null;
  const emulator: Emulator = {
    get url() {
      return `http://${base}/api`;
    },
    get gatewayUrl() {
      return `ws://${base}/gateway`;
    },
    get llmUrl() {
      return `http://${base}/v1`;
    },
    get pageUrl() {
      return `http://${base}/`;
    },
    ledger,
    faults: new Faults(gateway, ledger, world),
    createApplication: (wanted) => world.createApplication(wanted),
    applications: () => world.applications(),
    channels: () => world.channels(),
    messages: (channelId) => world.channel(channelId).messages,
    isOnline: (applicationId) => gateway.isOnline(world.application(applicationId)),
    say({ channelId, author, content, mention, replyTo }) {
      const channel = world.channel(channelId);
      const text = mention === undefined ? content : `<@${world.application(mention).id}> ${content}`;
      return write(channel, join(channel, author), text, replyTo);
    },
    directMessage({ applicationId, author = 'you', content }) {
      const person = world.person(author);
      return write(world.direct(world.application(applicationId), person), person, content);
    },
    interact({ applicationId, channelId, author, command, options: given = {} }) {
      const channel = world.channel(channelId);
      const application = world.application(applicationId);
      if (!world.audience(channel).includes(application))
        throw new EmulatorError(400, `${application.name} is not in channel ${channelId}`);
      return interactions.use({ application, channel, user: join(channel, author), command, options: given });
    },
    close() {
      closing ??= (async () => {
        gateway.close();
        await server.close();
      })();
      return closing;
    },
    [Symbol.asyncDispose]: () => emulator.close(),
  };

  const api = discordApi({
    world,
    ledger,
    interactions,
    rateLimits: new RateLimits(clock, limits),
    gatewayUrl: () => emulator.gatewayUrl,
    sessionStartLimit: (application) => gateway.sessionStartLimit(application),
  });
  server.register(api, { prefix: '/api/v10' });
  server.register(api, { prefix: '/api' });
  server.register(llmRoutes(clock, ledger, llm), { prefix: '/v1' });
  server.register(adminRoutes(emulator), { prefix: '/emulator' });
  server.get('/', (_request, reply) => reply.type('text/html; charset=utf-8').headers(pageHeaders).send(page));
  await server.listen({ host, port }).catch((cause: unknown) => {
    const isTaken = (cause as { code?: unknown }).code === 'EADDRINUSE';
    if (!isTaken) throw cause;
    throw new Error(`port ${port} of ${host} is in use: choose another, or 0 for any free one`, { cause });
  });
  const { port: boundPort } = server.server.address() as AddressInfo;
  base = `${host.includes(':') ? `[${host}]` : host}:${boundPort}`;
  return emulator;
}

const pageHeaders = {
  'content-security-policy':
    "default-src 'none'; connect-src 'self'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
};

const recordMessage = (ledger: Ledger, message: Message): void => {
  ledger.record({
    type: 'message',
    applicationId: message.author.bot ? message.author.id : undefined,
    authorId: message.author.id,
    channelId: message.channelId,
    messageId: message.id,
    replyTo: message.replyTo ?? undefined,
  });
};

const recordInteraction = (ledger: Ledger, { application, channel, id, user }: Interaction): void => {
  ledger.record({
    type: 'interaction',
    applicationId: application.id,
    authorId: user.id,
    channelId: channel.id,
    interactionId: id,
  });
};
