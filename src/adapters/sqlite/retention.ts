import type { Statements } from './statements.ts';

const hourMs = 3_600_000;

/** How long what is kept. `maxBytes`: size of the whole database, for which the oldest events go. */
export type Retention = {
  readonly eventsMs: number;
  readonly operationsMs: number;
  readonly identifiesMs: number;
  readonly maxBytes: number;
  /** Rows deleted in one step: a few milliseconds. */
  readonly stepRows: number;
};

export const defaultRetention: Retention = {
  eventsMs: 90 * 24 * hourMs,
  operationsMs: 7 * 24 * hourMs,
  identifiesMs: 48 * hourMs,
  maxBytes: 200 * 1024 * 1024,
  stepRows: 500,
};

/** One step of tidying, inside a transaction of the caller. True when more is left. Freed pages are used again. */
export function pruneStep(statements: Statements, retention: Retention, nowWallMs: number): boolean {
  const { stepRows } = retention;
  const oldRows = (table: string, time: string) =>
    `DELETE FROM ${table} WHERE rowid IN (SELECT rowid FROM ${table} WHERE ${time} < ? ORDER BY ${time} LIMIT ?)`;
  const deleted = [
    statements.run(oldRows('event', 'at_wall_ms'), nowWallMs - retention.eventsMs, stepRows),
    statements.run(oldRows('operation', 'finished_at_wall_ms'), nowWallMs - retention.operationsMs, stepRows),
    statements.run(oldRows('identify', 'at_wall_ms'), nowWallMs - retention.identifiesMs, stepRows),
  ];
  if (usedBytes(statements) > retention.maxBytes) {
    deleted.push(
      statements.run('DELETE FROM event WHERE seq IN (SELECT seq FROM event ORDER BY seq LIMIT ?)', stepRows),
    );
  }
  return deleted.some(({ changes }) => changes >= stepRows);
}

function usedBytes(statements: Statements): number {
  const pragma = (name: string) => Number(statements.get(`PRAGMA ${name}`)?.[name]);
  return (pragma('page_count') - pragma('freelist_count')) * pragma('page_size');
}
