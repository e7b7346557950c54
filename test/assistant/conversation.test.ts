import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Conversations } from '../../src/assistant/conversation.ts';

const contents = (conversations: Conversations, channel = 'c') =>
  conversations.of(channel).map(({ content }) => content);

describe('a conversation', () => {
  it('is remembered per channel, oldest first', () => {
    const conversations = new Conversations(10);
    conversations.add('c', 'q1', 'a1');
    conversations.add('d', 'other', 'answer');
    conversations.add('c', 'q2', 'a2');
    assert.deepEqual(contents(conversations), ['q1', 'a1', 'q2', 'a2']);
    assert.deepEqual(
      conversations.of('c').map(({ role }) => role),
      ['user', 'assistant', 'user', 'assistant'],
    );
  });

  it('keeps so many messages, and no answer without its question', () => {
    for (const [kept, expected] of [
      [4, ['q2', 'a2', 'q3', 'a3']],
      [3, ['q3', 'a3']],
      [2, ['q3', 'a3']],
      [1, []],
      [0, []],
    ] as const) {
      const conversations = new Conversations(kept);
      for (const n of [1, 2, 3]) conversations.add('c', `q${n}`, `a${n}`);
      assert.deepEqual(contents(conversations), expected, `${kept} messages`);
    }
  });

  it('keeps 24,000 characters', () => {
    const conversations = new Conversations(100);
    for (const letter of ['a', 'b', 'c']) conversations.add('c', letter, letter.repeat(11_999));
    assert.deepEqual(contents(conversations), ['b', 'b'.repeat(11_999), 'c', 'c'.repeat(11_999)]);
    conversations.add('c', 'd', 'd'.repeat(24_000));
    assert.deepEqual(contents(conversations), []);
  });

  it('of the channel that was quiet for longest is forgotten when there are more than 50', () => {
    const conversations = new Conversations(2);
    for (let n = 0; n < 50; n++) conversations.add(`c${n}`, 'q', 'a');
    conversations.add('c0', 'again', 'a');
    conversations.add('c50', 'q', 'a');
    assert.deepEqual(contents(conversations, 'c1'), []);
    assert.deepEqual(contents(conversations, 'c0'), ['again', 'a']);
    assert.deepEqual(contents(conversations, 'c50'), ['q', 'a']);
  });

  it('can be forgotten on request', () => {
    const conversations = new Conversations(2);
    assert.equal(conversations.forget('c'), false);
    conversations.add('c', 'q', 'a');
    assert.equal(conversations.forget('c'), true);
    assert.deepEqual(contents(conversations), []);
  });
});
