import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  type ConnectionEvent,
  type Connections,
  describeOutage,
  isUnderWay,
  noConnections,
  observeConnection,
  outageGate,
} from '../../src/core/fleet/outage.ts';

type Told = readonly [atMs: number, type: ConnectionEvent['type'] | 'left', ...bots: string[]];

/** `gone`: died and will be started again; `left`: stopped by a person. */
const after = (...told: readonly Told[]): Connections =>
  told
    .flatMap(([atMs, type, ...bots]) =>
      bots.map((bot): ConnectionEvent => {
        if (type === 'gone' || type === 'left') return { type: 'gone', bot, atMs, returns: type === 'gone' };
        return { type, bot, atMs };
      }),
    )
    .reduce(observeConnection, noConnections);
const underWay = (...told: readonly Told[]): boolean => isUnderWay(after(...told));

describe('an outage begins', () => {
  test('when half of the connected bots lose Discord within 10 s', () => {
    assert.equal(underWay([0, 'connected', 'a', 'b', 'c', 'd'], [1_000, 'lost', 'a'], [11_000, 'lost', 'b']), true);
  });

  test('not when they need longer than 10 s', () => {
    assert.equal(underWay([0, 'connected', 'a', 'b', 'c', 'd'], [1_000, 'lost', 'a'], [11_001, 'lost', 'b']), false);
  });

  test('not when it is less than half', () => {
    assert.equal(underWay([0, 'connected', 'a', 'b', 'c', 'd', 'e'], [1_000, 'lost', 'a', 'b']), false);
    assert.equal(underWay([0, 'connected', 'a', 'b', 'c', 'd', 'e'], [1_000, 'lost', 'a', 'b', 'c']), true);
  });

  test('not by a single bot, even if it is the whole fleet', () => {
    assert.equal(underWay([0, 'connected', 'a'], [1_000, 'lost', 'a']), false);
    assert.equal(underWay([0, 'connected', 'a'], [1_000, 'lost', 'a', 'a', 'a']), false);
  });

  test('not by bots that were not connected, that are back, or that a person stopped', () => {
    assert.equal(underWay([0, 'starting', 'a', 'b'], [1_000, 'lost', 'a', 'b']), false);
    assert.equal(
      underWay([0, 'connected', 'a', 'b'], [1_000, 'lost', 'a'], [1_100, 'connected', 'a'], [1_200, 'lost', 'b']),
      false,
    );
    assert.equal(
      underWay([0, 'connected', 'a', 'b'], [1_000, 'lost', 'a'], [1_100, 'left', 'a'], [1_200, 'lost', 'b']),
      false,
    );
    assert.equal(underWay([0, 'connected', 'a', 'b', 'c'], [1_000, 'left', 'a', 'b']), false);
  });

  test('counted among those who are connected now, not among those who were', () => {
    const five: Told = [0, 'connected', 'a', 'b', 'c', 'd', 'e'];
    assert.equal(underWay(five, [1_000, 'lost', 'a', 'b']), false);
    assert.equal(underWay(five, [500, 'gone', 'c', 'd'], [600, 'left', 'e'], [1_000, 'lost', 'a', 'b']), true);
  });

  test('not by processes that die with their connection intact', () => {
    assert.equal(underWay([0, 'connected', 'a', 'b', 'c'], [1_000, 'gone', 'a', 'b', 'c']), false);
  });

  test('also when the loss killed the bots at once', () => {
    assert.equal(
      underWay([0, 'connected', 'a', 'b'], [1_000, 'lost', 'a'], [1_001, 'gone', 'a'], [2_000, 'lost', 'b']),
      true,
    );
  });

  test('with figures for people, kept after its end', () => {
    const begun = after([0, 'connected', 'a', 'b', 'c', 'd', 'e'], [1_000, 'lost', 'a', 'b', 'c']);
    assert.match(begun.outage ? describeOutage(begun.outage) : '', /^3 of 5 connected bots lost Discord within 10 s/);
    assert.equal(begun.outage?.sinceMs, 1_000);
    assert.equal(begun.outage?.endedMs, null);
  });
});

