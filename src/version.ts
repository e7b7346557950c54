import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import manifest from '../package.json' with { type: 'json' };

export const version: string = manifest.version;

/** The package's own folder, whether this runs from `src/` or bundled from `dist/`. */
export const packageDirectory: string = ancestorWith('package.json', import.meta.dirname);
export const distDirectory: string = join(packageDirectory, 'dist');

function ancestorWith(file: string, from: string): string {
  if (existsSync(join(from, file))) return from;
  const parent = dirname(from);
  if (parent === from) throw new Error(`no ${file} above ${import.meta.dirname}: the package is incomplete`);
  return ancestorWith(file, parent);
}

/**
 * Node's flags for a supervisor. Nobody may open its debugger by a signal; a small young generation and no optimizing
 * compiler save 14 MB (it waits far more than it computes).
 */
export const supervisorFlags = [
  '--disable-sigusr1',
  '--max-semi-space-size=1',
  '--no-opt',
  '--optimize-for-size',
] as const;
