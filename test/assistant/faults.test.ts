import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { sentences } from '../../src/assistant/sentences.ts';
import type { FaultSpec } from '../../src/emulator/faults/fault.ts';
import { understand } from '../../src/protocol/counters.ts';
import { LiveAssistant } from './live-assistant.ts';
import { chunk, done, type Handle, llmServer, stream } from './llm-server.ts';

const refuse =
  (status: number): Handle =>
  (_, response) =>
    response.writeHead(status).end('{"error": {"message": "Incorrect API key: overheard"}}');
const halfAnAnswer = 'Half of an answer. ';

describe('a model that fails people', () => {
  let live: LiveAssistant;
  let server: Awaited<ReturnType<typeof llmServer>>;
  let handle: Handle;
  let checked: Handle = refuse(404);

  const ask = async (what: string, log = 'WARN model failed'): Promise<readonly string[]> => {
    const channel = live.nextChannel();
    live.mention(channel, what);
    await live.logged(channel, log);
    return live.said(channel).map(({ content }) => content);
  };
  /** What the next heartbeat tells. */
  const told = async () => {
    const heartbeats = () => live.supervisor.messages.filter(({ method }) => method === 'heartbeat');
    const before = heartbeats().length;
    live.supervisor.channel.send({ method: 'ping', params: {} });
    await live.supervisor.until(() => heartbeats().length > before);
    const beat = heartbeats().at(-1);
    return understand((beat?.method === 'heartbeat' && beat.params.counters) || {});
  };

  before(async () => {
    server = await llmServer((request, response) => (request.method === 'GET' ? checked : handle)(request, response));
    live = await LiveAssistant.serving({ fromSource: true, llm: { baseUrl: server.baseUrl, timeoutMs: 1_500 } });
  });
  after(async () => {
    await live[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  it('at the second attempt answers at once with the whole', async () => {
    let asked = 0;
    handle = (_, response) => {
      if (++asked === 1) response.writeHead(500).end();
      else stream(response).end(`${chunk('Now.')}${done}`);
    };
    assert.deepEqual(await ask('again?', 'INFO answered'), ['Now.']);
    assert.equal(asked, 2);
  });

  it('in the middle: what it said stays, marked, in one message', async () => {
    handle = (_, response) => {
      stream(response).write(chunk(halfAnAnswer));
      setTimeout(() => response.destroy(), 100);
    };
    assert.deepEqual(await ask('cut?'), [`${halfAnAnswer}\n\n${sentences.brokenOff}`]);
  });

  it('by falling silent: the same', async () => {
    handle = (_, response) => stream(response).write(chunk(halfAnAnswer));
    assert.deepEqual(await ask('silent?'), [`${halfAnAnswer}\n\n${sentences.brokenOff}`]);
  });

  it('until a person acts is told to people politely, and to the operator with its status', async () => {
    for (const status of [401, 404]) {
      handle = refuse(status);
      assert.deepEqual(await ask('refused?'), [sentences.modelRefused]);
      assert.equal((await told()).model?.refusal, status);
      assert.ok(live.output.includes(`kind=refused status=${status}`));
    }
    handle = (_, response) => stream(response).end(`${chunk('Back.')}${done}`);
    await ask('back?', 'INFO answered');
    assert.equal((await told()).model?.refusal, null);
  });

  it('in another way has a sentence each', async () => {
    for (const [answer, sentence] of [
      [(_, response) => response.writeHead(429, { 'retry-after': '60' }).end('{}'), sentences.modelBusy],
      [(_, response) => response.writeHead(400).end('{}'), sentences.questionRejected],
      [() => {}, sentences.modelFailed],
    ] as const satisfies readonly (readonly [Handle, string])[]) {
      handle = answer;
      assert.deepEqual(await ask('why?'), [sentence]);
    }
  });

  it('by being away is looked for, and the operator hears of it', async () => {
    const looked = Promise.withResolvers<void>();
    checked = (request) => {
      looked.resolve();
      request.socket.destroy();
    };
    handle = (request) => request.socket.destroy();
    assert.deepEqual(await ask('away?'), [sentences.modelFailed]);
    await looked.promise;
    await live.until(() => live.output.includes('WARN model cannot be used'));
    assert.equal((await told()).model?.reachable, false);
  });

  it('never shows an error, the key or what was said', () => {
    const everything = live.output + JSON.stringify(live.supervisor.messages);
    for (const word of ['Incorrect', 'overheard', live.secret, 'cut?', 'Half of']) {
      assert.equal(everything.includes(word), false, word);
    }
  });
});

describe('every fault of the emulated model', () => {
  const whole = (question: string) => `[emulated model] You said: ${question}`;
  const marked = (question: string, said: string) =>
    said.endsWith(`\n\n${sentences.brokenOff}`) && whole(question).startsWith(said.split('\n\n')[0] ?? 'nothing');
  type Outcome = (question: string, said: string) => boolean;
  const faults: readonly (readonly [FaultSpec & { readonly fault: `llm-${string}` }, Outcome])[] = [
    [{ fault: 'llm-error', status: 429, retryAfterMs: 1_000, count: 1 }, (question, said) => said === whole(question)],
    [{ fault: 'llm-error', status: 503, count: 2 }, (question, said) => said === whole(question)],
    [{ fault: 'llm-error', status: 401 }, (_, said) => said === sentences.modelRefused],
    [{ fault: 'llm-error', status: 500 }, (_, said) => said === sentences.modelFailed],
    [{ fault: 'llm-silence', silenceMs: 60_000 }, marked],
    [{ fault: 'llm-slow', tokenMs: 300 }, (question, said) => said === whole(question)],
    [{ fault: 'llm-cut' }, marked],
    [{ fault: 'llm-split' }, (question, said) => said === `${whole(question)} 🙂`],
    [{ fault: 'llm-bad-json' }, marked],
    [{ fault: 'llm-content-type', count: 1 }, (question, said) => said === whole(question)],
  ];

  it('ends in one message that people understand', async () => {
    await using live = await LiveAssistant.serving({ llm: { timeoutMs: 1_500 } });
    await Promise.all(
      faults.map(async ([fault, isRight], number) => {
        const question = `question number ${number}, about ${fault.fault} and other things`;
        live.emulator.faults.set({ ...fault, prompt: `number ${number},` });
        const channel = live.nextChannel();
        const message = live.mention(channel, question);
        await live.logged(channel, `message=${message.id} `);
        const said = live.said(channel).map(({ content }) => content);
        assert.equal(said.length, 1, question);
        assert.ok(isRight(question, said[0] ?? ''), `${question}: ${said[0]}`);
      }),
    );
  });
});
