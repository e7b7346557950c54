import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ReplayBuffer } from '../../src/emulator/gateway/replay-buffer.ts';

const bytesOf = (dispatches: readonly { readonly data: string }[]): number =>
  dispatches.reduce((sum, { data }) => sum + Buffer.byteLength(data), 0);

describe('the replay buffer', () => {
  it('holds what a naive list would hold that forgets its oldest beyond either bound', () => {
    const step = fc.oneof(
      { weight: 20, arbitrary: fc.string({ maxLength: 30, unit: 'grapheme' }) },
      { weight: 1, arbitrary: fc.constant(null) },
    );
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 200 }),
        fc.array(step, { maxLength: 100 }),
        (most, mostBytes, steps) => {
          const buffer = new ReplayBuffer(most, mostBytes);
          let held: { sequence: number; event: string; data: string }[] = [];
          let sequence = 0;
          for (const data of steps) {
            if (data === null) {
              buffer.forgetUpTo(sequence);
              held = [];
              continue;
            }
            const dispatch = { sequence: ++sequence, event: 'X', data };
            buffer.add(dispatch);
            held.push(dispatch);
            while (held.length > most || bytesOf(held) > mostBytes) held.shift();
            assert.deepEqual([buffer.size, buffer.bytes], [held.length, bytesOf(held)]);
          }
          const oldest = sequence - held.length;
          for (let from = 0; from <= sequence; from++)
            assert.deepEqual(
              buffer.since(from),
              from < oldest ? null : held.filter((dispatch) => dispatch.sequence > from),
            );
        },
      ),
    );
  });

  it('stays exact over many more than it holds', () => {
    const buffer = new ReplayBuffer(100, 1_000_000);
    for (let sequence = 1; sequence <= 10_000; sequence++) buffer.add({ sequence, event: 'X', data: '{}' });
    assert.equal(buffer.size, 100);
    assert.equal(buffer.bytes, 200);
    assert.equal(buffer.since(9_899), null);
    assert.deepEqual(
      buffer.since(9_900)?.map(({ sequence }) => sequence),
      Array.from({ length: 100 }, (_, index) => 9_901 + index),
    );
  });
});
