import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Incoming, isForUs, isWelcome } from '../../src/assistant/address.ts';

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

  it('is welcome where the configuration says so', () => {
    const direct = incoming({ guild_id: undefined });
    const welcome = (message: Incoming, guilds: readonly string[] | null, directMessages = true) =>
      isWelcome(message, { guilds, directMessages });
    assert.equal(welcome(incoming({}), null), true);
    assert.equal(welcome(incoming({}), ['6', '7']), true);
    assert.equal(welcome(incoming({}), ['6']), false);
    assert.equal(welcome(incoming({}), [], false), false);
    assert.equal(welcome(direct, ['6']), true, 'a list of servers says nothing about direct messages');
    assert.equal(welcome(direct, null, false), false);
    assert.equal(welcome(incoming({}), null, false), true);
  });
});
