import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { Conversations } from '../../src/assistant/conversation.ts';
import { promptFor, tokensOf } from '../../src/assistant/prompt.ts';

const plenty = { messages: 100, tokens: 100_000, channels: 50 };
const contents = (conversations: Conversations, channel = 'c', tokens = 100_000) =>
  conversations.of(channel, tokens).map(({ content }) => content);
const talk = (conversations: Conversations, ...names: readonly (string | number)[]) => {
  for (const name of names) conversations.add('c', `q${name}`, `a${name}`, null);
};

describe('a conversation', () => {
  it('is remembered per channel, oldest first', () => {
    const conversations = new Conversations(plenty);
    talk(conversations, 1);
    conversations.add('d', 'other', 'answer', null);
    talk(conversations, 2);
    assert.deepEqual(contents(conversations), ['q1', 'a1', 'q2', 'a2']);
    assert.deepEqual(
      conversations.of('c', 100).map(({ role }) => role),
      ['user', 'assistant', 'user', 'assistant'],
    );
  });

  it('keeps so many messages, and no answer without its question', () => {
    for (const [messages, expected] of [
      [4, ['q2', 'a2', 'q3', 'a3']],
      [3, ['q3', 'a3']],
      [2, ['q3', 'a3']],
      [1, []],
      [0, []],
    ] as const) {
      const conversations = new Conversations({ ...plenty, messages });
      talk(conversations, 1, 2, 3);
      assert.deepEqual(contents(conversations), expected, `${messages} messages`);
    }
  });

  it('keeps so many tokens, the oldest go first', () => {
    // Four bytes of UTF-8 are a token, and each message has four more.
    const conversations = new Conversations({ ...plenty, tokens: 35 });
    conversations.add('c', 'aaaa', 'aaaa', null);
    conversations.add('c', 'bbbb', 'ééé!', null);
    assert.equal(contents(conversations).length, 4, '10 + 11 tokens');
    conversations.add('c', 'cccc', 'c'.repeat(24), null);
    assert.deepEqual(contents(conversations), ['bbbb', 'ééé!', 'cccc', 'c'.repeat(24)], '11 + 15 tokens');
    conversations.add('c', 'dddd', 'dddd', 28);
    assert.deepEqual(contents(conversations), [], 'the model itself counted 28');
  });

  it('is given as far as there is room', () => {
    const conversations = new Conversations(plenty);
    talk(conversations, 1, 2);
    assert.deepEqual(contents(conversations, 'c', 20), ['q1', 'a1', 'q2', 'a2']);
    assert.deepEqual(contents(conversations, 'c', 19), ['q2', 'a2']);
    assert.deepEqual(contents(conversations, 'c', 9), []);
    assert.deepEqual(contents(conversations, 'c', -5), []);
  });

  it('of the channel that was quiet for longest is forgotten when there are too many', () => {
    const conversations = new Conversations({ ...plenty, channels: 50 });
    for (let n = 0; n < 50; n++) conversations.add(`c${n}`, 'q', 'a', null);
    conversations.add('c0', 'again', 'a', null);
    conversations.add('c50', 'q', 'a', null);
    assert.deepEqual(contents(conversations, 'c1'), []);
    assert.deepEqual(contents(conversations, 'c0'), ['q', 'a', 'again', 'a']);
    assert.deepEqual(contents(conversations, 'c50'), ['q', 'a']);
  });

  it('can be forgotten on request', () => {
    const conversations = new Conversations(plenty);
    assert.equal(conversations.forget('c'), false);
    talk(conversations, 1);
    assert.equal(conversations.forget('c'), true);
    assert.deepEqual(contents(conversations), []);
  });
});

describe('a prompt', () => {
  const message = { channel_id: 'c', guild_id: '7' };
  const prompts = { systemPrompt: 'Be kind.', prompts: { '7': 'Be brief.' }, conversationTokens: 1_000 };

  it('begins with the words for this server, else with those for all', () => {
    const first = (more: object) =>
      promptFor({ ...message, ...more }, 'why?', prompts, new Conversations(plenty))[0]?.content;
    assert.equal(first({}), 'Be brief.');
    assert.equal(first({ guild_id: '8' }), 'Be kind.');
    assert.equal(first({ guild_id: 'constructor' }), 'Be kind.');
    assert.equal(promptFor({ channel_id: 'c' }, 'why?', prompts, new Conversations(plenty))[0]?.content, 'Be kind.');
    const none = promptFor(message, 'why?', { ...prompts, prompts: {}, systemPrompt: '' }, new Conversations(plenty));
    assert.deepEqual(none, [{ role: 'user', content: 'why?' }]);
  });

  it('always has system prompt and question, and stays within its tokens if those two do', () => {
    const texts = fc.string({ maxLength: 200 });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(texts, texts)),
        texts,
        fc.nat({ max: 400 }),
        (said, question, conversationTokens) => {
          const conversations = new Conversations(plenty);
          for (const [q, a] of said) conversations.add('c', q, a, null);
          const prompt = promptFor(message, question, { ...prompts, conversationTokens }, conversations);
          const [system, asked] = [prompt[0], prompt.at(-1)];
          assert.deepEqual([system?.content, asked?.content], ['Be brief.', question]);
          const tokens = tokensOf(prompt);
          assert.ok(tokens <= conversationTokens || prompt.length === 2);
          const next = said.at(-prompt.length / 2);
          if (next && tokens + tokensOf(next.map((content) => ({ role: 'user', content }))) <= conversationTokens) {
            assert.fail('there was room for more');
          }
        },
      ),
    );
  });
});
