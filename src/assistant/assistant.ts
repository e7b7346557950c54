import { setTimeout as sleep } from 'node:timers/promises';
import { Client, GatewayDispatchEvents } from '@discordjs/core';
import type { Droas, GatewayReport, StopIntent } from '../bot/index.ts';
import { type Incoming, isForUs, questionOf } from './address.ts';
import { answer, type Desk, say } from './answer.ts';
import { type Command, register, run } from './commands.ts';
import { Conversations } from './conversation.ts';
import { createGateway } from './gateway.ts';
import { log } from './log.ts';
import { createModel } from './model.ts';
import { usualPace } from './publish.ts';
import { ChannelQueues } from './queue.ts';
import { createRest } from './rest.ts';
import { sentences } from './sentences.ts';
import type { Settings } from './settings.ts';

export type Assistant = {
  /** Connects to Discord. @throws Error when Discord allows no further IDENTIFY today */
  start(): Promise<void>;
  /** Takes no new work, finishes what is under way within `limitMs`, then leaves Discord as `intent` says by then. */
  stop(intent: () => StopIntent, limitMs: number): Promise<void>;
  /** `pending` are questions that wait or are being answered. */
  counters(): { readonly answers: number; readonly modelErrors: number; readonly pending: number };
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
  const rest = createRest(settings, () =>
    fail({ state: 'fatal', unauthorized: true }, 'Discord refused the token (HTTP 401)'),
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
  const conversations = new Conversations(settings.conversationMessages);
  const interrupt = new AbortController();
  /** Channels that were told about the restart. */
  const told = new Set<string>();
  const desk: Desk = {
    api: client.api,
    model: createModel(settings),
    conversations,
    systemPrompt: settings.systemPrompt,
    tally,
    interrupt: interrupt.signal,
    pace: usualPace,
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

  client.on(GatewayDispatchEvents.MessageCreate, ({ data }) => {
    if (us && isForUs(data, us.user)) hear(data, questionOf(data, us.user));
  });
  client.on(GatewayDispatchEvents.InteractionCreate, ({ data }) => void run(commands, data, client.api));

  function hear(message: Incoming, question: string): void {
    if (question === '') {
      void say(message, sentences.empty, client.api);
      return;
    }
    const admission = queues.offer(message.channel_id, () => answer(message, question, desk));
    if (admission === 'full') void say(message, sentences.full, client.api);
    if (admission === 'closed' && !told.has(message.channel_id)) {
      told.add(message.channel_id);
      void say(message, sentences.restarting, client.api);
    }
  }

  return {
    start: () => gateway.open(),
    counters: () => ({ ...tally, pending: queues.pending }),
    async stop(intent, limitMs) {
      queues.close();
      log('INFO', 'stopping', { pending: queues.pending });
      await Promise.race([queues.idle(), sleep(limitMs)]);
      interrupt.abort();
      await Promise.race([queues.idle(), sleep(lastWordsMs)]);
      await gateway.close(intent());
    },
  };
}
