import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { Output } from '../../src/cli/output.ts';
import { jsonLine, printable } from '../../src/cli/printable.ts';
import { query } from '../../src/cli/query.ts';
import { RecentlySeen } from '../../src/cli/recently-seen.ts';
import { type Message, messages } from '../../src/cli/sse.ts';
import { table } from '../../src/cli/table.ts';
import { age } from '../../src/cli/times.ts';

const silent = { write: () => true };
const terminal = (env: NodeJS.ProcessEnv, isTTY = false) => ({
  out: { ...silent, isTTY },
  err: silent,
  input: process.stdin,
  env,
  outliveReaders: () => {},
});
const plain = new Output({ json: false, quiet: false, color: false }, terminal({}));

describe('a table', () => {
  it('aligns columns by the width that terminals give to characters', async () => {
    assert.deepEqual(
      await table(
        plain,
        ['A', 'B'],
        [
          ['配信', 'x'],
          ['abcdef', 'y'],
          ['é', 'z'],
        ],
      ),
      ['A       B', '配信    x', 'abcdef  y', 'é       z'],
    );
  });

  it('pads under colours as without them', async () => {
    const colored = new Output({ json: false, quiet: false, color: true }, terminal({ FORCE_COLOR: '1' }));
    const [, line] = await table(colored, ['A', 'B'], [[{ text: 'ok', style: 'green' }, 'x']]);
    assert.equal(line, '\u001b[32mok\u001b[39m  x');
  });
});

describe('colours', () => {
  const isColored = (env: NodeJS.ProcessEnv, isTTY: boolean, color = true) =>
    new Output({ json: false, quiet: false, color }, terminal(env, isTTY)).paint('red', 'x') !== 'x';

  it('are for terminals, unless somebody says otherwise', () => {
    assert.equal(isColored({}, true), true);
    assert.equal(isColored({}, false), false);
    assert.equal(isColored({ NO_COLOR: '1' }, true), false);
    assert.equal(isColored({ NO_COLOR: '' }, true), true, 'an empty NO_COLOR says nothing');
    assert.equal(isColored({ TERM: 'dumb' }, true), false);
    assert.equal(isColored({ FORCE_COLOR: '1', NO_COLOR: '1' }, false), true);
    assert.equal(isColored({ FORCE_COLOR: '0' }, true), false);
    assert.equal(isColored({ FORCE_COLOR: '1' }, true, false), false, '--no-color was typed last');
  });
});

describe('symbols', () => {
  it('are words where the terminal may not show them', () => {
    const mark = (env: NodeJS.ProcessEnv) =>
      new Output({ json: false, quiet: false, color: false }, terminal(env)).mark('done');
    assert.equal(mark({ LANG: 'de_DE.UTF-8' }), '✔');
    assert.equal(mark({ LC_ALL: 'C', LANG: 'de_DE.UTF-8' }), 'ok');
    assert.equal(mark({}), 'ok');
  });
});

describe('foreign text', () => {
  it('keeps nothing that a terminal would act on', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        assert.doesNotMatch(printable(text).replaceAll('\t', ''), /[\p{Cc}\u2028\u2029\u202A-\u202E\u2066-\u2069]/u);
      }),
    );
  });

  it('stays as it is when it is harmless', () => {
    assert.equal(printable('grüße, 世界 🎵\tx'), 'grüße, 世界 🎵\tx');
  });

  it('survives as JSON, on one line', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const line = jsonLine({ text });
        assert.doesNotMatch(line, /[\p{Cc}\u2028\u2029\u202A-\u202E\u2066-\u2069]/u);
        assert.equal(JSON.parse(line).text, text.toWellFormed() === text ? text : JSON.parse(JSON.stringify(text)));
      }),
    );
  });
});

describe('an event stream', () => {
  it('is the same however it is cut', async () => {
    const text = 'retry: 1000\n\n: ping\n\nid: 1\ndata: {"a":1}\n\nid: 2\ndata: "x: y"\n\nid: 3\ndata: torn';
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(text.length), { maxLength: 10 }), async (cuts) => {
        const at = [0, ...cuts.sort((a, b) => a - b), text.length];
        const found: Message[] = [];
        const chunks = async function* () {
          for (const [index, from] of at.entries()) yield text.slice(from, at[index + 1] ?? from);
        };
        for await (const message of messages(chunks())) found.push(message);
        assert.deepEqual(found, [
          { id: '1', data: '{"a":1}' },
          { id: '2', data: '"x: y"' },
        ]);
      }),
    );
  });

  it('may send messages without a number', async () => {
    const chunks = async function* () {
      yield 'data: x\n\n';
    };
    for await (const message of messages(chunks())) assert.deepEqual(message, { id: '', data: 'x' });
  });
});

describe('small things', () => {
  it('a query holds what is given', () => {
    assert.equal(query({}), '');
    assert.equal(query({ a: undefined }), '');
    assert.equal(query({ a: 'b c', n: 0 }), '?a=b+c&n=0');
  });

  it('what was seen recently is known, within bounds', () => {
    const seen = new RecentlySeen(2);
    assert.deepEqual(
      ['a', 'a', 'b', 'c', 'b', 'a'].map((key) => seen.add(key)),
      [true, false, true, true, false, true],
    );
  });

  it('an age is in whole seconds, and never negative', () => {
    const ago = (ms: number) => age(new Date(Date.now() - ms).toISOString());
    assert.equal(ago(-5_000), '0s');
    assert.equal(ago(400), '0s');
    assert.equal(ago(11_400), '11s');
    assert.equal(age(null), '-');
  });
});
