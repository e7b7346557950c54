import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { understand } from '../../src/protocol/counters.ts';

describe('the counters of a heartbeat', () => {
  it('are understood by their names, and all others are kept as they are', () => {
    const counters = {
      answers: 12,
      temperature: -3.5,
      recentDone: 5,
      recentFailed: 1,
      recentP50Ms: 812.4,
      modelReachable: 1,
      modelRefusal: 0,
      modelAnsweredAtMs: 1_700_000_000_000,
      modelFailedAtMs: 0,
      spentDay: 20_000,
      spentRequests: 6,
      spentTokens: 900,
    };
    assert.deepEqual(understand(counters), {
      work: { done: 5, failed: 1, p50Ms: 812 },
      model: { reachable: true, refusal: null, answeredAtMs: 1_700_000_000_000, failedAtMs: null },
      spent: { day: 20_000, requests: 6, tokens: 900 },
      others: { answers: 12, temperature: -3.5 },
    });
    const refused = understand({ modelReachable: 0, modelRefusal: 404 });
    assert.deepEqual(refused.model, { reachable: false, refusal: 404, answeredAtMs: null, failedAtMs: null });
  });

  it('that are missing or cannot be true say nothing', () => {
    const nothing = { work: null, model: null, spent: null, others: {} };
    assert.deepEqual(understand({}), nothing);
    assert.deepEqual(understand({ recentDone: 5 }), nothing);
    assert.deepEqual(understand({ recentDone: -1, recentFailed: 1, modelReachable: -1 }), nothing);
    assert.deepEqual(understand({ spentDay: 1e300, spentRequests: 1, spentTokens: 1 }), nothing);
  });

  it('whatever they are, give numbers that can be counted with', () => {
    const names = fc.constantFrom(
      'recentDone',
      'recentFailed',
      'recentP50Ms',
      'modelReachable',
      'modelRefusal',
      'spentDay',
      'spentTokens',
      'spentRequests',
      '__proto__',
      'x',
    );
    fc.assert(
      fc.property(fc.dictionary(names, fc.double()), (counters) => {
        const { work, model, spent } = understand(counters);
        const numbers = [...Object.values(work ?? {}), ...Object.values(spent ?? {}), model?.refusal];
        for (const value of numbers) assert.ok(value == null || (Number.isSafeInteger(value) && value >= 0));
      }),
    );
  });
});
