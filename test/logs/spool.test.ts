import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import type { LogLine } from '../../src/ports/logs.ts';
import { Desk } from './desk.ts';
import { scratchDirectory } from './scratch.ts';
import { until } from './until.ts';

const root = scratchDirectory();
let desk: Desk;
let tests = 0;

beforeEach(() => {
  tests += 1;
  desk = new Desk(join(root, String(tests)));
});
afterEach(() => desk.spool.close());

test('lines of both streams are kept, stamped and told to whoever listens', async () => {
  const heard: LogLine[] = [];
  const others: LogLine[] = [];
  desk.spool.subscribe(null, (line) => heard.push(line));
  desk.spool.subscribe(new Set(['other']), (line) => others.push(line));
  const source = desk.source('music');
  desk.spool.follow(source);
  const beforeMs = Date.now();
  appendFileSync(source.spools.out, 'hello\n');
  appendFileSync(source.spools.err, 'ERROR oh\n');
  await until('both lines are heard', () => heard.length === 2);
  const out = heard.find(({ stream }) => stream === 'out');
  assert.ok(out && out.atWallMs >= beforeMs && out.atWallMs <= Date.now());
  assert.deepEqual(
    { ...out, atWallMs: 0 },
    {
      bot: 'music',
      incarnation: 1,
      stream: 'out',
      atWallMs: 0,
      approx: false,
      level: null,
      text: 'hello',
      offset: 6,
    },
  );
  assert.equal(heard.find(({ stream }) => stream === 'err')?.level, 'error');
  assert.deepEqual(others, []);
  assert.deepEqual(new Set(await desk.texts('music')), new Set(['hello', 'ERROR oh']));
});

test('after unsubscribing nothing more is heard', async () => {
  const heard: LogLine[] = [];
  const unsubscribe = desk.spool.subscribe(null, (line) => heard.push(line));
  const source = desk.source('music');
  desk.spool.follow(source);
  unsubscribe();
  appendFileSync(source.spools.out, 'hello\n');
  await desk.spool.finish('music', 1);
  assert.deepEqual(await desk.texts('music'), ['hello']);
  assert.deepEqual(heard, []);
});

test('what is kept is private', async () => {
  const source = desk.source('music');
  desk.spool.follow(source);
  appendFileSync(source.spools.out, 'hello\n');
  await desk.spool.finish('music', 1);
  assert.equal(statSync(join(desk.logsDirectory, 'music')).mode & 0o777, 0o700);
  assert.equal(statSync(join(desk.logsDirectory, 'music', 'current.log')).mode & 0o777, 0o600);
});

test('half a line waits for its rest, and for the end at most', async () => {
  const source = desk.source('music');
  desk.spool.follow(source);
  appendFileSync(source.spools.out, 'whole\nha');
  await until('the whole line is kept', async () => (await desk.texts('music')).length === 1);
  appendFileSync(source.spools.out, 'lf\nno newline');
  await until('the rest has come', async () => (await desk.texts('music')).length === 2);
  await desk.spool.finish('music', 1);
  assert.deepEqual(await desk.texts('music'), ['whole', 'half', 'no newline']);
});

test('to finish twice, or what was never followed, is no matter', async () => {
  desk.spool.follow(desk.source('music'));
  await Promise.all([desk.spool.finish('music', 1), desk.spool.finish('music', 1)]);
  await desk.spool.finish('music', 1);
  await desk.spool.finish('music', 7);
  await desk.spool.finish('nobody', 1);
});

test('a spool that is gone has nothing to say', async () => {
  const source = desk.source('music');
  rmSync(source.spools.out);
  appendFileSync(source.spools.err, 'left\n');
  desk.spool.follow(source);
  await desk.spool.finish('music', 1);
  assert.deepEqual(await desk.texts('music'), ['left']);
  assert.deepEqual(desk.problems, []);
});

test('a spool that is no file is reported and not read', async () => {
  const source = desk.source('music');
  rmSync(source.spools.out);
  mkdirSync(source.spools.out);
  desk.spool.follow(source);
  await until('the problem is reported', () => desk.problems.length === 1);
  assert.match(desk.problems[0]?.[1] ?? '', /"music".*not a regular file/);
});

