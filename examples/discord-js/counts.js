import { DatabaseSync } from 'node:sqlite';

/** How far each person has counted: one row a person, written before anybody is told of it. */
export function openCounts(path) {
  const database = new DatabaseSync(path);
  // A killed process loses nothing that it had acknowledged, and the file is never broken.
  database.exec(`
    PRAGMA journal_mode = WAL;
    PRAGMA busy_timeout = 2000;
    CREATE TABLE IF NOT EXISTS counts (user TEXT PRIMARY KEY, count INTEGER NOT NULL) STRICT;
  `);
  const add = database.prepare(`
    INSERT INTO counts (user, count) VALUES (?, 1)
    ON CONFLICT (user) DO UPDATE SET count = count + 1
    RETURNING count
  `);
  const top = database.prepare('SELECT user, count FROM counts ORDER BY count DESC, user LIMIT ?');
  return {
    /** Counts one further for this person, and returns how far that is. */
    add: (user) => add.get(user).count,
    /** The people who counted furthest, the first first. */
    top: (limit) => top.all(limit),
    close: () => database.close(),
  };
}
