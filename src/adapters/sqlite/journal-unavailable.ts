import { DroasError } from '../../core/errors.ts';
import { isDamage } from './sqlite-error.ts';

export function journalUnavailable(stateDirectory: string, cause: unknown): DroasError {
  const damaged = isDamage(cause);
  return new DroasError(
    'JOURNAL_UNAVAILABLE',
    `The journal in ${stateDirectory} cannot be ${damaged ? 'used' : 'written or read'}: ${(cause as Error).message}.`,
    {
      cause,
      remedy: damaged
        ? 'Restart the supervisor (bots keep running): it sets the damaged database aside and begins a new one.'
        : `Make room on the file system of ${stateDirectory}, or see in the kernel's log whether the disk fails.`,
    },
  );
}
