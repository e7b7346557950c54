import { accessSync, constants, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { DroasError } from '../../core/errors.ts';
import type { SpawnOrder } from '../../ports/spawner.ts';
import { errnoOf } from './private-files.ts';

type Order = Pick<SpawnOrder, 'bot' | 'command' | 'cwd' | 'env'>;
type Finding = 'executable' | 'not-executable' | 'absent';

/** What a shell would search without PATH. */
const usualPath = '/usr/local/bin:/usr/bin:/bin';

/**
 * The absolute path of the program, found as execvp(3) would find it: a name with a slash is relative to the working
 * directory, any other is searched in PATH. Found here, because a shell could only say 126 or 127 afterwards.
 * @throws DroasError WORKING_DIRECTORY_MISSING, COMMAND_NOT_FOUND, COMMAND_NOT_EXECUTABLE
 */
export function resolveProgram(order: Order): string {
  requireWorkingDirectory(order);
  const [program] = order.command;
  const path = order.env['PATH'] ?? usualPath;
  const candidates = program.includes('/')
    ? [resolve(order.cwd, program)]
    : path.split(':').map((folder) => resolve(order.cwd, folder, program));
  let locked: string | null = null;
  for (const candidate of program === '' ? [] : candidates) {
    const finding = inspect(candidate);
    if (finding === 'executable') return candidate;
    if (finding === 'not-executable') locked ??= candidate;
  }
  if (locked !== null) {
    throw new DroasError('COMMAND_NOT_EXECUTABLE', `${order.bot}: ${locked} may not be executed.`, {
      remedy: `Make it an executable file (chmod +x), or start it with its interpreter; then: droas start ${order.bot}`,
    });
  }
  const where = program.includes('/')
    ? `there is no ${candidates[0]}`
    : `"${program}" is in no folder of PATH (${path})`;
  throw new DroasError('COMMAND_NOT_FOUND', `${order.bot}: ${where}.`, {
    remedy: `Install it, or correct \`command\` (a full path always works); then: droas start ${order.bot}`,
  });
}

function requireWorkingDirectory(order: Order): void {
  let why = 'is not a directory';
  try {
    if (statSync(order.cwd).isDirectory()) {
      accessSync(order.cwd, constants.X_OK);
      return;
    }
  } catch (error) {
    why = errnoOf(error) === 'ENOENT' ? 'does not exist' : `cannot be entered (${errnoOf(error)})`;
  }
  throw new DroasError('WORKING_DIRECTORY_MISSING', `${order.bot}: the working directory ${order.cwd} ${why}.`, {
    remedy: `Create it, or correct \`cwd\`; then: droas start ${order.bot}`,
  });
}

function inspect(path: string): Finding {
  try {
    if (!statSync(path).isFile()) return 'not-executable';
    accessSync(path, constants.X_OK);
    return 'executable';
  } catch (error) {
    return errnoOf(error) === 'EACCES' ? 'not-executable' : 'absent';
  }
}
