import assert from 'node:assert/strict';
import { test } from 'node:test';
import { levelOf } from '../../src/core/logs/level.ts';

const lines: readonly (readonly [string, string | null])[] = [
  ['{"level":30,"msg":"pino"}', 'info'],
  ['{"level":10}', 'trace'],
  ['{"level":20}', 'debug'],
  ['{"level":40}', 'warn'],
  ['{"level":50}', 'error'],
  ['{"level":60}', 'fatal'],
  ['{"time":1,"level":"warning"}', 'warn'],
  ['{"severity":"CRITICAL"}', 'fatal'],
  ['{"level":"loud"}', null],
  ['{"a":1}', null],
  ['ERROR something', 'error'],
  ['WARN: careful', 'warn'],
  ['2026-11-22 10:00:00 INFO     discord.client logged in', 'info'],
  ['[2026-11-22 10:00:00] [WARNING ] discord.gateway: slow', 'warn'],
  ['2026-11-22T10:00:00.123Z DEBUG ready', 'debug'],
  ['\x1b[31mERROR\x1b[0m red', 'error'],
  ['[info] started', 'info'],
  ['fatal: not a repository', 'fatal'],
  ['Error: connect ECONNREFUSED', 'error'],
  ['TypeError: x is not a function', 'error'],
  ['information about errors', null],
  ['an error occurred', null],
  ['INFORMATION', null],
  ['', null],
];

for (const [line, level] of lines) {
  test(`the level of ${JSON.stringify(line)} is ${level}`, () => assert.equal(levelOf(line), level));
}
