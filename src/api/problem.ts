import { type Detail, type ErrorCode, errorEntry, isErrorCode } from '../core/errors.ts';
import type { Problem } from '../protocol/api.ts';

/** What errors of any origin may carry: ours (code of the table, remedy, details) or fastify's (statusCode). */
type Thrown = {
  readonly code?: unknown;
  readonly message?: string;
  readonly statusCode?: number;
  readonly remedy?: string | null;
  readonly details?: readonly Detail[];
};

export function problemOf(
  code: ErrorCode,
  detail: string,
  more: { status?: number; remedy?: string | null; details?: readonly Detail[] } = {},
): Problem {
  const entry = errorEntry(code);
  return {
    type: `urn:droas:error:${code}`,
    title: entry.meaning,
    status: more.status ?? entry.status,
    detail,
    code,
    remedy: more.remedy ?? null,
    errors: (more.details ?? []).map(({ where, what }) => ({ pointer: where, detail: what })),
  };
}

/**
 * The RFC 9457 document of anything thrown. A refusal by the HTTP layer (body too large, broken JSON, unknown content
 * type) keeps its own 4xx status under the code USAGE. Whatever is left is a bug: its text stays in the log, because
 * nobody checked what it contains.
 */
export function toProblem(thrown: unknown): Problem {
  const error = (thrown ?? {}) as Thrown;
  if (isErrorCode(error.code)) {
    return problemOf(error.code, error.message ?? '', { remedy: error.remedy ?? null, details: error.details ?? [] });
  }
  const status = error.statusCode ?? 500;
  if (status >= 400 && status < 500) return problemOf('USAGE', error.message ?? 'The request was refused.', { status });
  return problemOf('INTERNAL', 'An unexpected error; the log of the supervisor says more.', {
    remedy: 'Look at the log of the supervisor and report the bug with what it says.',
  });
}
