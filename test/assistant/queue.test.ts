import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ChannelQueues } from '../../src/assistant/queue.ts';

describe('the questions of a channel', () => {
  it('are answered one at a time, in order; other channels do not wait', async () => {
    const queues = new ChannelQueues();
    const gate = Promise.withResolvers<void>();
    const done: string[] = [];
    queues.offer('c', async () => {
      await gate.promise;
      done.push('c1');
    });
    queues.offer('c', async () => void done.push('c2'));
    const other = Promise.withResolvers<void>();
    queues.offer('d', async () => {
      done.push('d1');
      other.resolve();
    });
    await other.promise;
    assert.deepEqual(done, ['d1']);
    gate.resolve();
    await queues.idle();
    assert.deepEqual(done, ['d1', 'c1', 'c2']);
    assert.equal(queues.pending, 0);
  });

  it('wait three at a time, more are refused', async () => {
    const queues = new ChannelQueues();
    const gate = Promise.withResolvers<void>();
    const offers = Array.from({ length: 6 }, () => queues.offer('c', () => gate.promise));
    assert.deepEqual(offers, ['accepted', 'accepted', 'accepted', 'accepted', 'full', 'full']);
    assert.equal(queues.pending, 4);
    gate.resolve();
    await queues.idle();
    assert.equal(
      queues.offer('c', async () => {}),
      'accepted',
    );
    await queues.idle();
  });

  it('are a hundred in all channels together', async () => {
    const queues = new ChannelQueues();
    const gate = Promise.withResolvers<void>();
    for (let n = 0; n < 100; n++)
      assert.equal(
        queues.offer(`c${n}`, () => gate.promise),
        'accepted',
      );
    assert.equal(
      queues.offer('one more', () => gate.promise),
      'full',
    );
    gate.resolve();
    await queues.idle();
  });

  it('are no longer taken once it is closed, and idle means that the last is done', async () => {
    const queues = new ChannelQueues();
    const gate = Promise.withResolvers<void>();
    queues.offer('c', () => gate.promise);
    queues.close();
    assert.equal(
      queues.offer('c', async () => assert.fail()),
      'closed',
    );
    let idle = false;
    const waiting = queues.idle().then(() => {
      idle = true;
    });
    await new Promise(setImmediate);
    assert.equal(idle, false);
    gate.resolve();
    await waiting;
  });
});