test('another supervisor goes on exactly where the last one ended', async () => {
  const source = desk.source('music');
  desk.spool.follow(source);
  appendFileSync(source.spools.out, '1\n2\n3');
  await until('two lines are kept', async () => (await desk.texts('music')).length === 2);
  await desk.reopen();
  appendFileSync(source.spools.out, '3\n');
  desk.spool.follow(source);
  desk.spool.follow(source);
  await until('the third line is kept', async () => (await desk.texts('music')).length === 3);
  appendFileSync(source.spools.out, '4\n');
  await desk.spool.finish('music', 1);
  const lines = await desk.lines('music');
  assert.deepEqual(
    lines.map(({ text, approx }) => [text, approx]),
    [
      ['1', false],
      ['2', false],
      ['33', true],
      ['4', false],
    ],
  );
});

test('output of long before anybody followed is marked as such', async () => {
  const source = desk.source('music');
  appendFileSync(source.spools.out, 'long ago\n');
  const bornMs = statSync(source.spools.out).birthtimeMs;
  await until('a second has passed', () => Date.now() - bornMs > 1100);
  desk.spool.follow(source);
  await desk.spool.finish('music', 1);
  assert.equal((await desk.lines('music'))[0]?.approx, true);
});

test('a spool that is another file of the same name is read from its start', async () => {
  const source = desk.source('music');
  desk.spool.follow(source);
  appendFileSync(source.spools.out, 'first life\n');
  await desk.spool.finish('music', 1);
  await desk.reopen();
  rmSync(source.spools.out);
  await until('the clock has moved on', () => Date.now() > statSync(source.spools.err).birthtimeMs + 20);
  writeFileSync(source.spools.out, 'second life\nand more\n');
  desk.spool.follow(source);
  await desk.spool.finish('music', 1);
  assert.deepEqual(await desk.texts('music'), ['first life', 'second life', 'and more']);
});

test('a torn last record is cut off and its line read again', async () => {
  const source = desk.source('music');
  desk.spool.follow(source);
  appendFileSync(source.spools.out, 'one\ntwo\n');
  await until('two lines are kept', async () => (await desk.texts('music')).length === 2);
  const path = join(desk.logsDirectory, 'music', 'current.log');
  const size = statSync(path).size;
  for (const torn of [1, 10, 40]) {
    await desk.spool.close();
    truncateSync(path, size - torn);
    await desk.reopen();
    desk.spool.follow(source);
    await until('the second line is kept again', async () => (await desk.texts('music')).length === 2);
    assert.deepEqual(await desk.texts('music'), ['one', 'two']);
    for (const json of desk.kept('music').trimEnd().split('\n')) JSON.parse(json);
    truncateSync(path, size);
  }
});

test('damage in the kept log is passed over', async () => {
  const source = desk.source('music');
  desk.spool.follow(source);
  appendFileSync(source.spools.out, 'one\n');
  await until('a line is kept', async () => (await desk.texts('music')).length === 1);
  await desk.spool.close();
  appendFileSync(join(desk.logsDirectory, 'music', 'current.log'), `${'\0'.repeat(3_000_000)}\n`);
  await desk.reopen();
  desk.spool.follow(source);
  appendFileSync(source.spools.out, 'two\n');
  await desk.spool.finish('music', 1);
  assert.deepEqual(await desk.texts('music'), ['one', 'two']);
});

test('the kept log is rotated and bounded; reading goes through all of it', async () => {
  await desk.reopen({ fileBytes: 2000, keptFiles: 3 });
  const source = desk.source('music');
  desk.spool.follow(source);
  for (let n = 0; n < 200; n += 10) {
    appendFileSync(source.spools.out, Array.from({ length: 10 }, (_, k) => `line ${n + k}\n`).join(''));
    await until('it is kept', async () => (await desk.texts('music')).at(-1) === `line ${n + 9}`);
  }
  const files = ['current.log', 'current.log.1', 'current.log.2', 'current.log.3', 'current.log.4'];
  const exist = files.map((name) => existsSync(join(desk.logsDirectory, 'music', name)));
  assert.deepEqual(exist, [true, true, true, true, false]);
  const texts = await desk.texts('music');
  const first = 200 - texts.length;
  assert.ok(first > 50 && first < 180, `about four files of lines are kept: ${texts.length}`);
  assert.deepEqual(
    texts,
    Array.from({ length: texts.length }, (_, k) => `line ${first + k}`),
  );
  assert.deepEqual(
    (await desk.lines('music', 3)).map(({ text }) => text),
    ['line 197', 'line 198', 'line 199'],
  );
});

