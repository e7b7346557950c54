import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import OpenAI from 'openai';
import type { Emulator } from '../../src/emulator/index.ts';
import { createEmulator } from '../../src/emulator/index.ts';

describe('the OpenAI-compatible endpoint', () => {
  let emulator: Emulator;
  let openai: OpenAI;
  before(async () => {
    emulator = await createEmulator({ llm: { chunkDelayMs: 1 } });
    openai = new OpenAI({ baseURL: emulator.llmUrl, apiKey: 'any', maxRetries: 0 });
  });
  after(() => emulator.close());
  const ask = (content: string) => ({ model: 'm', messages: [{ role: 'user' as const, content }] });

  it('answers visibly synthetic, always the same for the same input', async () => {
    for (const _ of [1, 2]) {
      const answer = await openai.chat.completions.create({
        model: 'some-model',
        messages: [
          { role: 'system', content: 'Be kind.' },
          { role: 'user', content: 'earlier' },
          { role: 'assistant', content: null },
          {
            role: 'user',
            content: [
              { type: 'text', text: 'good ' },
              { type: 'text', text: 'morning' },
            ],
          },
        ],
      });
      assert.equal(answer.model, 'some-model');
      assert.equal(answer.choices[0]?.message.content, '[emulated model] You said: good morning');
      assert.equal(answer.choices[0]?.finish_reason, 'stop');
      assert.deepEqual(answer.usage, { prompt_tokens: 5, completion_tokens: 6, total_tokens: 11 });
    }
  });

  it('streams in several chunks that add up, with usage on request', async () => {
    const stream = await openai.chat.completions.create({
      ...ask('one two three'),
      stream: true,
      stream_options: { include_usage: true },
    });
    const chunks = await Array.fromAsync(stream);
    const pieces = chunks.flatMap((chunk) => chunk.choices[0]?.delta.content ?? []);
    assert.equal(pieces.join(''), '[emulated model] You said: one two three');
    assert.ok(pieces.length > 5);
    assert.equal(chunks.at(-2)?.choices[0]?.finish_reason, 'stop');
    assert.equal(chunks.at(-1)?.usage?.completion_tokens, 7);
  });

  it('stops at the number of tokens asked for', async () => {
    for (const limit of [{ max_tokens: 2 }, { max_completion_tokens: 2 }]) {
      const { choices } = await openai.chat.completions.create({ ...ask('one'), ...limit });
      assert.deepEqual([choices[0]?.message.content, choices[0]?.finish_reason], ['[emulated model]', 'length']);
    }
  });

  it('outlives a client that leaves in the middle of a stream', async () => {
    const controller = new AbortController();
    const stream = await openai.chat.completions.create(
      { ...ask('a b c d e f g'), stream: true },
      { signal: controller.signal },
    );
    for await (const _ of stream) controller.abort();
    assert.equal((await openai.models.list()).data[0]?.id, 'emulated-model');
  });

  it('wants a key, any', async () => {
    const keyless = await fetch(`${emulator.llmUrl}/models`);
    assert.equal(keyless.status, 401);
    assert.equal(((await keyless.json()) as { error: { code: string } }).error.code, 'invalid_api_key');
  });

  it('refuses what is no request in OpenAI’s form', async () => {
    await assert.rejects(
      openai.chat.completions.create({ model: 'm', messages: [] }),
      (error: { status?: number; message: string }) => error.status === 400 && /messages/.test(error.message),
    );
    await assert.rejects(
      openai.embeddings.create({ model: 'm', input: 'x' }),
      (error: { status?: number }) => error.status === 404,
    );
    const broken = await fetch(`${emulator.llmUrl}/chat/completions`, {
      method: 'POST',
      headers: { authorization: 'Bearer x', 'content-type': 'application/json' },
      body: '{',
    });
    assert.equal(broken.status, 400);
  });

  it('answers what the test wants, and fails when the test wants it to', async () => {
    await using other = await createEmulator({
      llm: {
        answer: (prompt) => {
          if (prompt[0]?.text === 'fail') throw new Error('the model is out of order');
          return 'x'.repeat(3_000);
        },
      },
    });
    const client = new OpenAI({ baseURL: other.llmUrl, apiKey: 'any', maxRetries: 0 });
    assert.equal((await client.chat.completions.create(ask('go'))).choices[0]?.message.content?.length, 3_000);
    await assert.rejects(client.chat.completions.create(ask('fail')), /500 the model is out of order/);
    assert.deepEqual(
      other.ledger.entries({ type: 'llm' }).map(({ status }) => status),
      [200, 500],
    );
  });
});
