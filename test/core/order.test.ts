import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { startWaves, stopWaves } from '../../src/core/fleet/order.ts';

const member = (name: string, ...after: string[]) => ({ name, after });

describe('start order', () => {
  const fleet = [
    member('music', 'lavalink', 'redis'),
    member('lavalink'),
    member('cron', 'music'),
    member('redis'),
    member('chat'),
  ];

  test('a member starts in the first wave after all that it names', () => {
    assert.deepEqual(startWaves(fleet), [['lavalink', 'redis', 'chat'], ['music'], ['cron']]);
  });

  test('stopping goes the other way', () => {
    assert.deepEqual(stopWaves(fleet), [['cron'], ['music'], ['lavalink', 'redis', 'chat']]);
  });

  test('a name that is not being started holds nobody back', () => {
    assert.deepEqual(startWaves([member('music', 'lavalink')]), [['music']]);
    assert.deepEqual(startWaves([]), []);
  });

  test('a cycle is an error that names its members', () => {
    assert.throws(() => startWaves([member('c'), member('a', 'b'), member('b', 'a')]), /cycle among: a, b$/);
  });

  test('everybody starts once, and after everybody that it names', () => {
    const dags = fc.array(fc.array(fc.nat({ max: 30 }), { maxLength: 4 }), { maxLength: 30 });
    fc.assert(
      fc.property(dags, (edges) => {
        const members = edges.map((before, index) =>
          member(`b${index}`, ...before.filter((other) => other < index).map((other) => `b${other}`)),
        );
        const waves = startWaves(members);
        assert.deepEqual(waves.flat().toSorted(), members.map(({ name }) => name).toSorted());
        const waveOf = new Map(waves.flatMap((wave, index) => wave.map((name) => [name, index])));
        for (const { name, after } of members) {
          for (const other of after) assert.ok((waveOf.get(other) ?? 0) < (waveOf.get(name) ?? 0));
        }
      }),
    );
  });
});
