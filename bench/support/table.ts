import { styleText } from 'node:util';
import type { JudgedRow, Target, Unit, Verdict } from './row.ts';

const headings = ['what', 'n', 'p50', 'p95', 'p99', 'max', 'unit', 'target', ''] as const;
const leftAligned: readonly string[] = ['what', 'unit', 'target', ''];

const shown: Readonly<Record<Verdict, string>> = {
  ok: styleText('green', 'ok'),
  missed: styleText('yellow', 'missed (short run)'),
  failed: styleText('red', 'FAIL'),
  'no target': '',
};

/** The figures as aligned columns. */
export function table(rows: readonly JudgedRow[]): string {
  const cells = [headings, ...rows.map(cellsOf)];
  const widths = headings.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return leftAligned.includes(headings[column] ?? '') ? cell.padEnd(width) : cell.padStart(width);
      })
      .join('  ')
      .trimEnd();
  return cells.map(line).join('\n');
}

function cellsOf({ what, unit, summary, target, verdict }: JudgedRow): readonly string[] {
  const { n, ...figures } = summary;
  const values = Object.values(figures).map((value) => formatted(value, unit));
  return [what, `${n}`, ...values, unit, target === null ? '' : targetText(target), shown[verdict]];
}

const targetText = ({ statistic, relation, limit }: Target): string => `${statistic} ${relation} ${limit}`;

const formatted = (value: number, unit: Unit): string => value.toFixed(unit === 'MB' ? 1 : 2);
