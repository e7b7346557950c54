import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { API } from '@discordjs/core';
import type { Incoming } from '../../src/assistant/address.ts';
import { Budget } from '../../src/assistant/budget.ts';
import { ChannelQueues } from '../../src/assistant/queue.ts';
import { createReception } from '../../src/assistant/reception.ts';
import { sentences } from '../../src/assistant/sentences.ts';
import type { BudgetLimits } from '../../src/protocol/assistant.ts';
import { unlimited } from './live-assistant.ts';

const us = '100000000000000001';
const message = (id: number, more: object = {}) =>
  ({
    id: String(id),
    channel_id: 'c',
    guild_id: 'g',
    content: 'why?',
    attachments: [],
    author: { id: 'ada', username: 'ada' },
    mentions: [{ id: us }],
    type: 0,
    ...more,
  }) as unknown as Incoming;

function reception(limits: Partial<BudgetLimits> = {}) {
  const said: string[] = [];
  const answered: string[] = [];
  const createMessage = async (_: string, { content }: { content: string }) => {
    said.push(content);
    return { id: '1' };
  };
  const queues = new ChannelQueues();
  const budget = new Budget({ ...unlimited, ...limits }, null);
  const receive = createReception({
    api: { channels: { createMessage } } as unknown as API,
    settings: { guilds: ['g'], directMessages: true },
    budget,
    queues,
    answer: async ({ id }) => void answered.push(id),
  });
  return {
    said,
    answered,
    queues,
    budget,
    receive: async (...messages: readonly Incoming[]) => {
      for (const each of messages) receive(each, us);
      await queues.idle();
      await new Promise(setImmediate);
    },
  };
}

describe('a message that arrives', () => {
  it('is answered once, even if Discord delivers it twice', async () => {
    const { receive, answered } = reception();
    await receive(message(1), message(1), message(2));
    await receive(message(1));
    assert.deepEqual(answered, ['1', '2']);
  });

  it('is known for as long as another five hundred arrive', async () => {
    const { receive, said } = reception();
    const empty = (id: number) => message(id, { content: '' });
    await receive(...Array.from({ length: 500 }, (_, n) => empty(n)), empty(0));
    assert.equal(said.length, 500);
    await receive(empty(500), empty(0));
    assert.equal(said.length, 502);
  });

  it('for somebody else, or from elsewhere, does not even count', async () => {
    const { receive, answered, said } = reception();
    await receive(message(1, { mentions: [] }), message(2, { guild_id: 'h' }));
    assert.deepEqual([answered, said], [[], []]);
  });

  it('counts in the budget when it is accepted, and only then', async () => {
    const { receive, budget, queues, said } = reception();
    await receive(message(1), message(2, { content: '' }));
    assert.equal(budget.spent.requests, 1);
    await receive(...[3, 4, 5, 6, 7].map((id) => message(id)));
    assert.equal(budget.spent.requests, 5);
    assert.deepEqual(said, [sentences.empty, sentences.full]);
    queues.close();
    await receive(message(8), message(9), message(10, { channel_id: 'd' }));
    assert.equal(budget.spent.requests, 5);
    assert.deepEqual(said.slice(2), [sentences.restarting, sentences.restarting]);
  });

  it('over budget is told once, and others still are answered', async () => {
    const { receive, said, answered } = reception({ user: { count: 1, windowMs: 60_000 } });
    await receive(message(1), message(2), message(3), message(4, { author: { id: 'bob', username: 'bob' } }));
    assert.deepEqual(answered, ['1', '4']);
    assert.equal(said.length, 1);
    assert.match(said[0] ?? '', /^You have asked me as much as one person may for now\. Please ask again <t:\d+:R>\.$/);
  });
});
