import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { sentences } from '../../src/assistant/sentences.ts';
import type { Prompt } from '../../src/emulator/llm/completion.ts';
import { understand } from '../../src/protocol/counters.ts';
import { LiveAssistant } from './live-assistant.ts';

describe('the assistant', () => {
  let live: LiveAssistant;
  let channel: string;
  let prompts: Prompt[];
  let model: (question: string) => string;

  const texts = (prompt: Prompt | undefined) => prompt?.map(({ role, text }) => `${role}: ${text}`);
  const said = () => live.said(channel).map(({ content }) => content);
  const restCalls = (method: string, route: RegExp) =>
    live.emulator.ledger
      .entries({ type: 'rest' })
      .filter((entry) => entry.method === method && route.test(entry.route ?? '')).length;

  before(async () => {
    const answer = (prompt: Prompt) => {
      prompts.push(prompt);
      return model(prompt.at(-1)?.text ?? '');
    };
    live = await LiveAssistant.serving({ fromSource: true, emulator: { llm: { answer, chunkDelayMs: 4 } } });
  });
  beforeEach(() => {
    channel = live.nextChannel();
    prompts = [];
    model = (question) => `You said ${question}`;
  });
  after(() => live[Symbol.asyncDispose]());

  it('answers mentions, replies and direct messages, and nobody else', async () => {
    const asked = live.mention(channel, 'what');
    await live.logged(channel, 'INFO answered');
    const [answer] = live.said(channel);
    assert.equal(answer?.content, 'You said what');
    assert.equal(answer.replyTo, asked.id);
    assert.deepEqual(answer.mentions, [], 'nobody is pinged');

    live.emulator.say({ channelId: channel, content: 'why', replyTo: answer.id });
    await live.logged(channel, 'INFO answered', 2);
    live.emulator.say({ channelId: channel, content: 'not for the bot' });
    const direct = live.emulator.directMessage({ applicationId: live.application.id, content: 'secretly' });
    await live.logged(direct.channelId, 'INFO answered');
    assert.deepEqual(said(), ['You said what', 'You said [in reply to your message]\n> You said what\nwhy']);
    assert.equal(live.said(direct.channelId)[0]?.content, 'You said secretly');
    assert.equal(prompts.length, 3);
  });

  it('asks for a question when it cannot see one', async () => {
    live.mention(channel, '');
    await live.until(() => said().length === 1);
    assert.deepEqual(said(), [sentences.empty]);
    assert.equal(prompts.length, 0);
  });

  it('streams: types, posts the first sentence, then edits', async () => {
    const words = `A first sentence. ${'And more. '.repeat(100).trim()}`;
    model = () => words;
    const editsBefore = restCalls('PATCH', /messages/);
    const typingBefore = restCalls('POST', /typing/);
    live.mention(channel, 'tell me');
    await live.until(() => said().length === 1);
    assert.match(said()[0] ?? '', /^A first sentence\./);
    assert.ok((said()[0]?.length ?? 0) < words.length);
    await live.logged(channel, 'INFO answered');
    assert.deepEqual(said(), [words]);
    const edits = restCalls('PATCH', /messages/) - editsBefore;
    assert.ok(edits >= 1 && edits <= 3, `${edits} edits within some two seconds`);
    assert.equal(restCalls('POST', /typing/) - typingBefore, 1);
  });

  it('splits what is longer than a message', async () => {
    const long = Array.from({ length: 400 }, (_, n) => `word${n}`).join(' ');
    model = () => long;
    const asked = live.mention(channel, 'tell me all');
    await live.logged(channel, 'INFO answered');
    assert.equal(said().length, 2);
    assert.equal(said().join(' '), long);
    assert.deepEqual(
      live.said(channel).map(({ replyTo }) => replyTo),
      [asked.id, null],
    );
  });

  it('gives the model its system prompt and a bounded conversation of this channel', async () => {
    let answers = 0;
    model = () => `answer ${++answers}`;
    for (let n = 1; n <= 4; n++) await live.ask(channel, `question ${n}`);
    await live.ask(live.nextChannel(), 'elsewhere');
    assert.deepEqual(texts(prompts[3]), [
      'system: You are kind.',
      'user: question 2',
      'assistant: answer 2',
      'user: question 3',
      'assistant: answer 3',
      'user: question 4',
    ]);
    assert.deepEqual(texts(prompts[4]), ['system: You are kind.', 'user: elsewhere']);
  });

  it('answers one question at a time per channel, and says so when too many wait', async () => {
    model = (question) => `${question} ${'word '.repeat(20)}`;
    for (const question of ['q1', 'q2', 'q3', 'q4', 'q5']) live.mention(channel, question);
    await live.until(() => said().includes(sentences.full));
    await live.logged(channel, 'INFO answered', 4);
    const answers = said().filter((content) => content !== sentences.full);
    assert.deepEqual(
      answers.map((content) => content.slice(0, 2)),
      ['q1', 'q2', 'q3', 'q4'],
    );
    assert.equal(said().length, 5);
  });

  it('apologizes when the model fails, and forgets the question', async () => {
    model = () => {
      throw new Error('overheard');
    };
    live.mention(channel, 'one');
    await live.logged(channel, 'WARN model failed');
    assert.deepEqual(said(), [sentences.modelFailed]);
    model = () => 'fine';
    await live.ask(channel, 'two');
    assert.deepEqual(texts(prompts.at(-1)), ['system: You are kind.', 'user: two']);
  });

  it('apologizes when the model says nothing', async () => {
    model = () => '';
    live.mention(channel, 'nothing?');
    await live.logged(channel, 'kind=empty');
    assert.deepEqual(said(), [sentences.modelFailed]);
  });

  it('shows latency for /ping, and forgets the conversation for /reset', async () => {
    const use = (command: string) =>
      live.emulator.interact({ applicationId: live.application.id, channelId: channel, command });
    await live.until(() => live.application.commands.length === 2);
    await live.ask(channel, 'before');
    use('ping');
    await live.logged(channel, 'command=ping');
    assert.match(said()[1] ?? '', /^Pong\. Discord answers in (\d+|\?) ms\.$/);
    use('reset');
    await live.logged(channel, 'command=reset');
    use('reset');
    await live.logged(channel, 'command=reset', 2);
    assert.deepEqual(said().slice(2), [sentences.forgotten, sentences.nothingToForget]);
    await live.ask(channel, 'after');
    assert.deepEqual(texts(prompts.at(-1)), ['system: You are kind.', 'user: after']);
  });

  it('counts its answers and errors in the heartbeat', async () => {
    const heartbeats = () => live.supervisor.messages.filter(({ method }) => method === 'heartbeat');
    const before = heartbeats().length;
    live.supervisor.channel.send({ method: 'ping', params: {} });
    await live.supervisor.until(() => heartbeats().length > before);
    const beat = heartbeats().at(-1);
    assert.ok(beat?.method === 'heartbeat');
    const { answers = 0, modelErrors, pending, ...counters } = beat.params.counters ?? {};
    assert.ok(answers > 10);
    assert.deepEqual([modelErrors, pending], [2, 0]);
    const { work, model, spent, others } = understand(counters);
    assert.deepEqual([work?.done, work?.failed], [answers, 2]);
    assert.equal(model?.reachable, true);
    assert.equal(spent?.requests, answers + 2);
    assert.ok((spent?.tokens ?? 0) > answers);
    assert.deepEqual(others, {});
  });

  it('never logs what people write, what it answers, or a secret', async () => {
    model = () => 'confidential';
    await live.ask(channel, 'my diagnosis');
    const parts = live.application.token.split('.');
    for (const word of ['diagnosis', 'confidential', 'overheard', 'question', 'You ', live.secret, ...parts]) {
      assert.equal(live.output.includes(word), false, word);
    }
    assert.match(live.output, /INFO answered channel=\d+ message=\d+ asked=12 said=12 ms=\d+\n/);
  });
});
