import assert from 'node:assert/strict';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { findGuests } from '../../src/demo/guests.ts';
import { scratchDirectory } from '../support/scratch-directory.ts';

const named = (guests: readonly { readonly name: string }[]) => guests.map(({ name }) => name);

test('the published package has no examples: its demo goes without, and says so', (t) => {
  const { present, absent } = findGuests(scratchDirectory(t));
  assert.deepEqual([named(present), named(absent)], [[], ['counter', 'dice']]);
  for (const { why } of absent) assert.equal(why, 'the examples are not part of the published package');
});

test('a bot whose library is not installed is left out, with the way to get it', (t) => {
  const directory = scratchDirectory(t);
  cpSync(join(import.meta.dirname, '../../examples'), join(directory, 'examples'), { recursive: true });
  const counter = findGuests(directory).absent.find(({ name }) => name === 'counter');
  assert.equal(counter?.why, 'npm install discord.js');
});

test('in the repository the bot on discord.js can always run', () => {
  assert.ok(named(findGuests().present).includes('counter'));
});
