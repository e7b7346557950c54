import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { exercise } from './exercise.ts';
import type { Library } from './libraries.ts';
import { measured } from './table.ts';

/** What each library asks for; discord.js asks only where a further package, zlib-sync, is installed. */
const asked: readonly (readonly [Library, 'zlib' | 'zstd'])[] = [
  ['@discordjs/core', 'zlib'],
  ['oceanic.js', 'zlib'],
  ['oceanic.js', 'zstd'],
  ['discord.py', 'zlib'],
];

describe('a compressed connection', { concurrency: 4 }, () => {
  for (const [library, compress] of asked)
    it(`of ${library}, ${compress}-stream, serves, is interrupted and resumes`, async () => {
      const seen = new Set<string | undefined>();
      const result = await exercise(
        library,
        ({ ledger, faults }, id) => {
          for (const { compression } of ledger.entries({ type: 'connect' })) seen.add(compression);
          faults.reconnect(id);
        },
        { compress },
      );
      measured(`${compress}-stream`, library, result);
      assert.deepEqual([...seen], [`${compress}-stream`]);
      assert.equal(result, 'resumes');
    });
});
