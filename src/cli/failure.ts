import { codeOf, type Detail, type DroasError, isErrorCode } from '../core/errors.ts';
import type { Failure } from './output.ts';

/** How an error is shown. An unexpected one keeps its own words: only the user of this terminal sees them. */
export function failureOf(error: unknown): Failure {
  const { message = String(error), remedy, details, code } = error as Partial<DroasError>;
  return {
    code: codeOf(error),
    message: isErrorCode(code) ? message : `Unexpected error: ${message}`,
    remedy: remedy ?? null,
    details: (details ?? []).map(({ where, what }: Detail) => ({ pointer: where, detail: what })),
  };
}
