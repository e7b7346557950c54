import assert from 'node:assert/strict';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import fc from 'fast-check';
import { openJournal } from '../../src/adapters/sqlite/journal.ts';
import { openJournalReader } from '../../src/adapters/sqlite/journal-reader.ts';
import { defaultRetention } from '../../src/adapters/sqlite/retention.ts';
import { newChild } from '../../src/core/lifecycle/state.ts';
import type { Journal, Step } from '../../src/ports/journal.ts';
import { scratchDirectory } from '../logs/scratch.ts';
import { bot, clockAt, event, operation } from './examples.ts';

const root = scratchDirectory();
const nowMs = 1_790_000_000_000;
const dayMs = 86_400_000;
let tests = 0;
let stateDirectory: string;
let journal: Journal;

const open = (retention = defaultRetention) =>
  openJournal({ stateDirectory, clock: clockAt(nowMs), retention }).journal;
const sentences = (query: Parameters<Journal['events']>[0]) => journal.events(query).map(({ sentence }) => sentence);

beforeEach(() => {
  tests += 1;
  stateDirectory = join(root, String(tests), 'state');
  journal = open();
});
afterEach(() => journal.close());

test('a step is there after reopening, all of it', () => {
  const finished = operation('b', { finishedAtWallMs: nowMs + 1, outcome: 'done', sentence: 'it runs' });
  const events = journal.commit({
    bots: [bot('music', 3), bot('alarm')],
    events: [event('one'), event('two', { bot: null, incarnation: null, severity: 'error' })],
    operations: [operation('a'), finished],
    identifies: [{ owner: '42', atWallMs: nowMs, automatic: true }],
  });
  journal.setMeta('anchor', '1');
  journal.setMeta('anchor', '2');
  journal.close();
  journal = open();
  assert.deepEqual(
    events.map(({ seq }) => seq),
    [1, 2],
  );
  assert.deepEqual(journal.events({ limit: 10 }), events);
  assert.deepEqual(journal.bots(), [bot('alarm'), bot('music', 3)]);
  assert.deepEqual(journal.openOperations(), [operation('a')]);
  assert.deepEqual(journal.operation('b'), finished);
  assert.equal(journal.operation('c'), null);
  assert.deepEqual(journal.identifies(nowMs), [{ owner: '42', atWallMs: nowMs, automatic: true }]);
  assert.deepEqual(journal.identifies(nowMs + 1), []);
  assert.equal(journal.getMeta('anchor'), '2');
  assert.equal(journal.getMeta('else'), null);
});

test('the state is private', () => {
  assert.equal(statSync(stateDirectory).mode & 0o777, 0o700);
  for (const name of ['state.db', 'state.db-wal', 'state.db-shm', 'reserve']) {
    assert.equal(statSync(join(stateDirectory, name)).mode & 0o777, 0o600, name);
  }
});

test('a bot that drains is found as one that does not', () => {
  journal.commit({ bots: [{ name: 'music', child: { ...newChild('running'), draining: true } }] });
  assert.deepEqual(journal.bots(), [{ name: 'music', child: newChild('running') }]);
});

test('an operation that finishes is open no more, a forgotten bot is gone', () => {
  journal.commit({ operations: [operation('a')], bots: [bot('music')] });
  journal.commit({
    operations: [operation('a', { finishedAtWallMs: nowMs, outcome: 'superseded' })],
    forget: ['music'],
  });
  assert.deepEqual(journal.openOperations(), []);
  assert.equal(journal.operation('a')?.outcome, 'superseded');
  assert.deepEqual(journal.bots(), []);
});

test('a step that cannot be taken changes nothing', () => {
  const wrong = { ...event('wrong'), severity: 'loud' } as unknown as ReturnType<typeof event>;
  assert.throws(() => journal.commit({ bots: [bot('music')], events: [event('right'), wrong] }), /constraint failed/);
  assert.deepEqual(journal.bots(), []);
  assert.deepEqual(journal.events({ limit: 10 }), []);
  const [next] = journal.commit({ events: [event('next')] });
  assert.equal(next?.seq, 1);
});

test('events: the newest, oldest first; after a number, the oldest after it', () => {
  const types = ['bot.ready', 'bot.exited'];
  const step = Array.from({ length: 20 }, (_, n) =>
    event(`e${n + 1}`, { atWallMs: nowMs + n, bot: n % 4 === 0 ? 'alarm' : 'music', type: types[n % 2] as string }),
  );
  journal.commit({ events: step });
  assert.deepEqual(sentences({ limit: 3 }), ['e18', 'e19', 'e20']);
  assert.deepEqual(sentences({ limit: 3, afterSeq: 0 }), ['e1', 'e2', 'e3']);
  assert.deepEqual(sentences({ limit: 3, afterSeq: 18 }), ['e19', 'e20']);
  assert.deepEqual(sentences({ limit: 3, afterSeq: 20 }), []);
  assert.deepEqual(sentences({ limit: 2, bot: 'alarm' }), ['e13', 'e17']);
  assert.deepEqual(sentences({ limit: 2, bot: 'alarm', afterSeq: 5 }), ['e9', 'e13']);
  assert.deepEqual(sentences({ limit: 2, type: 'bot.exited' }), ['e18', 'e20']);
  assert.deepEqual(sentences({ limit: 9, type: 'bot.exited', bot: 'music', sinceWallMs: nowMs + 15 }), [
    'e16',
    'e18',
    'e20',
  ]);
  assert.deepEqual(sentences({ limit: 0 }), []);
  assert.deepEqual(sentences({ limit: -1 }), []);
  assert.deepEqual(sentences({ limit: 9, bot: 'nobody' }), []);
});

