import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Model } from '../../src/assistant/model.ts';
import { type FaultKind, ModelFault } from '../../src/assistant/model-fault.ts';
import { ModelHealth } from '../../src/assistant/model-health.ts';
import { watchModel } from '../../src/assistant/model-watch.ts';

const fault = (kind: FaultKind, status?: number) => new ModelFault(kind, status === undefined ? {} : { status });

describe('what is known of a model', () => {
  const some = () => {
    const clock = { nowMs: 1_000_000 };
    return { clock, health: new ModelHealth(() => clock.nowMs) };
  };

  it('is nothing at first, and that is no reproach', () => {
    assert.deepEqual(some().health.counters(), {
      recentDone: 0,
      recentFailed: 0,
      modelReachable: 1,
      modelRefusal: 0,
      modelAnsweredAtMs: 0,
      modelFailedAtMs: 0,
    });
  });

  it('is how many answers began, how fast, and how many failed, within five minutes', () => {
    const { clock, health } = some();
    for (const ms of [900, 100, 5_000, 300.4]) health.answered(ms);
    health.failed(fault('cut'));
    const { recentDone, recentFailed, recentP50Ms } = health.counters();
    assert.deepEqual([recentDone, recentFailed, recentP50Ms], [4, 1, 300]);
    clock.nowMs += 200_000;
    health.answered(1_000);
    clock.nowMs += 100_000;
    const later = health.counters();
    assert.deepEqual([later.recentDone, later.recentFailed, later.recentP50Ms], [1, 0, 1_000]);
    assert.equal(later.modelAnsweredAtMs, 1_200_000);
    assert.equal(later.modelFailedAtMs, 1_000_000);
  });

  it('is of the last thousand answers at most', () => {
    const { health } = some();
    for (let n = 0; n < 1_100; n++) health.answered(1);
    assert.equal(health.counters().recentDone, 1_000);
  });

  it('is that it cannot be reached when two attempts in a row found nobody', () => {
    const { health } = some();
    const reachable = () => health.counters().modelReachable;
    health.failed(fault('down'));
    assert.equal(reachable(), 1);
    health.checked(fault('down'));
    assert.equal(reachable(), 0);
    health.checked(null);
    assert.equal(reachable(), 1);
    health.failed(fault('silent'));
    health.failed(fault('busy', 429));
    health.failed(fault('silent'));
    assert.equal(reachable(), 1, 'being busy is an answer');
    health.failed(fault('silent'));
    assert.equal(reachable(), 0);
    health.answered(1);
    assert.equal(reachable(), 1);
  });

  it('is with which status it refuses the bot, until it answers, or a check that found it finds it gone', () => {
    const { health } = some();
    const refusal = () => health.counters().modelRefusal;
    health.failed(fault('rejected', 400));
    assert.equal(refusal(), 0, 'that was about one question');
    health.failed(fault('refused', 404));
    assert.equal(refusal(), 404);
    health.checked(null);
    assert.equal(refusal(), 404, 'a check does not name the model');
    health.answered(1);
    assert.equal(refusal(), 0);
    health.checked(fault('refused', 401));
    assert.equal(refusal(), 401);
    health.checked(null);
    assert.equal(refusal(), 0);
  });
});

describe('looking for a model', () => {
  type Checked = ReturnType<typeof lookingFor>;
  function lookingFor(...found: readonly (unknown | null)[]) {
    const told: (ModelFault | null)[] = [];
    const news = Promise.withResolvers<void>();
    let checks = 0;
    const model: Pick<Model, 'check'> = {
      async check() {
        const error = found[checks++];
        if (error) throw error;
      },
    };
    const health = new ModelHealth();
    const checked = health.checked.bind(health);
    health.checked = (found) => {
      told.push(found);
      checked(found);
      if (found === null || told.length === 50) news.resolve();
    };
    return { watch: watchModel(model, health, 1), told, there: news.promise, checks: () => checks };
  }
  const kinds = ({ told }: Checked) => told.map((found) => found?.kind ?? null);

  it('is done once when it is there, however often it is asked for meanwhile', async () => {
    const look = lookingFor();
    look.watch.look();
    look.watch.look();
    await look.there;
    await new Promise(setImmediate);
    assert.deepEqual([kinds(look), look.checks()], [[null], 1]);
    look.watch.look();
    assert.equal(look.checks(), 2);
  });

  it('goes on until it is found', async () => {
    const look = lookingFor(fault('down'), fault('refused', 401), new TypeError('our own mistake'));
    look.watch.look();
    await look.there;
    assert.deepEqual(kinds(look), ['down', 'refused', 'garbled', null]);
  });

  it('ends with the bot', async () => {
    const look = lookingFor(fault('down'), fault('down'));
    look.watch.look();
    look.watch.end();
    look.watch.look();
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.deepEqual([kinds(look), look.checks()], [[], 1]);
  });
});
