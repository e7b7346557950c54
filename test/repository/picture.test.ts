import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { terminalSvg } from '../../scripts/picture/terminal-svg.ts';

const texts = (svg: string) =>
  [...svg.matchAll(/<text x="([\d.]+)" y="([\d.]+)" textLength="([\d.]+)"(?: class="([^"]*)")?>([^<]*)</g)].map(
    ([, x, y, length, style = '', text = '']) => ({ x: Number(x), y: Number(y), length: Number(length), style, text }),
  );

describe('the picture of a terminal', () => {
  it('keeps columns, each as wide as its characters', () => {
    const [name, state] = texts(terminalSvg('', 'echo   running'));
    assert.deepEqual([name?.text, state?.text], ['echo', 'running']);
    assert.ok(Math.abs((state?.x ?? 0) - (name?.x ?? 0) - 7 * 8.4) < 0.1);
    assert.ok(Math.abs((name?.length ?? 0) - 4 * 8.4) < 0.1);
  });

  it('shows colours and weights until they end', () => {
    const shown = texts(terminalSvg('', '\x1b[1mNAME\x1b[22m  \x1b[31mdead\x1b[39m  rest\n\x1b[33mlate\x1b[0m'));
    assert.deepEqual(
      shown.map(({ text, style }) => [text, style]),
      [
        ['NAME', 'b'],
        ['dead', 'r'],
        ['rest', ''],
        ['late', 'y'],
      ],
    );
  });

  it('refuses a sequence that it would draw as text', () => {
    assert.throws(() => terminalSvg('', '\x1b[38;5;1mx'), /knows no SGR/);
  });

  it('folds a long line between words, under the beginning of its last column', () => {
    const long = `why  ${'word '.repeat(30)}end`;
    const lines = texts(terminalSvg('', `\x1b[33m${long}\x1b[39m`)).filter(({ text }) => text !== 'why');
    assert.equal(lines.map(({ text }) => text).join(' '), `${'word '.repeat(30)}end`);
    assert.deepEqual(
      lines.map(({ x, style }) => [x, style]),
      [
        [60, 'y'],
        [60, 'y'],
      ],
    );
    assert.ok(lines.every(({ x, length }) => x + length <= 18 + 100 * 8.4));
  });

  it('folds a word that is longer than the line', () => {
    const lines = texts(terminalSvg('', 'x'.repeat(250)));
    assert.deepEqual(
      lines.map(({ text }) => text.length),
      [100, 100, 50],
    );
  });

  it('escapes what would be markup', () => {
    const svg = terminalSvg('a < b', 'if a < b && "c"');
    assert.match(svg, /<title>a &lt; b<\/title>/);
    assert.match(svg, />if a &lt; b &amp;&amp; &quot;c&quot;</);
  });
});
