import type { Output, Style } from './output.ts';
import { printable } from './printable.ts';

/** A cell is text of any origin, with a style if it has one. */
export type Cell = string | { readonly text: string; readonly style: Style };

const textOf = (cell: Cell): string => printable(typeof cell === 'string' ? cell : cell.text);

/** Aligned columns without borders: readable, and still one record per line for grep and awk. */
export async function table(
  output: Output,
  headings: readonly string[],
  rows: readonly (readonly Cell[])[],
): Promise<string[]> {
  const widthOf = await measure(rows);
  const widths = headings.map((heading, column) =>
    Math.max(heading.length, ...rows.map((cells) => widthOf(textOf(cells[column] ?? '')))),
  );
  const head = output.paint('bold', aligned(headings, widths, widthOf, textOf));
  return [head, ...rows.map((cells) => aligned(cells, widths, widthOf, (cell) => paintCell(output, cell)))];
}

/**
 * One row under given widths: for streams, whose later rows are not known yet. Columns before the last hold names and
 * words of ours, which are ASCII.
 */
export const row = (output: Output, cells: readonly Cell[], widths: readonly number[]): string =>
  aligned(cells, widths, lengthOf, (cell) => paintCell(output, cell));

type Measure = (text: string) => number;
const lengthOf: Measure = (text) => text.length;

/**
 * How wide terminals show the cells that are padded: all but the last of a row. What knows the width of all characters
 * takes 50 ms to load, so only those wait for it who need it.
 */
async function measure(rows: readonly (readonly Cell[])[]): Promise<Measure> {
  const isAscii = rows.every((cells) => cells.slice(0, -1).every((cell) => /^[ -~]*$/.test(textOf(cell))));
  return isAscii ? lengthOf : (await import('string-width')).default;
}

function aligned(
  cells: readonly Cell[],
  widths: readonly number[],
  widthOf: Measure,
  show: (cell: Cell) => string,
): string {
  return cells
    .map((cell, column) => {
      const gap = column === cells.length - 1 ? 0 : Math.max(0, (widths[column] ?? 0) - widthOf(textOf(cell)));
      return show(cell) + ' '.repeat(gap);
    })
    .join('  ');
}

const paintCell = (output: Output, cell: Cell): string =>
  typeof cell === 'string' ? printable(cell) : output.paint(cell.style, textOf(cell));
