import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { conformanceTable } from '../../scripts/system/table.ts';

const cell = (behaviour: string, library: string, result: string) =>
  `${JSON.stringify({ behaviour, library, result })}\n`;

test('the conformance table has a row per behaviour, a column per library, and shows what is not there', (context) => {
  const directory = mkdtempSync(join(tmpdir(), 'droas-table-'));
  context.after(() => rmSync(directory, { recursive: true }));
  const path = join(directory, 'table.jsonl');
  writeFileSync(
    path,
    cell('close 4010', 'discord.py', 'exit 1') +
      cell('close 4004', 'discord.py', 'exit 1') +
      cell('close 4004', 'discord.js', 'exit 0') +
      cell('61 calls', 'any client', '429'),
  );
  assert.deepEqual(conformanceTable(path).split('\n'), [
    'behaviour   discord.js  @discordjs/core  oceanic.js  discord.py',
    'close 4004  exit 0      –                –           exit 1',
    'close 4010  –           –                –           exit 1',
    '–: the library does not offer it, or its test did not get that far',
    '',
    'misbehaviour of any client  answer',
    '61 calls                    429',
  ]);
});

test('without a measurement the conformance table has its heads alone', () => {
  assert.match(
    conformanceTable('/nowhere/table.jsonl'),
    /^behaviour .+\n–: .+\n\nmisbehaviour of any client {2}answer$/,
  );
});
