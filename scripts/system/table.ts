import { existsSync, readFileSync } from 'node:fs';

type Cell = { readonly behaviour: string; readonly library: string; readonly result: string };

/** What the conformance suite measured in this run: a row per behaviour, a column per library. */
export function conformanceTable(path: string): string {
  const cells: Cell[] = existsSync(path)
    ? readFileSync(path, 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line))
    : [];
  const columns = ['discord.js', '@discordjs/core', 'oceanic.js', 'discord.py'];
  const libraries = cells.filter(({ library }) => columns.includes(library));
  const limits = cells.filter(({ library }) => !columns.includes(library));
  const collator = new Intl.Collator('en', { numeric: true });
  const rows = [...Map.groupBy(libraries, ({ behaviour }) => behaviour)]
    .sort(([a], [b]) => collator.compare(a, b))
    .map(([behaviour, own]) => [
      behaviour,
      ...columns.map((column) => own.find(({ library }) => library === column)?.result ?? '–'),
    ]);
  const refusals = limits
    .sort((a, b) => collator.compare(a.behaviour, b.behaviour))
    .map(({ behaviour, result }) => [behaviour, result]);
  return [
    ...aligned([['behaviour', ...columns], ...rows]),
    '–: the library does not offer it, or its test did not get that far',
    '',
    ...aligned([['misbehaviour of any client', 'answer'], ...refusals]),
  ].join('\n');
}

function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]?.map((_, index) => Math.max(...rows.map((row) => (row[index] ?? '').length))) ?? [];
  return rows.map((row) =>
    row
      .map((cell, index) => cell.padEnd(widths[index] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
