import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { DroasError } from '../../core/errors.ts';
import { attempt, syncDirectory, writeNewFile } from './private-files.ts';
import { exists } from './proc.ts';

type Content = { readonly name: string; readonly bytes: Buffer };

/**
 * A copy of the given files that no upgrade of the package changes: what was spawned from it keeps its code until it
 * ends. Named after its content, made once, on the disk before it has its name; a copy that a failing disk or a hand
 * changed is made anew. Returns its directory.
 * @throws DroasError STATE_UNWRITABLE
 */
export function keepCopy(files: readonly string[], versionsDirectory: string, version: string): string {
  const contents = files.map((file) => ({ name: basename(file), bytes: readFileSync(file) }));
  const hash = createHash('sha256');
  for (const { bytes } of contents) hash.update(bytes);
  const directory = join(versionsDirectory, `${version}-${hash.digest('hex').slice(0, 12)}`);
  removeStaleStagings(versionsDirectory);
  if (isWhole(directory, contents)) return directory;
  const staging = `${directory}.${process.pid}`;
  try {
    mkdirSync(staging, { recursive: true, mode: 0o700 });
    for (const { name, bytes } of contents) writeNewFile(join(staging, name), bytes, true);
    syncDirectory(staging);
    rmSync(directory, { recursive: true, force: true });
    renameSync(staging, directory);
    syncDirectory(versionsDirectory);
    return directory;
  } catch (cause) {
    attempt(() => rmSync(staging, { recursive: true, force: true }));
    throw new DroasError('STATE_UNWRITABLE', `the built-in bot cannot be copied to ${versionsDirectory}`, {
      cause,
      remedy: 'check that the disk is not full and that the supervisor may write there',
    });
  }
}

function isWhole(directory: string, contents: readonly Content[]): boolean {
  try {
    return contents.every(({ name, bytes }) => readFileSync(join(directory, name)).equals(bytes));
  } catch {
    return false;
  }
}

/** What a supervisor left that died while it copied; one with our own pid is of an earlier life of that number. */
function removeStaleStagings(versionsDirectory: string): void {
  attempt(() => {
    for (const name of readdirSync(versionsDirectory)) {
      const pid = Number(/-[0-9a-f]{12}\.(\d+)$/.exec(name)?.[1]);
      const isStale = pid > 0 && (pid === process.pid || !exists(pid));
      if (isStale) attempt(() => rmSync(join(versionsDirectory, name), { recursive: true, force: true }));
    }
  });
}
