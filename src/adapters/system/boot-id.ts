import { readFileSync } from 'node:fs';
import { DroasError } from '../../core/errors.ts';

/**
 * Names the present boot of the machine. Process ids, start times and the monotonic clock mean nothing in another one.
 * @throws DroasError SPAWN_FAILED where there is no /proc: processes could be neither found nor told apart.
 */
export function bootId(path = '/proc/sys/kernel/random/boot_id'): string {
  try {
    return readFileSync(path, 'latin1').trim();
  } catch (cause) {
    throw new DroasError('SPAWN_FAILED', `This system has no ${path}; processes cannot be told apart here.`, {
      cause,
      remedy: 'Run DROAS on Linux, with /proc mounted.',
    });
  }
}
