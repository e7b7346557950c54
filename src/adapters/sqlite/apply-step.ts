import type { JournalEvent, Step } from '../../ports/journal.ts';
import type { Statements } from './statements.ts';

const upsertBot = 'INSERT INTO bot VALUES (?, ?) ON CONFLICT DO UPDATE SET child = excluded.child';
const upsertOperation = `
  INSERT INTO operation VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET
    finished_at_wall_ms = excluded.finished_at_wall_ms, outcome = excluded.outcome, sentence = excluded.sentence`;
const insertEvent = `
  INSERT INTO event (at_wall_ms, bot, incarnation, type, severity, sentence, detail) VALUES (?, ?, ?, ?, ?, ?, ?)`;
const insertIdentify = 'INSERT INTO identify (owner, at_wall_ms, automatic) VALUES (?, ?, ?)';

/** Everything of the step, inside a transaction of the caller. */
export function applyStep(statements: Statements, step: Step): readonly JournalEvent[] {
  for (const name of step.forget ?? []) statements.run('DELETE FROM bot WHERE name = ?', name);
  for (const { name, child } of step.bots ?? []) {
    // Draining belongs to one supervisor's end, not to the bot: the next one must not find it.
    statements.run(upsertBot, name, JSON.stringify({ ...child, draining: false }));
  }
  for (const { id, bot, kind, acceptedAtWallMs, finishedAtWallMs, outcome, sentence } of step.operations ?? []) {
    const finished = finishedAtWallMs === null ? null : Math.round(finishedAtWallMs);
    statements.run(upsertOperation, id, bot, kind, Math.round(acceptedAtWallMs), finished, outcome, sentence);
  }
  for (const { owner, atWallMs, automatic } of step.identifies ?? []) {
    statements.run(insertIdentify, owner, Math.round(atWallMs), automatic ? 1 : 0);
  }
  return (step.events ?? []).map((event) => {
    const { bot, incarnation, type, severity, sentence, detail } = event;
    const atWallMs = Math.round(event.atWallMs);
    const { rowid } = statements.run(
      insertEvent,
      atWallMs,
      bot,
      incarnation,
      type,
      severity,
      sentence,
      JSON.stringify(detail),
    );
    return { ...event, atWallMs, seq: rowid };
  });
}