test('a quiet stream is not read twice after its last line was rotated away', async () => {
  const small = { fileBytes: 1000, keptFiles: 1 };
  await desk.reopen(small);
  const source = desk.source('music');
  desk.spool.follow(source);
  appendFileSync(source.spools.err, 'once\n');
  await until('it is kept', async () => (await desk.texts('music')).includes('once'));
  for (let n = 0; (await desk.texts('music')).includes('once'); n += 1) {
    appendFileSync(source.spools.out, `filler ${n}\n`);
    await until('it is kept', async () => (await desk.texts('music')).at(-1) === `filler ${n}`);
  }
  await desk.reopen(small);
  desk.spool.follow(source);
  await desk.spool.finish('music', 1);
  assert.equal((await desk.texts('music')).includes('once'), false);
});

test('a crash between the renames of a rotation loses nothing', async () => {
  await desk.reopen({ fileBytes: 500, keptFiles: 5 });
  const source = desk.source('music');
  desk.spool.follow(source);
  appendFileSync(source.spools.out, 'a\nb\n');
  await until('it is kept', async () => (await desk.texts('music')).length === 2);
  await desk.spool.close();
  const current = join(desk.logsDirectory, 'music', 'current.log');
  const { renameSync } = await import('node:fs');
  renameSync(current, `${current}.2`);
  await desk.reopen({ fileBytes: 500, keptFiles: 5 });
  desk.spool.follow(source);
  appendFileSync(source.spools.out, 'c\n');
  await desk.spool.finish('music', 1);
  assert.deepEqual(await desk.texts('music'), ['a', 'b', 'c']);
});

test('reading goes back no further than asked', async () => {
  const source = desk.source('music');
  desk.spool.follow(source);
  appendFileSync(source.spools.out, 'old\n');
  await until('it is kept', async () => (await desk.texts('music')).length === 1);
  const sinceWallMs = Date.now() + 1;
  await until('the clock has moved on', () => Date.now() > sinceWallMs);
  appendFileSync(source.spools.out, 'new\n');
  await desk.spool.finish('music', 1);
  const lines = await desk.spool.read('music', { limit: 10, sinceWallMs });
  assert.deepEqual(
    lines.map(({ text }) => text),
    ['new'],
  );
  assert.deepEqual(await desk.spool.read('nobody', { limit: 10 }), []);
  assert.deepEqual(await desk.spool.read('music', { limit: 0 }), []);
});

test('a secret is blanked even when it comes in two writes and across what is read at once', async () => {
  await desk.reopen({ chunkBytes: 64, pieceBytes: 64 });
  const secret = `${randomBytes(12).toString('hex')}`;
  desk.spool.redact('music', [secret]);
  const source = desk.source('music');
  desk.spool.follow(source);
  for (let pad = 0; pad < 70; pad += 1)
    appendFileSync(source.spools.out, `${'x'.repeat(pad)}${secret}${'y'.repeat(60)}\n`);
  appendFileSync(source.spools.out, `z${secret.slice(0, 10)}`);
  await until('the first lines are kept', async () => (await desk.texts('music')).length > 100);
  appendFileSync(source.spools.out, `${secret.slice(10)}\n`);
  desk.spool.note('music', 1, `said ${secret}`);
  await desk.spool.finish('music', 1);
  const texts = await desk.texts('music');
  assert.ok(texts.includes('z[redacted]') && texts.includes('said [redacted]'));
  assert.equal(desk.kept('music').includes(secret), false);
  assert.equal(texts.join('').split('[redacted]').length - 1, 72);
});

