import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { capacityFor, capacityUsed } from '../../src/core/fleet/capacity.ts';

const bot = (name: string) => ({ name, kind: 'bot' }) as const;
const service = (name: string) => ({ name, kind: 'service' }) as const;

describe('capacity', () => {
  const ten = Array.from({ length: 10 }, (_, index) => bot(`b${index}`));

  test('bots count, services do not', () => {
    assert.equal(capacityUsed([bot('a'), service('redis'), bot('b')]), 2);
  });

  test('the tenth bot fits, the eleventh is refused with figures and a remedy', () => {
    assert.equal(capacityFor(bot('music'), ten.slice(1), 10), null);
    const refused = capacityFor(bot('music'), [...ten, service('redis')], 10);
    assert.equal(refused?.sentence, 'music does not fit: 10 of 10 bots are taken (services do not count)');
    assert.match(refused?.remedy ?? '', /droas rm.*capacity/);
  });

  test('a service fits into a full fleet', () => {
    assert.equal(capacityFor(service('redis'), ten, 10), null);
  });

  test('a bot that takes the place of its namesake fits', () => {
    assert.equal(capacityFor(bot('b3'), ten, 10), null);
  });
});
