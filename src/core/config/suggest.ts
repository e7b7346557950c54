/** The candidate that a mistyped word most likely meant, or null when none is near. */
export function nearest(word: string, candidates: readonly string[]): string | null {
  if (word.length > longestWord) return null;
  const plain = normalized(word);
  let best: string | null = null;
  let bestDistance = Math.min(2, Math.floor(plain.length / 2)) + 1;
  for (const candidate of candidates) {
    const other = normalized(candidate);
    if (Math.abs(plain.length - other.length) >= bestDistance) continue;
    const distance = editDistance(plain, other);
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

const longestWord = 64;

/** `memory_limit`, `memory-limit` and `memorylimit` mean `memoryLimit`. */
const normalized = (word: string): string => word.toLowerCase().replaceAll(/[_-]/g, '');

/** Insertions, deletions, substitutions and swaps of neighbours that turn `a` into `b`. */
function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row += 1) {
    const next = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const same = a[row - 1] === b[column - 1];
      let cost = Math.min(cell(last, column) + 1, cell(next, column - 1) + 1, cell(last, column - 1) + (same ? 0 : 1));
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (swapped) cost = Math.min(cost, cell(before, column - 2) + 1);
      next.push(cost);
    }
    [before, last] = [last, next];
  }
  return cell(last, b.length);
}

const cell = (row: readonly number[], column: number): number => row[column] ?? Number.POSITIVE_INFINITY;
