import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeBytes, encodeBytes } from '../../src/core/logs/bytes.ts';
import { createRedactor } from '../../src/core/logs/redactor.ts';

/** Of the form of a Discord token; made here, so that no scanner finds one in the repository. */
function tokenLike(): string {
  const id = Buffer.from('123456789012345678').toString('base64url');
  return [id, randomBytes(4).toString('base64url'), randomBytes(28).toString('base64url')].join('.');
}

test('a known secret is blanked wherever it stands, whole or in parts', () => {
  const secret = 'alpha-one.beta-two.gamma-three';
  const { redact } = createRedactor([secret]);
  assert.equal(redact(`a ${secret} b`), 'a [redacted] b');
  assert.equal(redact('only beta-two here'), 'only [redacted] here');
  assert.equal(redact(`${secret}${secret}`), '[redacted][redacted]');
});

test('a known secret is blanked in its JSON and URL forms', () => {
  const { redact } = createRedactor(['pass"word\\42']);
  assert.equal(redact(JSON.stringify({ key: 'pass"word\\42' })), '{"key":"[redacted]"}');
  assert.equal(redact(`?key=${encodeURIComponent('pass"word\\42')}`), '?key=[redacted]');
});

test('each line of a secret of several lines is blanked', () => {
  const { redact } = createRedactor(['first-line\nsecond-line']);
  assert.equal(redact('second-line'), '[redacted]');
});

test('what has the form of a Discord token is blanked although nobody named it', () => {
  const { redact } = createRedactor([]);
  assert.equal(redact(`token=${tokenLike()}!`), 'token=[redacted]!');
  assert.equal(redact('www.example.org MTIz.short.x'), 'www.example.org MTIz.short.x');
});

test('words under six characters, and characters with a meaning in patterns, are taken literally', () => {
  assert.equal(createRedactor(['abc']).redact('abc'), 'abc');
  assert.equal(createRedactor(['a+b(c)*[d]']).redact('a+b(c)*[d] aab'), '[redacted] aab');
});

test('a secret beyond ASCII is blanked in the bytes of the output', () => {
  const { redact } = createRedactor(['schlüssel→']);
  assert.equal(decodeBytes(redact(encodeBytes('der schlüssel→ ist ü'))), 'der [redacted] ist ü');
});

test('a cut never falls into a secret', () => {
  const redactor = createRedactor(['secret-word']);
  const text = 'xxxx secret-word yyyy';
  fc.assert(
    fc.property(fc.integer({ min: 1, max: text.length }), (at) => {
      const cut = redactor.cut(text, at);
      assert.ok(cut > 0);
      assert.equal(redactor.redact(text.slice(0, cut)) + redactor.redact(text.slice(cut)), 'xxxx [redacted] yyyy');
    }),
  );
  assert.equal(redactor.cut('secret-word', 3), 11, 'after a secret that begins the text, so that a cut advances');
});

test('bytes that are no UTF-8 become replacement characters, and text survives the way there and back', () => {
  assert.equal(decodeBytes('a\xff\xfeb'), 'a\ufffd\ufffdb');
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      assert.equal(decodeBytes(encodeBytes(text)), text.toWellFormed());
    }),
  );
});
