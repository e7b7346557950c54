import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A directory that is gone after the test (or suite) whose `after` is given. */
export function scratchDirectory(context: { after(fn: () => void): void }): string {
  const directory = mkdtempSync(join(tmpdir(), 'droas-test-'));
  context.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}