test('the secrets before a change stay blanked for output still to come', async () => {
  desk.spool.redact('music', ['old-secret']);
  desk.spool.redact('music', ['new-secret']);
  const source = desk.source('music');
  desk.spool.follow(source);
  appendFileSync(source.spools.out, 'old-secret new-secret\n');
  await desk.spool.finish('music', 1);
  assert.deepEqual(await desk.texts('music'), ['[redacted] [redacted]']);
});

test('a line of a megabyte is kept whole, in pieces', async () => {
  const source = desk.source('music');
  desk.spool.follow(source);
  const line = randomBytes(524_288).toString('hex');
  appendFileSync(source.spools.out, `${line}\nafter\n`);
  await desk.spool.finish('music', 1);
  const lines = await desk.lines('music');
  assert.equal(lines.at(-1)?.text, 'after');
  const pieces = lines.slice(0, -1);
  assert.ok(pieces.every(({ text }) => text.length <= 16_384));
  assert.deepEqual(
    pieces.map(({ continued }) => continued ?? false),
    pieces.map((_, n) => n < pieces.length - 1),
  );
  assert.equal(pieces.map(({ text }) => text).join(''), line);
});

test('more lines than one turn takes are all kept before the end', async () => {
  await desk.reopen({ maxPieces: 7 });
  const source = desk.source('music');
  appendFileSync(source.spools.out, Array.from({ length: 100 }, (_, n) => `${n}\n`).join(''));
  desk.spool.follow(source);
  await desk.spool.finish('music', 1);
  assert.equal((await desk.lines('music')).length, 100);
});

test('binary garbage harms nothing and JSON lines are kept verbatim', async () => {
  const source = desk.source('music');
  desk.spool.follow(source);
  const garbage = Buffer.concat([randomBytes(100_000), Buffer.from('\n')]);
  appendFileSync(source.spools.out, garbage);
  const json = '{"level":50, "msg":"\\u0041 <é> \\n", "n": 1e3}';
  appendFileSync(source.spools.out, `${json}\n`);
  await desk.spool.finish('music', 1);
  const lines = await desk.lines('music');
  assert.equal(lines.at(-1)?.text, json);
  assert.equal(lines.at(-1)?.level, 'error');
  assert.equal(lines.at(-1)?.offset, garbage.length + Buffer.byteLength(json) + 1);
  assert.equal(desk.kept('music').includes('\0'), false);
});

test('lines of the supervisor stand among those of the bot, each with a name of its own', async () => {
  const source = desk.source('music');
  desk.spool.follow(source);
  appendFileSync(source.spools.out, 'before\n');
  await until('it is kept', async () => (await desk.texts('music')).length === 1);
  desk.spool.note('music', 1, 'stopping: asked\nin two lines');
  await until('they are kept', async () => (await desk.texts('music')).length === 3);
  const notes = (await desk.lines('music')).filter(({ stream }) => stream === 'droas');
  assert.deepEqual(
    notes.map(({ text }) => text),
    ['stopping: asked', 'in two lines'],
  );
  assert.equal(new Set(notes.map(({ offset }) => offset)).size, 2);
});

test('a bot that writes faster than is kept loses the oldest, and that is said', async () => {
  await desk.reopen({ backlogBytes: 10_000 });
  const source = desk.source('music');
  const lines = Array.from({ length: 3000 }, (_, n) => `line ${String(n).padStart(6, '0')}\n`);
  appendFileSync(source.spools.out, lines.join(''));
  desk.spool.follow(source);
  await desk.spool.finish('music', 1);
  const kept = await desk.lines('music');
  const marker = kept.find(({ stream }) => stream === 'droas');
  const rest = kept.filter(({ stream }) => stream === 'out').map(({ text }) => `${text}\n`);
  const dropped = Number(/^out: dropped (\d+) bytes/.exec(marker?.text ?? '')?.[1]);
  assert.equal(dropped + rest.join('').length, lines.join('').length);
  assert.ok(rest.join('').length <= 5000);
  assert.deepEqual(rest, lines.slice(-rest.length));
  assert.equal(rest[0], lines[lines.length - rest.length], 'it goes on at the start of a line');
});

