import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';

/** A directory for this test file; gone when it is done. */
export function scratchDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'droas-test-'));
  after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** A small file system of its own, so that a full disk is a real one. Needs root: fails loudly without. */
export function mountTmpfs(sizeBytes: number, options = 'rw'): { readonly path: string; unmount(): void } {
  const path = mkdtempSync(join(tmpdir(), 'droas-log-disk-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${sizeBytes},${options}`, 'tmpfs', path]);
  return {
    path,
    unmount() {
      execFileSync('umount', ['--lazy', path]); // also when a failed test has left a file open
      rmSync(path, { recursive: true });
    },
  };
}

export function makeDirectory(...parts: readonly string[]): string {
  const path = join(...parts);
  mkdirSync(path, { recursive: true });
  return path;
}
