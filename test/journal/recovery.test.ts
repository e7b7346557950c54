import assert from 'node:assert/strict';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { beforeEach, test } from 'node:test';
import { openJournal } from '../../src/adapters/sqlite/journal.ts';
import { openJournalReader } from '../../src/adapters/sqlite/journal-reader.ts';
import { migrate, migrations } from '../../src/adapters/sqlite/migrations.ts';
import { codeOf, type DroasError } from '../../src/core/errors.ts';
import { scratchDirectory } from '../logs/scratch.ts';
import { bot, clockAt, event } from './examples.ts';

const root = scratchDirectory();
const nowMs = Date.UTC(2026, 10, 22, 15, 57, 3);
let tests = 0;
let stateDirectory: string;
let path: string;

beforeEach(() => {
  tests += 1;
  stateDirectory = join(root, String(tests));
  mkdirSync(stateDirectory);
  path = join(stateDirectory, 'state.db');
});

const open = (bootId = 'one') => openJournal({ stateDirectory, clock: clockAt(nowMs), bootId });

/** A journal of some pages, closed, or left as a killed supervisor leaves it. */
function written(end: 'closed' | 'killed'): void {
  const { journal } = open();
  for (let n = 0; n < 200; n += 1)
    journal.commit({ bots: [bot('music', n)], events: [event(`e${n} ${'x'.repeat(500)}`)] });
  if (end === 'closed') {
    journal.close();
    return;
  }
  const copies = ['state.db', 'state.db-wal'].map((name) => [
    join(stateDirectory, name),
    join(root, `${tests}-${name}`),
  ]);
  for (const [from = '', to = ''] of copies) copyFileSync(from, to);
  journal.close();
  for (const [from = '', to = ''] of copies) copyFileSync(to, from);
}

/** Overwrites the tables' pages but neither the header nor the schema. */
function damagePages(file: string): void {
  const bytes = readFileSync(file);
  bytes.fill(0xaa, 4096 * 16);
  writeFileSync(file, bytes);
}

function assertRecovered(why: RegExp): void {
  const { journal, recovered } = open();
  const kept = `${path}.corrupt-20261122T155703Z`;
  assert.equal(recovered?.keptAs, kept);
  assert.match(recovered.reason, why);
  assert.match(recovered.reason, /kept as .*state\.db\.corrupt-20261122T155703Z.*no bot was touched.*to go back:/s);
  assert.ok(existsSync(kept));
  assert.deepEqual(journal.bots(), []);
  const [first] = journal.commit({ events: [event('anew')] });
  assert.equal(first?.seq, Math.floor(nowMs / 1000) + 1, 'beyond every number that was used before');
  journal.close();
  const again = open();
  assert.equal(again.recovered, null);
  assert.equal(again.journal.events({ limit: 9 }).length, 1);
  again.journal.close();
}

test('an empty file is kept and begun anew', () => {
  writeFileSync(path, '');
  assertRecovered(/the file is empty/);
});

test('garbage is kept and begun anew', () => {
  writeFileSync(path, 'this is no database'.repeat(1000));
  assertRecovered(/not a database/);
  assert.match(readFileSync(`${path}.corrupt-20261122T155703Z`, 'utf8'), /^this is no database/);
});

test('a database of somebody else is kept and begun anew', () => {
  const db = new DatabaseSync(path);
  db.exec(`CREATE TABLE cats (name TEXT); PRAGMA user_version = ${migrations.length}`);
  db.close();
  assertRecovered(/no tables of DROAS/);
});

test('a write-ahead log without its database is kept and begun anew', () => {
  writeFileSync(`${path}-wal`, 'left over');
  const { journal, recovered } = open();
  assert.match(recovered?.reason ?? '', /missing beside its -wal/);
  assert.equal(readFileSync(`${recovered?.keptAs}-wal`, 'utf8'), 'left over');
  journal.close();
});

test('a bot whose state is no JSON is damage too', () => {
  written('closed');
  const db = new DatabaseSync(path);
  db.exec("UPDATE bot SET child = '{torn'");
  db.close();
  assertRecovered(/state of a bot is no JSON/);
});

