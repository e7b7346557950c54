import { decodeBytes, insideCharacter } from './bytes.ts';
import type { Redactor } from './redactor.ts';

/** A line, or a piece of one that is too long to keep in one record. */
export type Piece = {
  readonly text: string;
  /** Where it ends in the given bytes, its newline included. */
  readonly end: number;
  /** The line goes on in the next piece. */
  readonly continued: boolean;
};

export type SplitLimits = { readonly pieceBytes: number; readonly maxPieces: number };

/** Bytes that must be read at once so that each split advances, however long the line. */
export const bytesNeeded = (redactor: Redactor, limits: SplitLimits): number => limits.pieceBytes + 2 * redactor.reach;

/**
 * Splits output (a byte string that begins where the last split ended) into redacted lines. What follows the last
 * newline waits for the rest of its line, unless it is `last` (nothing will follow) or longer than a piece.
 *
 * A long line is cut where no secret and no character is cut in two, so that how the bytes arrived changes nothing.
 */
export function splitLines(bytes: string, redactor: Redactor, limits: SplitLimits, last: boolean): readonly Piece[] {
  const pieces: Piece[] = [];
  const keep = (from: number, to: number, end: number, continued: boolean) => {
    pieces.push({ text: decodeBytes(redactor.redact(bytes.slice(from, to))), end, continued });
    return end;
  };
  let at = 0;
  while (at < bytes.length && pieces.length < limits.maxPieces) {
    const newline = bytes.indexOf('\n', at);
    const lineEnd = newline === -1 ? bytes.length : newline;
    const whole = newline !== -1 || last;
    const window = limits.pieceBytes + redactor.reach;
    if (whole ? lineEnd - at > limits.pieceBytes : lineEnd - at >= window) {
      const cut = at + cutLine(bytes.slice(at, Math.min(lineEnd, at + window)), redactor, limits.pieceBytes);
      if (cut < lineEnd) {
        at = keep(at, cut, cut, true);
        continue;
      }
    }
    if (!whole) break;
    const textEnd = bytes[lineEnd - 1] === '\r' && lineEnd > at ? lineEnd - 1 : lineEnd;
    at = keep(at, textEnd, newline === -1 ? lineEnd : newline + 1, false);
  }
  return pieces;
}

function cutLine(bytes: string, redactor: Redactor, pieceBytes: number): number {
  let at = pieceBytes;
  while (at > pieceBytes - 3 && insideCharacter(bytes, at)) at -= 1;
  return redactor.cut(bytes, at);
}
