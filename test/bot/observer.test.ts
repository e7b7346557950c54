import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type GatewayObserver, observe } from '../../src/bot/libraries/observer.ts';
import type { GatewayReport } from '../../src/bot/messages.ts';

const observed = (act: (observer: GatewayObserver) => void) => {
  const reports: GatewayReport[] = [];
  const served: string[] = [];
  act(
    observe(
      (report) => reports.push(report),
      (detail) => served.push(detail),
    ),
  );
  return { served, said: reports.map(({ state, shard, closeCode }) => [state, shard, closeCode ?? null]) };
};

describe('what a library sees', () => {
  it('stays fatal when the library closes what Discord has closed for good', () => {
    const { said } = observed((observer) => {
      observer.closed(0, 4014);
      observer.closed(0, 1000);
      observer.closed(1, 1000);
    });
    assert.deepEqual(said, [
      ['fatal', 0, 4014],
      ['disconnected', 1, 1000],
    ]);
  });

  it('is no longer fatal once it is connected again', () => {
    const { said } = observed((observer) => {
      observer.closed(0, 4004);
      observer.identifying(0);
      observer.identified(0);
      observer.closed(0);
    });
    assert.deepEqual(said.at(-1), ['disconnected', 0, null]);
  });

  it('serves once, however often the library says so', () => {
    const { served } = observed((observer) => {
      observer.serving('3 guilds');
      observer.serving('4 guilds');
    });
    assert.deepEqual(served, ['3 guilds']);
  });

  it('counts a session whose IDENTIFY the library did not mention', () => {
    const { said } = observed((observer) => observer.identified(2));
    assert.deepEqual(said, [
      ['identifying', 2, null],
      ['ready', 2, null],
    ]);
  });

  it('is not connected by an acknowledgement alone', () => {
    const { said } = observed((observer) => {
      observer.identifying(0);
      observer.acknowledged(0, 12);
    });
    assert.deepEqual(said, [['identifying', 0, null]]);
  });
});