test('a second damage within a second is kept under another name', () => {
  for (const suffix of ['', '-2', '-3']) {
    rmSync(path, { force: true });
    writeFileSync(path, '');
    const { journal, recovered } = open();
    assert.equal(recovered?.keptAs, `${path}.corrupt-20261122T155703Z${suffix}`);
    journal.close();
  }
});

test('after a power cut every page is looked at', () => {
  written('killed');
  rmSync(`${path}-wal`);
  damagePages(path);
  writeFileSync(`${path}-wal`, Buffer.alloc(100));
  const { journal, recovered } = open('another boot');
  assert.match(recovered?.reason ?? '', /was damaged/);
  assert.ok(existsSync(recovered?.keptAs ?? ''));
  journal.close();
});

test('a killed supervisor loses nothing that was committed', () => {
  written('killed');
  assert.ok(statSync(`${path}-wal`).size > 0);
  const { journal, recovered } = open('another boot');
  assert.equal(recovered, null);
  assert.equal(journal.events({ limit: 1 })[0]?.seq, 200);
  assert.deepEqual(journal.bots(), [bot('music', 199)]);
  journal.close();
});

test('damage met while running is said, and the next start sets it aside', () => {
  written('closed');
  damagePages(path);
  const { journal, recovered } = open();
  assert.equal(recovered, null, 'not every start looks at every page');
  assert.throws(
    () => {
      journal.events({ limit: 10_000 });
      for (let n = 0; n < 100; n += 1) journal.commit({ events: [event('more')] });
    },
    (error: DroasError) => codeOf(error) === 'JOURNAL_UNAVAILABLE' && /Restart the supervisor/.test(error.remedy ?? ''),
  );
  journal.close();
  const next = open();
  assert.match(next.recovered?.reason ?? '', /was damaged/);
  next.journal.close();
  assert.equal(existsSync(`${path}.suspect`), false);
});

test('a suspicion that proves wrong costs nothing', () => {
  written('closed');
  writeFileSync(`${path}.suspect`, '');
  const { journal, recovered } = open();
  assert.equal(recovered, null);
  assert.equal(journal.events({ limit: 1 })[0]?.seq, 200);
  journal.close();
  assert.equal(existsSync(`${path}.suspect`), false);
});

test('a state of a newer version is refused and left as it is', () => {
  written('closed');
  const db = new DatabaseSync(path);
  db.exec(`PRAGMA user_version = ${migrations.length + 1}`);
  db.close();
  const before = readFileSync(path);
  const refused = (error: DroasError) =>
    error.code === 'STATE_UNWRITABLE' &&
    /newer DROAS \(schema 2; this one knows up to 1\)/.test(error.message) &&
    error.remedy !== null;
  assert.throws(open, refused);
  assert.throws(() => openJournalReader(stateDirectory), refused);
  assert.deepEqual(readFileSync(path), before);
  assert.deepEqual(
    readdirSync(stateDirectory).filter((name) => name.includes('corrupt')),
    [],
  );
});

test('a reader refuses what it cannot read, and names the remedy', () => {
  writeFileSync(path, 'no database at all');
  assert.throws(() => openJournalReader(stateDirectory), { code: 'JOURNAL_UNAVAILABLE' });
  rmSync(path);
  new DatabaseSync(path).close();
  writeFileSync(path, '');
  assert.throws(() => openJournalReader(stateDirectory), /older version/);
});

test('migrations run in order, once, each whole or not at all', () => {
  const db = new DatabaseSync(':memory:');
  const first = 'CREATE TABLE a (x) ; INSERT INTO a VALUES (1)';
  const second = 'INSERT INTO a VALUES (2)';
  assert.equal(migrate(db, [first]), 1);
  assert.equal(migrate(db, [first, second]), 2);
  assert.throws(() => migrate(db, [first, second, 'INSERT INTO a VALUES (3); SELECT 1 FROM nowhere']), /no such table/);
  assert.equal(migrate(db, [first, second]), 2);
  assert.deepEqual(
    db
      .prepare('SELECT x FROM a')
      .all()
      .map((row) => row['x']),
    [1, 2],
  );
  db.close();
});
