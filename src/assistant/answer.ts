import type { API } from '@discordjs/core';
import { MessageReferenceType } from 'discord-api-types/v10';
import type { Incoming } from './address.ts';
import type { Budget } from './budget.ts';
import type { Conversations } from './conversation.ts';
import type { EditPace } from './edit-pace.ts';
import { errorFacts, log } from './log.ts';
import type { Model } from './model.ts';
import { ModelFault } from './model-fault.ts';
import type { ModelHealth } from './model-health.ts';
import { type Prompts, promptFor } from './prompt.ts';
import { type Pace, type Page, publish } from './publish.ts';
import { apologyFor, sentences } from './sentences.ts';

/** What answers need, and what they change. */
export type Desk = {
  readonly api: API;
  readonly model: Model;
  readonly prompts: Prompts;
  readonly conversations: Conversations;
  readonly budget: Pick<Budget, 'spend'>;
  readonly health: Pick<ModelHealth, 'answered' | 'failed'>;
  readonly tally: { answers: number; modelErrors: number };
  /** Aborts what is under way: the bot has to end now. */
  readonly interrupt: AbortSignal;
  readonly pace: Pace;
  readonly editPace: EditPace;
};

/** Nobody is ever pinged by what a model writes. */
export const nobody = { parse: [], replied_user: false };

/** Discord shows "typing" for ten seconds. */
const typingEveryMs = 8_000;

/** Answers one message. Every outcome is logged and counted, none is thrown. */
export async function answer(message: Incoming, question: string, desk: Desk): Promise<void> {
  const startedMs = performance.now();
  const facts = { channel: message.channel_id, message: message.id };
  const abandoned = new AbortController();
  const typing = keepTyping(desk.api, message.channel_id);
  let failure: unknown = null;
  let firstPartMs: number | null = null;
  let answerTokens: number | null = null;

  async function* parts(): AsyncGenerator<string, void> {
    const prompt = promptFor(message, question, desk.prompts, desk.conversations);
    try {
      yield* desk.model.answer(prompt, AbortSignal.any([desk.interrupt, abandoned.signal]), {
        begun: () => {
          firstPartMs = performance.now() - startedMs;
        },
        spent: (usage) => {
          desk.budget.spend(usage.prompt + usage.answer);
          answerTokens = usage.answer;
        },
      });
    } catch (error) {
      failure = error;
      yield lastWords(error, firstPartMs !== null, desk.interrupt.aborted);
    }
  }

  try {
    const text = await publish(parts(), pageFor(message, desk, typing.end), desk.pace);
    const ms = Math.round(performance.now() - startedMs);
    if (failure === null) {
      desk.tally.answers++;
      desk.health.answered(firstPartMs ?? ms);
      desk.conversations.add(message.channel_id, question, text, answerTokens);
      log('INFO', 'answered', { ...facts, asked: question.length, said: text.length, ms });
    } else if (desk.interrupt.aborted) {
      log('WARN', 'answer interrupted', { ...facts, ms });
    } else {
      desk.tally.modelErrors++;
      desk.health.failed(faultOf(failure));
      log('WARN', 'model failed', { ...facts, ...errorFacts(failure), ms });
    }
  } catch (error) {
    log('WARN', 'answer could not be posted', { ...facts, ...errorFacts(error) });
  } finally {
    abandoned.abort();
    typing.end();
  }
}

/** What else it may be is our own mistake, and no reason to say that the model cannot be reached. */
const faultOf = (error: unknown): ModelFault =>
  error instanceof ModelFault ? error : new ModelFault('garbled', { cause: error });

/** What was said stays, and is marked as being a part. */
function lastWords(error: unknown, begun: boolean, interrupted: boolean): string {
  const gap = begun ? '\n\n' : '';
  if (interrupted) return gap + sentences.interrupted;
  return gap + (begun ? sentences.brokenOff : apologyFor(faultOf(error).kind));
}

/** The first message of an answer refers to the question; the nonce keeps a repeated request from posting twice. */
function pageFor(message: Incoming, { api, editPace }: Pick<Desk, 'api' | 'editPace'>, begun: () => void): Page {
  return {
    async create(content, index) {
      const id = await post(message, content, index, api);
      begun();
      return id;
    },
    async edit(id, content) {
      await api.channels.editMessage(message.channel_id, id, { content, allowed_mentions: nobody });
    },
    restMs: () => editPace.restMs(message.channel_id),
  };
}

async function post(message: Incoming, content: string, index: number, api: API): Promise<string> {
  const { id } = await api.channels.createMessage(message.channel_id, {
    content,
    allowed_mentions: nobody,
    nonce: `${message.id}.${index}`,
    enforce_nonce: true,
    ...(index === 0 ? { message_reference: referenceTo(message) } : {}),
  });
  return id;
}

/** Says one sentence in answer to a message. Failing to is logged only. */
export async function say(message: Incoming, sentence: string, api: API): Promise<void> {
  try {
    await post(message, sentence, 0, api);
  } catch (error) {
    log('WARN', 'reply could not be posted', {
      channel: message.channel_id,
      message: message.id,
      ...errorFacts(error),
    });
  }
}

const referenceTo = ({ id }: Incoming) => ({
  type: MessageReferenceType.Default,
  message_id: id,
  fail_if_not_exists: false,
});

/** A typing indicator is a nicety: when it fails nothing is lost. */
function keepTyping(api: API, channel: string): { end(): void } {
  const show = () => void api.channels.showTyping(channel).catch(() => {});
  show();
  const timer = setInterval(show, typingEveryMs);
  return { end: () => clearInterval(timer) };
}