test('what is older than kept goes, in small steps; numbers never come back', () => {
  journal.close();
  journal = open({ ...defaultRetention, stepRows: 10 });
  const old = Array.from({ length: 25 }, (_, n) => event(`old ${n}`, { atWallMs: nowMs - 91 * dayMs }));
  journal.commit({
    events: [...old, event('young', { atWallMs: nowMs - 89 * dayMs })],
    operations: [
      operation('old', { finishedAtWallMs: nowMs - 8 * dayMs }),
      operation('young', { finishedAtWallMs: nowMs - 6 * dayMs }),
      operation('open', { acceptedAtWallMs: nowMs - 100 * dayMs }),
    ],
    identifies: [nowMs - 3 * dayMs, nowMs - dayMs].map((atWallMs) => ({ owner: '42', atWallMs, automatic: false })),
  });
  assert.deepEqual([journal.prune(), journal.prune(), journal.prune(), journal.prune()], [true, true, false, false]);
  assert.deepEqual(sentences({ limit: 99 }), ['young']);
  assert.deepEqual(
    ['old', 'young', 'open'].map((id) => journal.operation(id) !== null),
    [false, true, true],
  );
  assert.equal(journal.identifies(0).length, 1);
  assert.equal(journal.commit({ events: [event('next')] })[0]?.seq, 27);
});

test('a journal over its size loses the oldest events; the newest number is not used again', () => {
  journal.close();
  journal = open({ ...defaultRetention, maxBytes: 150_000, stepRows: 20 });
  for (let n = 0; n < 100; n += 1) journal.commit({ events: [event(`e${n}`, { detail: { text: 'x'.repeat(3000) } })] });
  while (journal.prune());
  const left = journal.events({ limit: 200 });
  assert.ok(left.length > 10 && left.length < 60, String(left.length));
  assert.equal(left.at(-1)?.seq, 100);
  journal.close();
  journal = open({ ...defaultRetention, maxBytes: 0, stepRows: 200 });
  assert.equal(journal.prune(), false);
  assert.deepEqual(journal.events({ limit: 9 }), []);
  assert.equal(journal.commit({ events: [event('next')] })[0]?.seq, 101);
});

test('a reader reads beside the supervisor, and after it', () => {
  journal.commit({ bots: [bot('music')], events: [event('one')] });
  const beside = openJournalReader(stateDirectory);
  assert.deepEqual(
    beside?.events({ limit: 9 }).map(({ sentence }) => sentence),
    ['one'],
  );
  journal.commit({ events: [event('two')] });
  assert.equal(beside?.events({ limit: 9 }).length, 2);
  beside?.close();
  journal.close();
  const afterwards = openJournalReader(stateDirectory);
  assert.deepEqual(afterwards?.bots(), [bot('music')]);
  afterwards?.close();
  journal = open();
  assert.equal(journal.events({ limit: 9 }).length, 2);
});

test('where nothing was ever written there is nothing to read', () => {
  const nowhere = join(root, 'nowhere');
  assert.equal(openJournalReader(nowhere), null);
  assert.equal(existsSync(nowhere), false);
});

const name = fc.constantFrom('music', 'alarm', 'guard');
const step: fc.Arbitrary<Step> = fc.record(
  {
    bots: fc.array(
      fc.record({ name, incarnation: fc.nat() }).map((it) => bot(it.name, it.incarnation)),
      { maxLength: 3 },
    ),
    forget: fc.array(name, { maxLength: 2 }),
    events: fc.array(
      fc
        .record({ text: fc.string({ unit: 'grapheme' }), at: fc.nat() })
        .map(({ text, at }) => event(text, { atWallMs: at })),
      {
        maxLength: 4,
      },
    ),
    operations: fc.array(
      fc
        .record({ id: fc.constantFrom('a', 'b', 'c'), finished: fc.option(fc.nat()) })
        .map(({ id, finished }) =>
          operation(id, { finishedAtWallMs: finished, outcome: finished === null ? null : 'done' }),
        ),
    ),
    identifies: fc.array(
      fc.record({ owner: name, atWallMs: fc.nat(), automatic: fc.boolean() }, { noNullPrototype: true }),
      {
        maxLength: 3,
      },
    ),
  },
  { requiredKeys: [], noNullPrototype: true },
);

test('random steps leave what a plain model says, before and after reopening', () => {
  let round = 0;
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
      round += 1;
      journal.close();
      stateDirectory = join(root, 'property', String(round));
      journal = open();
      const bots = new Map<string, ReturnType<typeof bot>>();
      const operations = new Map<string, ReturnType<typeof operation>>();
      const events: unknown[] = [];
      const identifies: { atWallMs: number }[] = [];
      for (const one of steps) {
        events.push(...journal.commit(one));
        for (const gone of one.forget ?? []) bots.delete(gone);
        for (const stored of one.bots ?? []) bots.set(stored.name, stored);
        for (const it of one.operations ?? []) operations.set(it.id, it);
        identifies.push(...(one.identifies ?? []));
      }
      const check = () => {
        assert.deepEqual(journal.events({ limit: 9999 }), events);
        assert.deepEqual(new Map(journal.bots().map((it) => [it.name, it])), bots);
        for (const [id, it] of operations) assert.deepEqual(journal.operation(id), it);
        const wanted = [...operations.values()].filter(({ finishedAtWallMs }) => finishedAtWallMs === null);
        assert.equal(journal.openOperations().length, wanted.length);
        assert.deepEqual(
          journal.identifies(0),
          identifies.toSorted((a, b) => a.atWallMs - b.atWallMs),
        );
      };
      check();
      journal.close();
      journal = open();
      check();
    }),
    { numRuns: 25 },
  );
});
