import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { API } from '@discordjs/core';
import type { GatewayInteractionCreateDispatchData } from 'discord-api-types/v10';
import type { Incoming } from '../../src/assistant/address.ts';
import { answer, type Desk, say } from '../../src/assistant/answer.ts';
import { register, run } from '../../src/assistant/commands.ts';
import { Conversations } from '../../src/assistant/conversation.ts';
import { EditPace } from '../../src/assistant/edit-pace.ts';
import { usualPace } from '../../src/assistant/publish.ts';
import { createRest } from '../../src/assistant/rest.ts';
import { createEmulator, type Emulator } from '../../src/emulator/index.ts';

describe('what Discord does not let the assistant post', () => {
  let emulator: Emulator;
  let api: API;
  let unauthorized = 0;
  const message = { id: '9', channel_id: '1234' } as unknown as Incoming;
  const prompts = { systemPrompt: '', prompts: {}, conversationTokens: 100 };

  before(async () => {
    emulator = await createEmulator();
    const { token } = emulator.createApplication();
    api = new API(
      createRest({ token, discordApi: emulator.url }, () => {
        unauthorized++;
      }),
    );
  });
  after(() => emulator.close());

  it('is not counted as an answer, is not remembered, and ends the question to the model', async () => {
    let signal: AbortSignal | undefined;
    const conversations = new Conversations({ messages: 2, tokens: 100, channels: 2 });
    const desk: Desk = {
      api,
      model: {
        async *answer(prompt, withdrawn, { begun }) {
          assert.deepEqual(prompt, [{ role: 'user', content: 'why?' }], 'without a system prompt there is none');
          signal = withdrawn;
          begun();
          yield 'Because. ';
          await new Promise((_, reject) => withdrawn.addEventListener('abort', () => reject(withdrawn.reason)));
        },
        check: () => assert.fail(),
      },
      prompts,
      conversations,
      budget: { spend: () => assert.fail() },
      health: { answered: () => assert.fail(), failed: () => assert.fail() },
      tally: { answers: 0, modelErrors: 0 },
      interrupt: new AbortController().signal,
      pace: usualPace,
      editPace: new EditPace(),
    };
    await answer(message, 'why?', desk);
    assert.equal(signal?.aborted, true);
    assert.deepEqual(desk.tally, { answers: 0, modelErrors: 0 });
    assert.deepEqual(conversations.of('1234', 100), []);
  });

  it('is otherwise no error either: sentences, commands, registration', async () => {
    const ping = { name: 'ping', description: 'Pings', discreet: true, run: () => 'Pong' };
    const interaction = (name: string, type = 2) =>
      ({
        id: '77',
        token: 'none',
        type,
        data: { name, type: 1 },
        channel: { id: '1234' },
      }) as unknown as GatewayInteractionCreateDispatchData;
    const calls = () => emulator.ledger.count('rest');
    const before = calls();
    await say(message, 'sorry', api);
    await run([ping], interaction('ping'), api);
    await register([ping], '4321', api);
    assert.equal(calls(), before + 3);
    await run([ping], interaction('unknown'), api);
    await run([ping], interaction('ping', 3), api);
    assert.equal(calls(), before + 3, 'what is not ours is left alone');
  });

  it('for want of a right says nothing about the token', () => assert.equal(unauthorized, 0));
});
