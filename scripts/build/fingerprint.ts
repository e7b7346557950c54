import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Changes when anything changes that the build depends on: sources, its own scripts, the lock file, Node itself. */
export function fingerprint(root: string): string {
  const hash = createHash('sha256').update(`${process.version} ${process.arch}`);
  const files = ['src', 'scripts/build'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name)),
  );
  for (const file of [
    ...files.sort(),
    ...['package.json', 'package-lock.json', 'scripts/build.ts'].map((name) => join(root, name)),
  ]) {
    hash.update(`\0${file.slice(root.length)}\0`).update(readFileSync(file));
  }
  return hash.digest('hex');
}
