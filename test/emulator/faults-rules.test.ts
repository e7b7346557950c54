import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { FaultSpec } from '../../src/emulator/faults/fault.ts';
import { faultSchema } from '../../src/emulator/faults/fault.ts';
import { Line } from '../../src/emulator/faults/line.ts';
import { randomFrom } from '../../src/emulator/faults/random.ts';
import { FaultRules, mayAct } from '../../src/emulator/faults/rules.ts';
import { isMeantFor } from '../../src/emulator/faults/subject.ts';
import { VirtualClock } from './virtual-clock.ts';

const fault = (spec: FaultSpec) => faultSchema.parse(spec);
const serving = { moment: 'serving', applicationId: 'a' } as const;

describe('the rules of faults', () => {
  it('act so many times', () => {
    const rules = new FaultRules(1);
    const rule = rules.add(fault({ fault: 'drop', count: 2 }), 0);
    const acted = [1, 2, 3].map(() => rules.take('drop', serving, 0) !== null);
    assert.deepEqual([acted, rule.hits, mayAct(rule, 0)], [[true, true, false], 2, false]);
  });

  it('act so long', () => {
    const rules = new FaultRules(1);
    rules.add(fault({ fault: 'drop', forMs: 100 }), 50);
    assert.ok(rules.take('drop', serving, 149));
    assert.equal(rules.take('drop', serving, 150), null);
  });

  it('act no more when they are removed', () => {
    const rules = new FaultRules(1);
    const rule = rules.add(fault({ fault: 'drop', forMs: 100 }), 0);
    rules.remove(rule);
    assert.equal(rules.take('drop', serving, 0), null);
    assert.equal(rules.has('drop'), false);
  });

  it('act oldest first, and the next one when that is used up', () => {
    const rules = new FaultRules(1);
    for (const code of [4001, 4002]) rules.add(fault({ fault: 'close', code, count: 1 }), 0);
    const codes = [1, 2, 3].map(() => rules.take('close', serving, 0)?.fault.code);
    assert.deepEqual(codes, [4001, 4002, undefined]);
  });

  it('forget what is used up as soon as another of its kind is set', () => {
    const rules = new FaultRules(1);
    for (let set = 0; set < 1_000; set++) {
      rules.add(fault({ fault: 'drop', count: 1 }), 0);
      assert.ok(rules.take('drop', serving, 0));
    }
    assert.equal(rules.take('drop', serving, 0), null);
  });

  it('decide the same again with the same seed, whatever other faults decide meanwhile', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0 }), fc.array(fc.boolean(), { maxLength: 50 }), (seed, others) => {
        const decide = (disturbed: boolean) => {
          const rules = new FaultRules(seed);
          rules.add(fault({ fault: 'drop', probability: 0.5 }), 0);
          rules.add(fault({ fault: 'refuse', probability: 0.5 }), 0);
          return others.map((other) => {
            if (disturbed && other) rules.take('refuse', {}, 0);
            return rules.take('drop', serving, 0) !== null;
          });
        };
        assert.deepEqual(decide(true), decide(false));
      }),
    );
  });

  it('decide each for itself: the same chance is not the same luck', () => {
    const rules = new FaultRules(1);
    rules.add(fault({ fault: 'drop', probability: 0.5 }), 0);
    rules.add(fault({ fault: 'refuse', probability: 0.5 }), 0);
    const luck = Array.from({ length: 50 }, () => [rules.take('drop', serving, 0), rules.take('refuse', {}, 0)]);
    assert.ok(luck.some(([drop, refuse]) => (drop === null) !== (refuse === null)));
  });

  it('act about as often as their probability says', () => {
    for (const probability of [0, 0.1, 0.5, 1]) {
      const rules = new FaultRules(42);
      rules.add(fault({ fault: 'drop', probability }), 0);
      const hits = Array.from({ length: 2_000 }, () => rules.take('drop', serving, 0)).filter(Boolean).length;
      assert.ok(Math.abs(hits / 2_000 - probability) < 0.05, `${hits} of 2000 at ${probability}`);
    }
  });

  it('draw numbers from 0 to 1 that differ by seed and by series', () => {
    const series = (seed: number, one: number) => Array.from({ length: 100 }, randomFrom(seed, one));
    assert.deepEqual(series(1, 1), series(1, 1));
    assert.notDeepEqual(series(1, 1), series(1, 2));
    assert.notDeepEqual(series(1, 1), series(2, 1));
    fc.assert(
      fc.property(fc.integer(), fc.nat(), (seed, one) => series(seed, one).every((draw) => draw >= 0 && draw < 1)),
    );
  });
});

