import { randomInt } from 'node:crypto';
import { type AddressInfo, isIPv4 } from 'node:net';
import type { FastifyRequest } from 'fastify';
import Fastify from 'fastify';
import { actingIn } from './acting.ts';
import { adminRoutes } from './admin/index.ts';
import { systemClock } from './clock.ts';
import { countTo } from './counting.ts';
import type { Emulator, EmulatorOptions } from './emulator.ts';
import { Faults } from './faults/faults.ts';
import { Injector } from './faults/injector.ts';
import { playScript } from './faults/playing.ts';
import { withRestFaults } from './faults/rest.ts';
import { Gateway } from './gateway/gateway.ts';
import { Ledger } from './ledger/ledger.ts';
import { messageFact } from './ledger/message-fact.ts';
import { limitsWith } from './limits.ts';
import { llmRoutes } from './llm/routes.ts';
import { Feed } from './page/feed.ts';
import { pageRoutes } from './page/routes.ts';
import { changesOf } from './page/to-view.ts';
import { discordApi } from './rest/api.ts';
import { attachmentRoutes } from './rest/attachment-routes.ts';
import { MessageWriter } from './rest/body/message.ts';
import { tokenOf } from './rest/context.ts';
import { InvalidRequests } from './rest/rate-limit/invalid-requests.ts';
import { RateLimits } from './rest/rate-limit/rate-limits.ts';
import type { WorldEvent } from './world/event.ts';
import type { Interaction } from './world/interaction.ts';
import { InteractionBook } from './world/interaction-book.ts';
import { Interactions } from './world/interactions.ts';
import { People } from './world/people.ts';
import { World } from './world/world.ts';

export type { Acting, Choice, CommandUse, GivenValue, ModalValues, NewFile } from './acting.ts';
export type { Clock, Timer } from './clock.ts';
export type { Counting, CountingWish } from './counting.ts';
export type { Emulator, EmulatorOptions, Utterance } from './emulator.ts';
export { EmulatorError } from './errors.ts';
export type { Fault, FaultName, FaultSpec } from './faults/fault.ts';
export type { ActiveFault, FaultSet, Faults, Refusal } from './faults/faults.ts';
export type { Playing } from './faults/playing.ts';
export type { CheckedScript, FaultScript, ScriptProblem, ScriptStep } from './faults/script.ts';
export { checkScript } from './faults/script.ts';
export type { Effects } from './ledger/effects.ts';
export type { EntryType, LedgerEntry, LedgerFilter, Shard } from './ledger/entry.ts';
export type { Ledger } from './ledger/ledger.ts';
export type { OwnerCount } from './ledger/owner-tally.ts';
export type { Owners, Ownership } from './ledger/ownership.ts';
export type { Limits } from './limits.ts';
export type { Prompt } from './llm/completion.ts';
export type { LlmOptions } from './llm/routes.ts';
export type { Command } from './world/command.ts';
export type { WorldEvent } from './world/event.ts';
export type { Interaction, InteractionResponse, Modal } from './world/interaction.ts';
export type {
  Application,
  Channel,
  Guild,
  Member,
  Message,
  Presence,
  Role,
  User,
  VoiceState,
} from './world/model.ts';
export type { People } from './world/people.ts';
export type { ApplicationOptions, World } from './world/world.ts';

const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'));
const unbracketed = (host: string): string => host.toLowerCase().replace(/^\[(.*)\]$/, '$1');
const unboundBecause: Readonly<Record<string, string>> = {
  EADDRINUSE: 'is in use: choose another, or 0 for any free one',
  EACCES: 'is not allowed to this user: choose one above 1023, or 0 for any free one',
  EADDRNOTAVAIL: 'cannot be listened on: this machine does not have that address',
  ENOTFOUND: 'cannot be listened on: there is no such host',
  EAI_AGAIN: 'cannot be listened on: no name server tells which host that is',
};

