import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import OpenAI from 'openai';
import type { Emulator, FaultSpec } from '../../src/emulator/index.ts';
import { createEmulator } from '../../src/emulator/index.ts';

describe('a fault of the model', () => {
  let emulator: Emulator;
  before(async () => {
    emulator = await createEmulator({ llm: { chunkDelayMs: 1 }, seed: 1 });
  });
  beforeEach(() => emulator.faults.clearAll());
  after(() => emulator.close());

  const openai = (apiKey = 'any', maxRetries = 0) => new OpenAI({ baseURL: emulator.llmUrl, apiKey, maxRetries });
  const said = (content: string) => ({ model: 'm', messages: [{ role: 'user' as const, content }] });
  const once = (fault: FaultSpec) => emulator.faults.set({ ...fault, count: 1 } as FaultSpec);
  const stream = async (content: string, onPiece: () => void = () => {}) => {
    const pieces: string[] = [];
    for await (const chunk of await openai().chat.completions.create({ ...said(content), stream: true })) {
      pieces.push(chunk.choices[0]?.delta.content ?? '');
      onPiece();
    }
    return pieces.join('');
  };
  const raw = (content: string, more: object = {}) =>
    fetch(`${emulator.llmUrl}/chat/completions`, {
      method: 'POST',
      headers: { authorization: 'Bearer any', 'content-type': 'application/json' },
      body: JSON.stringify({ ...said(content), ...more }),
    });

  it('is too many requests, with the time to wait; the library waits and tries again', async () => {
    once({ fault: 'llm-error', status: 429, retryAfterMs: 1_500 });
    const refused = await raw('x');
    assert.deepEqual([refused.status, refused.headers.get('retry-after')], [429, '2']);
    assert.equal(((await refused.json()) as { error: { code: string } }).error.code, 'rate_limit_exceeded');
    once({ fault: 'llm-error', status: 429, retryAfterMs: 0 });
    const { choices } = await openai('any', 1).chat.completions.create(said('x'));
    assert.match(choices[0]?.message.content ?? '', /You said: x/);
  });

  it('is a server error', async () => {
    once({ fault: 'llm-error' });
    await assert.rejects(openai().chat.completions.create(said('x')), { status: 500 });
  });

  it('hits one key, or one prompt', async () => {
    emulator.faults.set({ fault: 'llm-error', key: 'poor' });
    emulator.faults.set({ fault: 'llm-error', status: 503, prompt: 'story' });
    await assert.rejects(openai('poor').chat.completions.create(said('x')), { status: 500 });
    await assert.rejects(openai().chat.completions.create(said('tell me a story')), { status: 503 });
    await openai().chat.completions.create(said('x'));
  });

  it('cuts a stream in the middle, and a whole answer too', async () => {
    once({ fault: 'llm-cut' });
    let pieces = 0;
    await assert.rejects(stream('a b c d', () => pieces++));
    assert.ok(pieces > 2 && pieces < 8, String(pieces));
    once({ fault: 'llm-cut' });
    const response = await raw('a b c d');
    assert.equal(response.status, 200);
    await assert.rejects(response.text());
  });

  it('splits a character, and whoever decodes chunk by chunk sees it broken', async () => {
    for (const content of ['grüße', 'plain']) {
      once({ fault: 'llm-split' });
      const chunks: Uint8Array[] = [];
      const { body } = await raw(content, { stream: true });
      assert.ok(body);
      for await (const chunk of body) chunks.push(chunk as Uint8Array);
      const naive = chunks.map((chunk) => new TextDecoder().decode(chunk)).join('');
      assert.match(naive, /\ufffd/);
      assert.doesNotMatch(Buffer.concat(chunks).toString(), /\ufffd/);
    }
    once({ fault: 'llm-split' });
    assert.match(await stream('plain'), /plain 🙂$/);
  });

  it('is silent in the middle, and goes on', async () => {
    once({ fault: 'llm-silence', silenceMs: 80 });
    let longestMs = 0;
    let lastMs = performance.now();
    const answer = await stream('a b c d', () => {
      longestMs = Math.max(longestMs, performance.now() - lastMs);
      lastMs = performance.now();
    });
    assert.ok(longestMs >= 70, String(longestMs));
    assert.match(answer, /a b c d$/);
  });

  it('is silent before a whole answer, for a minute unless told; nobody waits for it who is gone', async () => {
    const other = await createEmulator();
    other.faults.set({ fault: 'llm-silence' });
    const client = new OpenAI({ baseURL: other.llmUrl, apiKey: 'any', maxRetries: 0, timeout: 100 });
    await assert.rejects(client.chat.completions.create(said('x')), /timed out/i);
    await other.close();
  });

  it('gives tokens slowly', async () => {
    once({ fault: 'llm-slow', tokenMs: 20 });
    const startedMs = performance.now();
    await stream('a b');
    assert.ok(performance.now() - startedMs >= 80);
    once({ fault: 'llm-slow', tokenMs: 20 });
    const wholeMs = performance.now();
    await openai().chat.completions.create(said('a b'));
    assert.ok(performance.now() - wholeMs >= 80);
  });

  it('is wrong JSON, streamed and whole', async () => {
    once({ fault: 'llm-bad-json' });
    const events = (await (await raw('a b c d', { stream: true })).text()).split('\n\n');
    const broken = events.filter((event) => !/^data: (\{.*\}|\[DONE\])$|^$/.test(event));
    assert.equal(broken.length, 1);
    assert.throws(() => JSON.parse(broken[0]?.slice('data: '.length) ?? '{}'), SyntaxError);
    once({ fault: 'llm-bad-json' });
    const response = await raw('x');
    assert.equal(response.status, 200);
    await assert.rejects(response.json(), SyntaxError);
  });

  it('is another content type', async () => {
    once({ fault: 'llm-content-type' });
    const response = await raw('x');
    assert.deepEqual([response.status, response.headers.get('content-type')], [200, 'text/html; charset=utf-8']);
    assert.match(await response.text(), /not the model/);
  });

  it('leaves the numbers of usage right', async () => {
    once({ fault: 'llm-slow', tokenMs: 1 });
    const { usage } = await openai().chat.completions.create(said('one two'));
    assert.deepEqual(usage, { prompt_tokens: 2, completion_tokens: 6, total_tokens: 8 });
  });
});
