import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { split } from '../../src/assistant/split.ts';

const text = fc.array(fc.constantFrom('word', ' ', '\n', '```', '```js\n', '😀', 'é', 'x'.repeat(40)), {
  maxLength: 120,
});

describe('a long answer', () => {
  it('is one message as long as it fits', () => {
    assert.deepEqual(split('a'.repeat(2000)), ['a'.repeat(2000)]);
    assert.deepEqual(split(''), []);
    assert.deepEqual(split(' \n'), []);
  });

  it('is cut at the end of a line, else between words, else anywhere', () => {
    assert.deepEqual(split('one two\nthree four', 14), ['one two', 'three four']);
    assert.deepEqual(split('one two three four', 14), ['one two', 'three four']);
    assert.deepEqual(split('abcdefghijklmno', 14), ['abcdefghij', 'klmno']);
  });

  it('is never cut inside a character', () => {
    assert.deepEqual(split('abcdefghi😀😀😀', 14), ['abcdefghi', '😀😀😀']);
  });

  it('closes a code block that is cut, and opens it again with its language', () => {
    assert.deepEqual(split('```js\nlet a = 1;\nlet b = 2;\nlet c = 3;\n```', 40), [
      '```js\nlet a = 1;\nlet b = 2;\n```',
      '```js\nlet c = 3;\n```',
    ]);
    assert.deepEqual(split('x ```not a language\nand more of it', 30), [
      'x ```not a language\n```',
      '```\nand more of it',
    ]);
  });

  it('leaves out messages with nothing in them', () => {
    assert.deepEqual(split(`${'\n'.repeat(3000)}end`), ['end']);
  });

  it('has only messages that Discord takes', () => {
    fc.assert(
      fc.property(text, (parts) => {
        for (const piece of split(parts.join(''), 60)) {
          assert.ok(piece.length <= 60);
          assert.notEqual(piece.trim(), '');
          assert.ok(piece.isWellFormed());
        }
      }),
    );
  });

  it('loses nothing but white space', () => {
    const bare = (value: string) => value.replaceAll(/```(js)?|\s/g, '');
    fc.assert(
      fc.property(text, (parts) => {
        const whole = parts.filter((part) => !part.startsWith('```')).join('');
        assert.equal(bare(split(whole, 60).join('')), bare(whole));
      }),
    );
  });

  it('that grows never changes the messages before the last two', () => {
    fc.assert(
      fc.property(text, (parts) => {
        const whole = parts.join('');
        const final = split(whole, 60);
        for (let end = 0; end < whole.length; end += 7) {
          const settled = split(whole.slice(0, end), 60).slice(0, -2);
          assert.deepEqual(settled, final.slice(0, settled.length));
        }
      }),
    );
  });
});
