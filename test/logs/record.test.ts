import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeRecord, encodeCheckpoint, encodeLine, type KeptLine } from '../../src/core/logs/record.ts';

const line: fc.Arbitrary<KeptLine> = fc.record(
  {
    atWallMs: fc.nat(),
    stream: fc.constantFrom('out', 'err', 'droas'),
    incarnation: fc.nat(),
    offset: fc.nat(),
    text: fc.string({ unit: 'binary' }).map((text) => text.toWellFormed()),
    level: fc.option(fc.constantFrom('info', 'error')),
    approx: fc.boolean(),
    continued: fc.boolean(),
  },
  { noNullPrototype: true },
);
const positions = fc.array(
  fc.record(
    {
      incarnation: fc.nat(),
      stream: fc.constantFrom('out' as const, 'err' as const),
      offset: fc.nat(),
      spool: fc.string(),
    },
    { noNullPrototype: true },
  ),
);

test('a line is one line of JSON and is read back as it was', () => {
  fc.assert(
    fc.property(line, fc.option(positions, { nil: undefined }), (kept, at) => {
      const json = encodeLine(kept, at);
      assert.equal(json.indexOf('\n'), json.length - 1);
      assert.deepEqual(decodeRecord(json), { line: kept, positions: at ?? null });
    }),
  );
});

test('a checkpoint is read back as it was', () => {
  fc.assert(
    fc.property(positions, (at) => {
      assert.deepEqual(decodeRecord(encodeCheckpoint(1, at)), { line: null, positions: at });
    }),
  );
});

test('whatever is no record is none', () => {
  for (const json of ['', '{', 'null', '7', '[]', '{"t":"x"}', '{"t":1}', '{"t":1,"s":"out","g":1,"o":2}', '\0\0\0']) {
    assert.equal(decodeRecord(json), null, json);
  }
  assert.equal(decodeRecord('{"t":1,"s":"else","g":1,"o":2,"m":"x"}'), null);
});
