import type { SQLInputValue } from 'node:sqlite';
import type { JournalEvent, JournalReader, StoredBot, StoredIdentify, StoredOperation } from '../../ports/journal.ts';
import type { Statements } from './statements.ts';

/** However many are asked for: an answer is held in memory. */
const maxEvents = 10_000;

/** Everything that reads; the same for the supervisor's own connection and for a reader beside or after it. */
export function journalQueries(statements: Statements): Omit<JournalReader, 'close'> {
  return {
    bots: () => statements.all('SELECT name, child FROM bot ORDER BY name').map(toBot),
    openOperations: () =>
      statements
        .all('SELECT * FROM operation WHERE finished_at_wall_ms IS NULL ORDER BY accepted_at_wall_ms, rowid')
        .map(toOperation),
    operation(id) {
      const row = statements.get('SELECT * FROM operation WHERE id = ?', id);
      return row ? toOperation(row) : null;
    },
    identifies: (sinceWallMs) =>
      statements
        .all('SELECT * FROM identify WHERE at_wall_ms >= ? ORDER BY at_wall_ms, id', sinceWallMs)
        .map(toIdentify),
    events(query) {
      const wanted: readonly (readonly [string, SQLInputValue | undefined])[] = [
        ['seq > ?', query.afterSeq],
        ['at_wall_ms >= ?', query.sinceWallMs],
        ['bot = ?', query.bot],
        ['type = ?', query.type],
      ];
      const given = wanted.flatMap(([sql, value]) => (value === undefined ? [] : [{ sql, value }]));
      const where = given.length > 0 ? `WHERE ${given.map(({ sql }) => sql).join(' AND ')}` : '';
      const order = query.afterSeq === undefined ? 'DESC' : 'ASC';
      const limit = Math.max(0, Math.min(query.limit, maxEvents));
      const sql = `SELECT * FROM event ${where} ORDER BY seq ${order} LIMIT ?`;
      const events = statements.all(sql, ...given.map(({ value }) => value), limit).map(toEvent);
      return order === 'ASC' ? events : events.reverse();
    },
    getMeta(key) {
      const value = statements.get('SELECT value FROM meta WHERE key = ?', key)?.['value'];
      return value === undefined ? null : (value as string);
    },
  };
}

type Row = Readonly<Record<string, unknown>>;

const toBot = (row: Row): StoredBot => ({
  name: row['name'] as string,
  child: JSON.parse(row['child'] as string),
});

const toEvent = (row: Row): JournalEvent => ({
  seq: row['seq'] as number,
  atWallMs: row['at_wall_ms'] as number,
  bot: row['bot'] as string | null,
  incarnation: row['incarnation'] as number | null,
  type: row['type'] as string,
  severity: row['severity'] as JournalEvent['severity'],
  sentence: row['sentence'] as string,
  detail: JSON.parse(row['detail'] as string),
});

const toOperation = (row: Row): StoredOperation => ({
  id: row['id'] as string,
  bot: row['bot'] as string,
  kind: row['kind'] as StoredOperation['kind'],
  acceptedAtWallMs: row['accepted_at_wall_ms'] as number,
  finishedAtWallMs: row['finished_at_wall_ms'] as number | null,
  outcome: row['outcome'] as StoredOperation['outcome'],
  sentence: row['sentence'] as string | null,
});

const toIdentify = (row: Row): StoredIdentify => ({
  owner: row['owner'] as string,
  atWallMs: row['at_wall_ms'] as number,
  automatic: row['automatic'] === 1,
});
