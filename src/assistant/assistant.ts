import { setTimeout as sleep } from 'node:timers/promises';
import { Client, GatewayDispatchEvents } from '@discordjs/core';
import type { Counters, Droas, GatewayReport, StopIntent } from '../bot/index.ts';
import type { KnownCounters } from '../protocol/counters.ts';
import { answer, type Desk } from './answer.ts';
import { Budget } from './budget.ts';
import { type Command, register, run } from './commands.ts';
import { Conversations } from './conversation.ts';
import { EditPace } from './edit-pace.ts';
import { createGateway } from './gateway.ts';
import { log } from './log.ts';
import { createModel } from './model.ts';
import { ModelHealth } from './model-health.ts';
import { watchModel } from './model-watch.ts';
import { usualPace } from './publish.ts';
import { ChannelQueues } from './queue.ts';
import { createReception } from './reception.ts';
import { createRest } from './rest.ts';
import { sentences } from './sentences.ts';
import type { Settings } from './settings.ts';

export type Assistant = {
  /** Connects to Discord. @throws Error when Discord allows no further IDENTIFY today */
  start(): Promise<void>;
  /** Takes no new work, finishes what is under way within `limitMs`, then leaves Discord as `intent` says by then. */
  stop(intent: () => StopIntent, limitMs: number): Promise<void>;
  /** For heartbeats. `pending` are questions that wait or are being answered. */
  counters(): Counters;
};

/** For an interrupted answer to say so. */
const lastWordsMs = 1_000;

/**
 * Answers people on Discord with what a language model says. `fatal` is called, after the supervisor was told, when
 * Discord will not have this bot again.
 */
export function createAssistant(
  settings: Settings,
  supervisor: Pick<Droas, 'ready' | 'gateway'>,
  fatal: (sentence: string) => void,
): Assistant {
  const fail = (report: GatewayReport, sentence: string) => {
    supervisor.gateway(report);
    fatal(sentence);
  };
  const editPace = new EditPace();
  const rest = createRest(
    settings,
    () => fail({ state: 'fatal', unauthorized: true }, 'Discord refused the token (HTTP 401)'),
    (method, url, headers) => editPace.heard(method, url, headers),
  );
  let us: { readonly user: string; readonly application: string } | null = null;
  const gateway = createGateway(rest, settings.token, {
    report: (report) => supervisor.gateway(report),
    ready({ user, application, guilds }) {
      const first = us === null;
      us = { user: user.id, application: application.id };
      log('INFO', 'ready', { user: user.id, guilds: guilds.length });
      supervisor.ready(`${user.username}, ${guilds.length} guilds`);
      if (first) void register(commands, application.id, client.api);
    },
    fatal: fail,
  });
  const client = new Client({ rest, gateway: gateway.manager });

  const tally = { answers: 0, modelErrors: 0 };
  const queues = new ChannelQueues();
  const conversations = new Conversations({
    messages: settings.conversationMessages,
    tokens: settings.conversationTokens,
    channels: settings.conversationChannels,
  });
  const budget = new Budget(settings.llm.budget, settings.spent);
  const model = createModel(settings);
  const health = new ModelHealth();
  const watch = watchModel(model, health);
  const interrupt = new AbortController();
  const desk: Desk = {
    api: client.api,
    model,
    prompts: settings,
    conversations,
    budget,
    health: {
      answered: (firstPartMs) => health.answered(firstPartMs),
      failed(fault) {
        health.failed(fault);
        watch.look();
      },
    },
    tally,
    interrupt: interrupt.signal,
    pace: usualPace,
    editPace,
  };

  const commands: readonly Command[] = [
    {
      name: 'ping',
      description: 'Shows that the bot is there, and how far away Discord is',
      discreet: true,
      run: () => `Pong. Discord answers in ${gateway.latencyMs() ?? '?'} ms.`,
    },
    {
      name: 'reset',
      description: 'Makes the bot forget what was said in this channel',
      discreet: false,
      run: (channel) => (conversations.forget(channel) ? sentences.forgotten : sentences.nothingToForget),
    },
  ];

  const receive = createReception({
    api: client.api,
    settings,
    budget,
    queues,
    answer: (message, question) => answer(message, question, desk),
  });
  client.on(GatewayDispatchEvents.MessageCreate, ({ data }) => {
    if (us) receive(data, us.user);
  });
  client.on(GatewayDispatchEvents.InteractionCreate, ({ data }) => void run(commands, data, client.api));

  return {
    async start() {
      await gateway.open();
      watch.look();
    },
    counters: () => ({ ...tally, pending: queues.pending, ...health.counters(), ...spentCounters(budget) }),
    async stop(intent, limitMs) {
      queues.close();
      watch.end();
      log('INFO', 'stopping', { pending: queues.pending });
      await Promise.race([queues.idle(), sleep(limitMs)]);
      interrupt.abort();
      await Promise.race([queues.idle(), sleep(lastWordsMs)]);
      await gateway.close(intent());
    },
  };
}

function spentCounters(budget: Budget): KnownCounters & Counters {
  const { day, requests, tokens } = budget.spent;
  return { spentDay: day, spentRequests: requests, spentTokens: tokens };
}