/** @throws RangeError when the host is not this machine and `allowRemote` is not set, or a limit is out of range */
export async function createEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const {
    host: wantedHost = '127.0.0.1',
    port = 0,
    allowRemote = false,
    clock = systemClock,
    ledgerEntries = 200_000,
    llm = {},
    seed = randomInt(2 ** 31),
    gatewayNodes = 1,
  } = options;
  if (!Number.isInteger(gatewayNodes) || gatewayNodes < 1)
    throw new RangeError(`gatewayNodes must be a whole number from 1 on, not ${gatewayNodes}`);
  const host = unbracketed(wantedHost);
  if (!allowRemote && !isLoopback(host))
    throw new RangeError(`the emulator listens on this machine only, not on ${host}: set allowRemote to change that`);

  const limits = limitsWith(options);
  const ledger = new Ledger(clock, ledgerEntries);
  const injector = new Injector(clock, ledger, seed);
  const publish = (event: WorldEvent): void => {
    if (event.type === 'message-created') {
      const { channel, message } = event;
      const original = message.replyTo === null ? undefined : world.findOriginal(channel, message.replyTo);
      ledger.record(messageFact(channel, message, original));
    }
    if (event.type === 'interaction') recordInteraction(ledger, event.interaction);
    gateway.publish(event);
    for (const note of changesOf(event, world)) feed.add(note);
  };
  const feed = new Feed();
  const world = new World({ clock, limits, publish, attachmentsUrl: () => `http://${base}/attachments` });
  const book = new InteractionBook({ ids: world.ids, clock, limits, publish });
  const gateway = new Gateway({ clock, limits, ledger, world, injector, gatewayNodes, url: () => emulator.gatewayUrl });

  const people = new People(world);
  const server = Fastify({ forceCloseConnections: true, keepAliveTimeout: 120_000 });
  server.server.on('upgrade', (request, socket, head) => gateway.upgrade(request, socket, head));
  const running = new Set<{ stop(): void }>();
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
    seed,
    ledger,
    world,
    people,
    faults: new Faults(injector, gateway, ledger, world),
    createApplication: (wanted) => world.createApplication(wanted),
    applications: () => world.applications(),
    channels: () => world.channels(),
    messages: (channelId) => world.channel(channelId).messages,
    isOnline: (applicationId) => gateway.isOnline(world.application(applicationId)),
    sessionStartLimit: (applicationId) => gateway.sessionStartLimit(world.application(applicationId)),
    say({ channelId, author, content, mention, replyTo }) {
      const channel = world.channel(channelId);
      const text = mention === undefined ? content : `<@${world.application(mention).id}> ${content}`;
      return people.write(channel, people.join(channel, author), text, replyTo);
    },
    directMessage({ applicationId, author = 'you', content }) {
      const person = world.person(author);
      return people.write(world.direct(world.application(applicationId), person), person, content);
    },
    count(wanted) {
      const counting = countTo(wanted, { clock, ledger, world, people });
      running.add(counting);
      void counting.done.then(() => running.delete(counting));
      return counting;
    },
    play(script) {
      const playing = playScript(script, { clock, ledger, world, faults: emulator.faults });
      running.add(playing);
      return playing;
    },
    ...actingIn(world, new Interactions(world, book), people),
    close() {
      closing ??= (async () => {
        for (const one of running) one.stop();
        injector.close();
        book.close();
        gateway.close();
        await server.close();
      })();
      return closing;
    },
    [Symbol.asyncDispose]: () => emulator.close(),
  };

  const api = withRestFaults(
    discordApi({
      world,
      ledger,
      clock,
      limits,
      book,
      writer: new MessageWriter(world.attachments, limits),
      rateLimits: new RateLimits(clock, limits),
      invalidRequests: new InvalidRequests(clock, limits),
      gatewayUrl: () => emulator.gatewayUrl,
      sessionStartLimit: (application) => gateway.sessionStartLimit(application),
    }),
    { injector, clock, applicationIdOf: (request) => callerOf(world, request) },
  );
  server.register(api, { prefix: '/api/v10' });
  server.register(api, { prefix: '/api' });
  server.register(attachmentRoutes(world.attachments), { prefix: '/attachments' });
  server.register(llmRoutes(clock, ledger, injector, llm), { prefix: '/v1' });
  server.register(adminRoutes(emulator, limits, feed), { prefix: '/emulator' });
  pageRoutes(server);
  await server.listen({ host, port }).catch((cause: unknown) => {
    const why = unboundBecause[(cause as { code?: string }).code ?? ''];
    if (why === undefined) throw cause;
    throw new Error(`port ${port} of ${host} ${why}`, { cause });
  });
  const { port: boundPort } = server.server.address() as AddressInfo;
  base = `${host.includes(':') ? `[${host}]` : host}:${boundPort}`;
  return emulator;
}

/** Whom a call of the API comes from. Follow-ups of interactions carry no token: their address says whose they are. */
const callerOf = (world: World, request: FastifyRequest): string | undefined =>
  world.applicationWithToken(tokenOf(request))?.id ?? (request.params as { applicationId?: string }).applicationId;

const recordInteraction = (ledger: Ledger, { application, channel, id, user }: Interaction): void => {
  ledger.record({
    type: 'interaction',
    applicationId: application.id,
    authorId: user.id,
    channelId: channel.id,
    interactionId: id,
  });
};
