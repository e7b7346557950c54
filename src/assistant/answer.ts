import type { API } from '@discordjs/core';
import { MessageReferenceType } from 'discord-api-types/v10';
import type { Incoming } from './address.ts';
import type { Conversations } from './conversation.ts';
import { errorFacts, log } from './log.ts';
import type { Message, Model } from './model.ts';
import { type Pace, type Page, publish } from './publish.ts';
import { sentences } from './sentences.ts';

/** What answers need, and what they change. */
export type Desk = {
  readonly api: API;
  readonly model: Model;
  readonly conversations: Conversations;
  readonly systemPrompt: string;
  readonly tally: { answers: number; modelErrors: number };
  /** Aborts what is under way: the bot has to end now. */
  readonly interrupt: AbortSignal;
  readonly pace: Pace;
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

  async function* parts(): AsyncGenerator<string, void> {
    let silent = true;
    try {
      const signal = AbortSignal.any([desk.interrupt, abandoned.signal]);
      for await (const part of desk.model.answer(promptFor(message.channel_id, question, desk), signal)) {
        silent = false;
        yield part;
      }
      if (silent) throw new EmptyAnswer();
    } catch (error) {
      failure = error;
      yield (silent ? '' : '\n\n') + apologyFor(error, desk);
    }
  }

  try {
    const text = await publish(parts(), pageFor(message, desk.api, typing.end), desk.pace);
    const ms = Math.round(performance.now() - startedMs);
    if (failure === null) {
      desk.tally.answers++;
      desk.conversations.add(message.channel_id, question, text);
      log('INFO', 'answered', { ...facts, asked: question.length, said: text.length, ms });
    } else if (desk.interrupt.aborted) {
      log('WARN', 'answer interrupted', { ...facts, ms });
    } else {
      desk.tally.modelErrors++;
      log('WARN', 'model failed', { ...facts, ...errorFacts(failure), ms });
    }
  } catch (error) {
    log('WARN', 'answer could not be posted', { ...facts, ...errorFacts(error) });
  } finally {
    abandoned.abort();
    typing.end();
  }
}

class EmptyAnswer extends Error {
  override readonly name = 'EmptyAnswer';
}

function promptFor(channel: string, question: string, { systemPrompt, conversations }: Desk): readonly Message[] {
  const system: readonly Message[] = systemPrompt === '' ? [] : [{ role: 'system', content: systemPrompt }];
  return [...system, ...conversations.of(channel), { role: 'user', content: question }];
}

function apologyFor(error: unknown, { interrupt }: Desk): string {
  if (interrupt.aborted) return sentences.interrupted;
  return (error as { status?: unknown } | null)?.status === 429 ? sentences.modelBusy : sentences.modelFailed;
}

/** The first message of an answer refers to the question; the nonce keeps a repeated request from posting twice. */
function pageFor(message: Incoming, api: API, begun: () => void): Page {
  return {
    async create(content, index) {
      begun();
      const { id } = await api.channels.createMessage(message.channel_id, {
        content,
        allowed_mentions: nobody,
        nonce: `${message.id}.${index}`,
        enforce_nonce: true,
        ...(index === 0 ? { message_reference: referenceTo(message) } : {}),
      });
      return id;
    },
    async edit(id, content) {
      await api.channels.editMessage(message.channel_id, id, { content, allowed_mentions: nobody });
    },
  };
}

/** Says one sentence in answer to a message. Failing to is logged only. */
export async function say(message: Incoming, sentence: string, api: API): Promise<void> {
  try {
    await pageFor(message, api, () => {}).create(sentence, 0);
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
