import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { Budget } from '../../src/assistant/budget.ts';
import { Windows } from '../../src/assistant/windows.ts';
import type { BudgetLimits, Spent } from '../../src/protocol/assistant.ts';
import { unlimited } from './live-assistant.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const noonMs = 20_000 * dayMs + 12 * hourMs;
const ada = { user: 'ada', guild: 'g', channel: 'c' };

function budget(limits: Partial<BudgetLimits>, spent: Spent | null = null) {
  const clock = { nowMs: noonMs };
  const counted = new Budget({ ...unlimited, ...limits }, spent, () => clock.nowMs);
  /** How many of so many questions are taken. */
  const ask = (times: number, asker: Parameters<Budget['take']>[0] = ada) => {
    let taken = 0;
    for (let n = 0; n < times; n++) {
      if (counted.refusal(asker) !== null) continue;
      counted.take(asker);
      taken++;
    }
    return taken;
  };
  return { counted, clock, ask };
}

describe('a budget', () => {
  it('without limits refuses nobody, and counts', () => {
    const { counted, ask } = budget({});
    assert.equal(ask(5_000), 5_000);
    counted.spend(12);
    assert.deepEqual(counted.spent, { day: 20_000, requests: 5_000, tokens: 12 });
  });

  it('for each person slides: never more within any hour', () => {
    const { counted, clock, ask } = budget({ user: { count: 3, windowMs: hourMs } });
    assert.equal(ask(1), 1);
    clock.nowMs += hourMs - 1_000;
    assert.equal(ask(5), 2);
    assert.deepEqual(counted.refusal(ada), { scope: 'user', againAtMs: noonMs + hourMs, first: false });
    assert.equal(ask(1, { ...ada, user: 'bob' }), 1, 'somebody else is not concerned');
    clock.nowMs = noonMs + hourMs;
    assert.equal(ask(5), 1, 'only the first has left the window');
  });

  it('for each server holds for all people there, and not in direct messages', () => {
    const { counted, ask } = budget({ guild: { count: 2, windowMs: hourMs } });
    assert.equal(ask(1) + ask(1, { ...ada, user: 'bob' }), 2);
    assert.equal(counted.refusal({ ...ada, user: 'eve' })?.scope, 'guild');
    assert.equal(ask(1, { ...ada, guild: 'h' }), 1);
    assert.equal(ask(9, { ...ada, guild: null }), 9);
  });

  it('for the day ends at midnight UTC, by requests or by tokens', () => {
    const midnightMs = 20_001 * dayMs;
    for (const limits of [{ requestsPerDay: 2 }, { tokensPerDay: 100 }]) {
      const { counted, clock, ask } = budget(limits);
      ask(2);
      counted.spend(100);
      assert.deepEqual(counted.refusal(ada), { scope: 'day', againAtMs: midnightMs, first: true });
      clock.nowMs = midnightMs - 1;
      assert.equal(ask(1), 0);
      clock.nowMs = midnightMs;
      assert.equal(ask(1), 1);
      assert.deepEqual(counted.spent, { day: 20_001, requests: 1, tokens: 0 });
    }
  });

  it('goes on from what was spent before, if that was today', () => {
    assert.equal(budget({ requestsPerDay: 10 }, { day: 20_000, requests: 8, tokens: 0 }).ask(9), 2);
    assert.equal(budget({ requestsPerDay: 10 }, { day: 19_999, requests: 8, tokens: 0 }).ask(99), 10);
  });

  it('is explained once in a window: to the person, else in each channel', () => {
    const { counted, clock, ask } = budget({
      user: { count: 1, windowMs: hourMs },
      guild: { count: 2, windowMs: hourMs },
      requestsPerDay: 3,
    });
    const firsts = (...askers: readonly (typeof ada)[]) => askers.map((asker) => counted.refusal(asker)?.first);
    ask(1);
    assert.deepEqual(firsts(ada, { ...ada, channel: 'd' }), [true, false]);
    ask(1, { ...ada, user: 'bob' });
    const eve = { ...ada, user: 'eve' };
    assert.deepEqual(firsts(eve, { ...ada, user: 'fay' }, { ...eve, channel: 'd' }), [true, false, true]);
    ask(1, { ...ada, user: 'gil', guild: 'h', channel: 'e' });
    const late = { user: 'ivy', guild: 'i', channel: 'f' };
    assert.deepEqual(firsts(late, late, { ...late, channel: 'g' }), [true, false, true]);
    clock.nowMs += hourMs;
    assert.deepEqual(firsts(late), [false], 'the day is not over');
    clock.nowMs += dayMs;
    ask(1);
    assert.deepEqual(firsts(ada), [true], 'a new window');
  });

  it('explains itself to a thousand, and forgets the first of them then', () => {
    const { counted, ask } = budget({ requestsPerDay: 1 });
    ask(1);
    const first = (channel: number) => counted.refusal({ ...ada, channel: `c${channel}` })?.first;
    for (let channel = 0; channel < 1_001; channel++) assert.equal(first(channel), true);
    assert.equal(first(1_000), false);
    assert.equal(first(0), true);
  });
});

describe('a sliding window', () => {
  it('never lets more through than it may, and never less', () => {
    const steps = fc.array(fc.nat({ max: 40 }), { maxLength: 200 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), steps, (count, waits) => {
        const windows = new Windows({ count, windowMs: 100 });
        const taken: number[] = [];
        let nowMs = 1_000;
        for (const waitMs of waits) {
          nowMs += waitMs;
          const recent = taken.filter((atMs) => atMs > nowMs - 100);
          const freeAtMs = windows.freeAtMs('k', nowMs);
          assert.equal(freeAtMs, recent.length < count ? null : (recent.at(-count) ?? 0) + 100);
          if (freeAtMs !== null) continue;
          windows.take('k', nowMs);
          taken.push(nowMs);
        }
      }),
    );
  });

  it('does not wait for a clock that was set back', () => {
    const windows = new Windows({ count: 1, windowMs: 100 });
    windows.take('k', 1_000_000);
    assert.equal(windows.freeAtMs('k', 500), null);
  });

  it('forgets whoever was quiet for longest when there are ten thousand', () => {
    const windows = new Windows({ count: 1, windowMs: 100 });
    for (let n = 0; n < 10_000; n++) windows.take(`k${n}`, 50);
    windows.take('k0', 50);
    windows.take('one more', 50);
    assert.deepEqual(
      ['k0', 'k1', 'k2', 'one more'].map((key) => windows.freeAtMs(key, 50)),
      [150, null, 150, 150],
    );
  });
});