describe('an outage ends', () => {
  const four: readonly Told[] = [
    [0, 'connected', 'a', 'b', 'c', 'd'],
    [1_000, 'lost', 'a', 'b', 'c', 'd'],
  ];

  test('when as many are back as still wait, and not before', () => {
    assert.equal(underWay(...four, [60_000, 'connected', 'a']), true);
    const ended = after(...four, [60_000, 'connected', 'a', 'b']);
    assert.equal(isUnderWay(ended), false);
    assert.equal(ended.outage?.endedMs, 60_000);
    assert.equal(ended.lost.size, 0);
  });

  test('a bot that is lost again does not count as back', () => {
    const three: readonly Told[] = [
      [0, 'connected', 'a', 'b', 'c'],
      [1_000, 'lost', 'a', 'b', 'c'],
      [60_000, 'connected', 'a'],
    ];
    assert.equal(underWay(...three, [62_000, 'connected', 'b']), false);
    assert.equal(underWay(...three, [61_000, 'lost', 'a'], [62_000, 'connected', 'b']), true);
  });

  test('a bot that is back and then dies does not count as back', () => {
    assert.equal(
      underWay(...four, [60_000, 'connected', 'a'], [61_000, 'gone', 'a'], [62_000, 'connected', 'b']),
      true,
    );
  });

  test('the dead do not vote: one that connects again is enough when nobody else waits alive', () => {
    assert.equal(underWay(...four, [2_000, 'gone', 'a', 'b', 'c', 'd']), true);
    assert.equal(underWay(...four, [2_000, 'gone', 'a', 'b', 'c', 'd'], [90_000, 'connected', 'a']), false);
    assert.equal(underWay(...four, [2_000, 'gone', 'c', 'd'], [90_000, 'connected', 'c']), true);
  });

  test('when those who still waited die, those who are back decide', () => {
    assert.equal(underWay(...four, [60_000, 'connected', 'a'], [61_000, 'gone', 'b', 'c']), false);
  });

  test('when people stopped everybody who was affected', () => {
    assert.equal(underWay(...four, [2_000, 'left', 'a', 'b', 'c']), true);
    assert.equal(underWay(...four, [2_000, 'left', 'a', 'b', 'c', 'd']), false);
  });

  test('once: later events do not move its end, and a new one can begin', () => {
    const ended: readonly Told[] = [...four, [60_000, 'connected', 'a', 'b']];
    assert.equal(after(...ended, [70_000, 'connected', 'c', 'd'], [71_000, 'starting', 'e']).outage?.endedMs, 60_000);
    const again = after(...ended, [90_000, 'lost', 'a', 'b']);
    assert.equal(again.outage?.sinceMs, 90_000);
    assert.equal(again.outage?.back.size, 0);
  });

  test('losses during an outage are not forgotten after 10 s', () => {
    assert.equal(after(...four, [60_000, 'lost', 'x'], [61_000, 'connected', 'e']).lost.size, 4);
  });
});

describe('the gate of an outage', () => {
  const dead: readonly Told[] = [
    [0, 'connected', 'a', 'b'],
    [1_000, 'lost', 'a', 'b'],
    [1_001, 'gone', 'a', 'b'],
  ];

  test('holds every start until the first try', () => {
    assert.deepEqual(outageGate(after(...dead), 1_001), { notBeforeMs: 16_000, reason: 'outage' });
    assert.notEqual(outageGate(after(...dead), 15_999), null);
    assert.equal(outageGate(after(...dead), 16_000), null);
  });

  test('lets one start through at a time, ever more rarely, up to 5 min', () => {
    let state = after(...dead);
    const pauses: number[] = [];
    for (let nowMs = 16_000; pauses.length < 7; ) {
      assert.equal(outageGate(state, nowMs), null);
      state = observeConnection(state, { type: 'starting', bot: 'a', atMs: nowMs });
      const nextMs = outageGate(state, nowMs)?.notBeforeMs ?? 0;
      pauses.push((nextMs - nowMs) / 1_000);
      nowMs = nextMs;
    }
    assert.deepEqual(pauses, [30, 60, 120, 240, 300, 300, 300]);
  });

  test('is open before, and after the end', () => {
    assert.equal(outageGate(noConnections, 0), null);
    assert.equal(outageGate(after([0, 'starting', 'a']), 0), null);
    assert.equal(outageGate(after(...dead, [2_000, 'connected', 'a']), 2_000), null);
  });
});

test('whatever happens, an outage needs two lost bots, and ends when everybody is connected', () => {
  const bot = fc.constantFrom('a', 'b', 'c', 'd', 'e');
  const pauseMs = fc.nat({ max: 6_000 });
  const kinds = fc.constantFrom('connected', 'lost', 'gone', 'left', 'starting') as fc.Arbitrary<Told[1]>;
  fc.assert(
    fc.property(fc.array(fc.tuple(pauseMs, kinds, bot), { maxLength: 60 }), (steps) => {
      let atMs = 0;
      const told = steps.map(([pause, type, name]): Told => {
        atMs += pause;
        return [atMs, type, name];
      });
      const state = after(...told);
      for (const name of state.lost.keys()) assert.ok(!state.connected.has(name));
      if (state.outage !== null)
        assert.ok(state.outage.lost >= 2 && 2 * state.outage.lost >= state.outage.connectedBefore);
      const everybody: Told = [atMs, 'connected', 'a', 'b', 'c', 'd', 'e'];
      assert.equal(underWay(...told, everybody), false);
    }),
  );
});
