import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Incoming, isForUs, questionOf } from '../../src/assistant/address.ts';

const us = '100000000000000001';
const person = { id: '2', username: 'you' };
const incoming = (more: object): Incoming =>
  ({
    id: '9',
    channel_id: '8',
    guild_id: '7',
    content: 'hi',
    author: person,
    mentions: [],
    type: 0,
    ...more,
  }) as unknown as Incoming;

describe('a message', () => {
  const cases: readonly (readonly [string, object, boolean])[] = [
    ['that mentions us', { mentions: [{ id: us }] }, true],
    ['that mentions somebody else', { mentions: [{ id: '5' }] }, false],
    ['in a guild that mentions nobody', {}, false],
    ['in direct messages', { guild_id: undefined }, true],
    ['that replies to us', { type: 19, referenced_message: { author: { id: us } } }, true],
    ['that replies to somebody else', { type: 19, referenced_message: { author: person } }, false],
    ['that replies to a deleted message', { type: 19, referenced_message: null }, false],
    ['of a bot', { mentions: [{ id: us }], author: { ...person, bot: true } }, false],
    ['of ourselves', { guild_id: undefined, author: { id: us, bot: true } }, false],
    ['of Discord', { guild_id: undefined, author: { ...person, system: true } }, false],
    ['of a webhook', { mentions: [{ id: us }], webhook_id: '6' }, false],
    ['that only says that something was pinned', { mentions: [{ id: us }], type: 6 }, false],
  ];
  for (const [name, more, expected] of cases) {
    it(`${name} is ${expected ? '' : 'not '}for us`, () => assert.equal(isForUs(incoming(more), us), expected));
  }

  it('is read without the mention of us', () => {
    const read = (content: string) => questionOf(incoming({ content }), us);
    assert.equal(read(`<@${us}> what  is\n<@!${us}> this?`), 'what is\n this?');
    assert.equal(read(`<@${us}>`), '');
    assert.equal(read('ask <@5>'), 'ask <@5>');
  });
});
