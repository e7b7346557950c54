import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatBytes, formatDuration, parseDuration, parseSize } from '../../src/core/units.ts';

test('durations are read in milliseconds', () => {
  const table = {
    '500ms': 500,
    '1.5s': 1_500,
    '30s': 30_000,
    '5m': 300_000,
    '1h': 3_600_000,
    '2d': 172_800_000,
    '1h30m': 5_400_000,
    '1m500ms': 60_500,
    '0s': 0,
    '0.4ms': 0,
  };
  for (const [text, ms] of Object.entries(table)) assert.equal(parseDuration(text), ms, text);
});

test('what is no duration is null, and a bare number is none', () => {
  for (const text of [
    '',
    '30',
    's',
    '1 s',
    '-1s',
    '+1s',
    '1,5s',
    '1e3s',
    '.5s',
    '1.s',
    '30S',
    '30sec',
    '1s ',
    `${'1'.repeat(40)}s`,
  ]) {
    assert.equal(parseDuration(text), null, text);
  }
});

test('sizes are read in bytes, powers of ten and of two apart', () => {
  const table = {
    '1B': 1,
    '100MB': 100e6,
    '100mb': 100e6,
    '256MiB': 256 * 2 ** 20,
    '1.5GB': 1.5e9,
    '2 GiB': 2 * 2 ** 30,
    '1KB': 1_000,
    '1KiB': 1_024,
  };
  for (const [text, bytes] of Object.entries(table)) assert.equal(parseSize(text), bytes, text);
});

test('what is no size is null, and a bare number is none', () => {
  for (const text of ['', '100', 'MB', '-1MB', '100M', '1,5MB', '1e3MB', '100 M B', '100XB', '1constructorB']) {
    assert.equal(parseSize(text), null, text);
  }
});

test('people read durations with two units at most', () => {
  const table: readonly (readonly [number, string])[] = [
    [-5, '0ms'],
    [340.4, '340ms'],
    [999.6, '1s'],
    [1_400, '1.4s'],
    [30_000, '30s'],
    [59_949, '59.9s'],
    [59_950, '1m'],
    [61_000, '1m 1s'],
    [720_000, '12m'],
    [3_599_600, '1h'],
    [3_601_000, '1h'],
    [9_000_000, '2h 30m'],
    [273_600_000, '3d 4h'],
    [864_000_000_000, '10000d'],
  ];
  for (const [ms, text] of table) assert.equal(formatDuration(ms), text, String(ms));
});

test('people read sizes with three digits at most', () => {
  const table: readonly (readonly [number, string])[] = [
    [-1, '0 B'],
    [512, '512 B'],
    [1_000, '1 KB'],
    [999_600, '1 MB'],
    [1_240_000, '1.2 MB'],
    [9_960_000, '10 MB'],
    [61_000_000, '61 MB'],
    [1_200_000_000, '1.2 GB'],
    [5e15, '5000 TB'],
  ];
  for (const [bytes, text] of table) assert.equal(formatBytes(bytes), text, String(bytes));
});

test('a duration that is shown and read again is off by less than its second unit', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 30 * 86_400_000 }), (ms) => {
      const again = parseDuration(formatDuration(ms).replace(' ', ''));
      assert.ok(again !== null);
      const off = Math.abs(again - ms);
      assert.ok(
        off <= (ms < 60_000 ? 51 : ms < 3_600_000 ? 1_000 : ms < 86_400_000 ? 60_000 : 3_600_000),
        `${ms} → ${again}`,
      );
    }),
  );
});

test('no text at all makes the readers throw', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      parseDuration(text);
      parseSize(text);
    }),
  );
});