test('dropping inside an endless line uncovers no half of a secret', async () => {
  const secret = 'abcdefghijklmnopqrstuvwx';
  await desk.reopen({ backlogBytes: 10_000, chunkBytes: 1000, pieceBytes: 1000 });
  desk.spool.redact('music', [secret]);
  const source = desk.source('music');
  appendFileSync(source.spools.out, secret.repeat(1000));
  desk.spool.follow(source);
  await desk.spool.finish('music', 1);
  const texts = (await desk.lines('music')).filter(({ stream }) => stream === 'out').map(({ text }) => text);
  assert.equal(texts.join('').replaceAll('[redacted]', ''), '');
});

test('where reading goes on after a drop survives the supervisor', async () => {
  await desk.reopen({ backlogBytes: 10_000 });
  const source = desk.source('music');
  appendFileSync(source.spools.out, 'x'.repeat(99).concat('\n').repeat(300));
  desk.spool.follow(source);
  await until('the backlog is read', async () => (await desk.lines('music')).at(-1)?.offset === 30_000);
  const before = desk.kept('music');
  await desk.reopen({ backlogBytes: 10_000 });
  desk.spool.follow(source);
  await desk.spool.finish('music', 1);
  assert.equal(desk.kept('music'), before);
});

test('a spool that somebody cut short is read from its start again', async () => {
  const source = desk.source('music');
  desk.spool.follow(source);
  appendFileSync(source.spools.out, 'a long line of the first part\n');
  await until('it is kept', async () => (await desk.texts('music')).length === 1);
  truncateSync(source.spools.out, 0);
  appendFileSync(source.spools.out, 'short\n');
  await desk.spool.finish('music', 1);
  const texts = await desk.texts('music');
  assert.match(texts[1] ?? '', /cut short by somebody else/);
  assert.deepEqual(texts.slice(2), ['short']);
});

test('one bot that floods does not keep another waiting', async () => {
  const loud = desk.source('loud');
  const quiet = desk.source('quiet');
  const line = `${'x'.repeat(199)}\n`;
  appendFileSync(loud.spools.out, line.repeat(150_000));
  desk.spool.follow(loud);
  desk.spool.follow(quiet);
  await until('the loud one is being read', async () => (await desk.lines('loud', 1)).length === 1);
  appendFileSync(quiet.spools.out, 'hello\n');
  await until('the quiet one is kept', async () => (await desk.lines('quiet', 1)).length === 1);
  const [newest] = await desk.lines('loud', 1);
  assert.ok(newest && newest.offset < 20_000_000, 'long before the loud one was done');
});

test('to forget a bot removes its log, and one of the same name begins anew', async () => {
  const source = desk.source('music');
  desk.spool.follow(source);
  appendFileSync(source.spools.out, 'hello\n');
  await until('it is kept', async () => (await desk.texts('music')).length === 1);
  const ending = desk.spool.finish('music', 1);
  desk.spool.forget('music');
  await ending;
  for (let incarnation = 2; incarnation < 12; incarnation += 1) {
    const again = desk.source('music', incarnation);
    desk.spool.follow(again);
    appendFileSync(again.spools.out, `anew ${incarnation}\n`);
    await desk.spool.finish('music', incarnation);
    assert.deepEqual(await desk.texts('music'), [`anew ${incarnation}`]);
    desk.spool.forget('music');
  }
  desk.spool.forget('nobody');
  await desk.spool.close();
  assert.deepEqual(desk.problems, []);
  assert.equal(existsSync(join(desk.logsDirectory, 'music')), false);
});

test('places of many incarnations are not remembered for ever, those of the last ones are', async () => {
  for (let incarnation = 1; incarnation <= 6; incarnation += 1) {
    const source = desk.source('music', incarnation);
    desk.spool.follow(source);
    appendFileSync(source.spools.out, `run ${incarnation}\n`);
    await desk.spool.finish('music', incarnation);
  }
  await desk.reopen();
  desk.spool.follow(desk.source('music', 6));
  await desk.spool.finish('music', 6);
  assert.deepEqual(await desk.texts('music'), ['run 1', 'run 2', 'run 3', 'run 4', 'run 5', 'run 6']);
  const last =
    desk
      .kept('music')
      .split('\n')
      .filter((line) => line.includes('"p":'))
      .at(-1) ?? '';
  assert.ok(JSON.parse(last).p.length <= 8);
});
