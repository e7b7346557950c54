import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeBytes, encodeBytes } from '../../src/core/logs/bytes.ts';
import { createRedactor } from '../../src/core/logs/redactor.ts';
import { bytesNeeded, type Piece, splitLines } from '../../src/core/logs/split.ts';

const redactor = createRedactor(['hunter2-hunter2']);
const limits = { pieceBytes: 40, maxPieces: 1000 };
const texts = (pieces: readonly Piece[]) => pieces.map(({ text }) => text);

test('whole lines come out, the rest waits for its newline', () => {
  const pieces = splitLines('one\ntwo\r\n\nthr', redactor, limits, false);
  assert.deepEqual(texts(pieces), ['one', 'two', '']);
  assert.equal(pieces.at(-1)?.end, 10);
});

test('the end of the output ends the last line', () => {
  assert.deepEqual(splitLines('one\ntwo', redactor, limits, true), [
    { text: 'one', end: 4, continued: false },
    { text: 'two', end: 7, continued: false },
  ]);
  assert.deepEqual(splitLines('', redactor, limits, true), []);
});

test('a long line is kept in pieces that say so', () => {
  const pieces = splitLines(`${'x'.repeat(100)}\n`, redactor, limits, false);
  assert.deepEqual(
    pieces.map(({ text, continued }) => [text.length, continued]),
    [
      [40, true],
      [40, true],
      [20, false],
    ],
  );
  assert.equal(pieces.at(-1)?.end, 101);
});

test('a line that never ends is kept in pieces once nothing can reach back into them', () => {
  const short = 'x'.repeat(limits.pieceBytes + redactor.reach - 1);
  assert.deepEqual(splitLines(short, redactor, limits, false), []);
  assert.deepEqual(texts(splitLines(`${short}x`, redactor, limits, false)), ['x'.repeat(40)]);
});

test('a line whose secret reaches to its end is one piece', () => {
  const line = `${'hunter2-hunter2'}`;
  const pieces = splitLines(`${line}\n`, redactor, { pieceBytes: 4, maxPieces: 10 }, false);
  assert.deepEqual(pieces, [{ text: '[redacted]', end: 16, continued: false }]);
});

test('a long line is never cut inside a character', () => {
  for (const character of ['ü', '→', '😀']) {
    for (let pad = 0; pad < 5; pad += 1) {
      const line = `${'x'.repeat(pad)}${character.repeat(60)}`;
      const pieces = splitLines(`${encodeBytes(line)}\n`, redactor, limits, false);
      assert.ok(pieces.length > 1);
      assert.equal(texts(pieces).join(''), line);
    }
  }
  assert.equal(splitLines('\x80'.repeat(100), redactor, limits, true).length, 3, 'nor held up by what is no character');
});

test('no more pieces than asked come out at once', () => {
  assert.equal(splitLines('\n'.repeat(50), redactor, { ...limits, maxPieces: 7 }, false).length, 7);
});

const word = fc.oneof(
  fc.constantFrom('hunter2-hunter2', 'hunter2-', '\n', '\r\n', 'ü', '→', '😀', ' '),
  fc.string({ maxLength: 30 }),
);

test('how the bytes arrive changes nothing: same pieces, nothing lost, nothing secret', () => {
  const step = bytesNeeded(redactor, limits);
  fc.assert(
    fc.property(
      fc.array(word, { maxLength: 60 }),
      fc.infiniteStream(fc.integer({ min: 1, max: 90 })),
      (words, sizes) => {
        const bytes = encodeBytes(words.join(''));
        const arriving = collect(bytes, sizes, step);
        assert.deepEqual(arriving, splitLines(bytes, redactor, limits, true));
        const joined = arriving.map(({ text, continued }) => (continued ? text : `${text}\n`)).join('');
        assert.equal(joined.includes('hunter2-hunter2'), false);
        const wanted = decodeBytes(redactor.redact(bytes)).replaceAll('\r\n', '\n');
        assert.equal(joined.replace(/\n$/, ''), wanted.replace(/\r?\n?$/, '').replace(/\r$/, ''));
      },
    ),
  );
});

/** Reads as the log spool does: from the end of the last piece, as far as bytes have arrived. */
function collect(bytes: string, sizes: Iterable<number>, step: number): Piece[] {
  const pieces: Piece[] = [];
  const size = sizes[Symbol.iterator]();
  let at = 0;
  let arrived = 0;
  for (;;) {
    const chunk = bytes.slice(at, Math.min(arrived, at + step));
    const last = arrived >= bytes.length && at + chunk.length >= bytes.length;
    const found = splitLines(chunk, redactor, limits, last);
    pieces.push(...found.map((piece) => ({ ...piece, end: piece.end + at })));
    at += found.at(-1)?.end ?? 0;
    if (last && found.length < limits.maxPieces) return pieces;
    if (found.length === 0 || arrived < bytes.length) arrived = Math.min(bytes.length, arrived + size.next().value);
  }
}