describe('a fault is meant for', () => {
  const meant = (spec: FaultSpec, subject: Parameters<typeof isMeantFor>[1]) => isMeantFor(fault(spec), subject);

  it('its target, or everybody', () => {
    assert.ok(meant({ fault: 'drop' }, serving));
    assert.ok(meant({ fault: 'drop', target: 'a' }, serving));
    assert.ok(!meant({ fault: 'drop', target: 'b' }, serving));
    assert.ok(!meant({ fault: 'corrupt', how: 'cut', target: 'a' }, {}));
  });

  it('its moment, frame, direction and node', () => {
    assert.ok(meant({ fault: 'close', on: 'resume' }, { moment: 'resume' }));
    assert.ok(!meant({ fault: 'close', on: 'resume' }, serving));
    assert.ok(!meant({ fault: 'freeze' }, { moment: 'identify' }));
    assert.ok(!meant({ fault: 'delay', frame: 'ready', delayMs: 1 }, { frame: 'hello' }));
    assert.ok(meant({ fault: 'latency', delayMs: 1 }, { direction: 'up' }));
    assert.ok(!meant({ fault: 'slow', bytesPerSecond: 1, direction: 'up' }, { direction: 'down' }));
    assert.ok(meant({ fault: 'node-down', node: 2 }, { node: 2 }));
    assert.ok(!meant({ fault: 'node-down', node: 2 }, { node: 1 }));
  });

  it('a route, by method and path', () => {
    const call = { method: 'POST', path: '/channels/7/messages' };
    const on = (route: string) => meant({ fault: 'rest-error', route }, { call });
    for (const route of ['/**', '/channels/**', 'POST /channels/*/messages', '/channels/7/messages', 'POST /**'])
      assert.ok(on(route), route);
    for (const route of ['GET /**', '/channels/*', '/channels/8/messages', '/channels/7/messages/*', '/messages'])
      assert.ok(!on(route), route);
    assert.ok(!meant({ fault: 'rest-hang' }, {}));
  });

  it('a key and a prompt of the model', () => {
    const subject = { key: 'k', prompt: 'tell me a story' };
    assert.ok(meant({ fault: 'llm-cut' }, subject));
    assert.ok(meant({ fault: 'llm-cut', key: 'k', prompt: 'story' }, subject));
    assert.ok(!meant({ fault: 'llm-cut', key: 'other' }, subject));
    assert.ok(!meant({ fault: 'llm-cut', prompt: 'joke' }, subject));
  });
});

describe('a line', () => {
  it('keeps the order, whatever the delays', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ delayMs: fc.nat(50), gapMs: fc.nat(20), afterMs: fc.nat(30) }), { maxLength: 30 }),
        (pushes) => {
          const clock = new VirtualClock();
          const line = new Line(clock);
          const seen: number[] = [];
          for (const [index, { delayMs, gapMs, afterMs }] of pushes.entries()) {
            const pushedMs = clock.monotonicMs();
            line.push(delayMs, gapMs, () => {
              seen.push(index);
              assert.ok(clock.monotonicMs() >= pushedMs + Math.max(delayMs, gapMs));
            });
            clock.advance(afterMs);
          }
          clock.advance(10_000);
          assert.deepEqual(seen, [...pushes.keys()]);
          assert.ok(line.isEmpty);
          assert.equal(clock.pending, 0);
        },
      ),
    );
  });

  it('keeps the gaps', () => {
    const clock = new VirtualClock();
    const line = new Line(clock);
    const seenMs: number[] = [];
    for (const _ of [1, 2, 3]) line.push(0, 10, () => seenMs.push(clock.monotonicMs()));
    clock.advance(100);
    assert.deepEqual(seenMs, [10, 20, 30]);
  });

  it('does at once what need not wait, and nothing any more when it is cleared', () => {
    const clock = new VirtualClock();
    const line = new Line(clock);
    const seen: string[] = [];
    line.push(0, 0, () => seen.push('now'));
    line.push(10, 0, () => seen.push('never'));
    assert.deepEqual(seen, ['now']);
    line.clear();
    clock.advance(100);
    assert.deepEqual([seen, clock.pending], [['now'], 0]);
  });
});
