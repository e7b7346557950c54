import { type FileCoverage, percent, total } from './coverage.ts';

const floors = { core: 95, overall: 85 };

/** Shares per folder of src/, the sum, and where most is missing. */
export function coverageTable(files: readonly FileCoverage[]): string {
  const folderOf = ({ path }: FileCoverage) => path.split('/').slice(1, -1)[0] ?? '(top)';
  const rows = [...Map.groupBy(files, folderOf), ['overall', files] as const].map(([name, group]) => {
    const [lines, branches] = [total(group, 'lines'), total(group, 'branches')];
    const cells = [lines, branches].map((tally) => `${percent(tally).toFixed(2)} % of ${tally.total}`.padStart(19));
    return `${name.padEnd(12)}${cells.join('')}`;
  });
  const worst = files.filter((file) => file.missed.length > 0).sort((a, b) => b.missed.length - a.missed.length);
  const hints = worst
    .slice(0, 10)
    .map(({ path, lines, missed }) => `${percent(lines).toFixed(0).padStart(4)} %  ${path}: ${spans(missed)}`);
  return [
    `coverage${'lines'.padStart(23)}${'branches'.padStart(19)}`,
    ...rows,
    ...(hints.length > 0 ? ['', 'most lines missed:', ...hints] : []),
  ].join('\n');
}

/** [1, 2, 3, 7] as "1-3, 7", cut after a few. */
function spans(lines: readonly number[]): string {
  const found: [number, number][] = [];
  for (const line of lines) {
    const last = found.at(-1);
    if (last?.[1] === line - 1) last[1] = line;
    else found.push([line, line]);
  }
  const shown = found.slice(0, 12).map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`));
  return shown.join(', ') + (found.length > shown.length ? ', …' : '');
}

/** What is under its floor, one sentence each. */
export function belowFloor(files: readonly FileCoverage[]): string[] {
  const core = files.filter(({ path }) => path.startsWith('src/core/'));
  return (
    [
      ['core', core, floors.core],
      ['overall', files, floors.overall],
    ] as const
  ).flatMap(([name, group, floor]) =>
    (['lines', 'branches'] as const).flatMap((what) => {
      const reached = percent(total(group, what));
      return reached < floor ? [`coverage of ${name}: ${reached} % of ${what}, the floor is ${floor} %`] : [];
    }),
  );
}
