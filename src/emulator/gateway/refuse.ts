import { op } from './client-payload.ts';
import type { Connection } from './connection.ts';
import type { Refused } from './identify.ts';

export type Subject = { readonly applicationId?: string | undefined; readonly sessionId?: string | undefined };

/** Closes with the code, or answers with op 9 when there is none. */
export function refuse(connection: Connection, refused: Refused, subject: Subject): void {
  if (refused.closeCode === undefined)
    answerInvalidSession(connection, { resumable: false, reason: refused.reason, ...subject });
  else connection.close(refused.closeCode, refused.reason);
}

/** Op 9. */
export function answerInvalidSession(
  connection: Connection,
  fact: Subject & { readonly resumable: boolean; readonly reason: string },
): void {
  connection.send(op.invalidSession, fact.resumable);
  connection.record({ type: 'invalid-session', ...fact });
}
