import { createHash } from 'node:crypto';
import { readdirSync, rmdirSync, rmSync, statfsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { SecretFiles } from '../../ports/secrets.ts';
import { attempt, ensureOurDirectory, replaceFile, requireOurDirectory, unwritable } from './private-files.ts';

const memoryFileSystems = [0x01021994 /* tmpfs */, 0x858458f6 /* ramfs */];

/**
 * One JSON file per incarnation, `<folder>/<bot>.<incarnation>.json`, 0600 in a 0700 folder. The folder is the first that
 * can be ours: in XDG_RUNTIME_DIR or /dev/shm, in memory, never on a disk; else in the state directory. Those in memory are
 * shared by all supervisors of a user, so each has a subfolder named after its state directory.
 * What cannot be removed is left: a file there is ours alone to read, and a later sweep meets it again.
 * @throws DroasError STATE_UNWRITABLE from `write`, and from nothing else
 */
export function createSecretFiles(stateDirectory: string, inMemory = memoryFolders()): SecretFiles {
  const state = resolve(stateDirectory);
  const own = createHash('sha256').update(state).digest('hex').slice(0, 16);
  const onDisk = join(state, 'secrets-run');
  const folders = [...inMemory.map((folder) => join(folder, own)), onDisk];
  const nameOf = (bot: string, incarnation: number): string => `${bot}.${incarnation}.json`;

  /** The folders that exist and are ours: a runtime directory may have come or gone since the file was written. */
  const present = (): readonly string[] =>
    folders.filter((folder) => {
      try {
        requireOurDirectory(folder);
        return true;
      } catch {
        return false;
      }
    });

  return {
    write(bot, incarnation, secrets) {
      let refusal: unknown;
      for (const folder of folders) {
        try {
          if (folder !== onDisk) ensureOurDirectory(dirname(folder));
          ensureOurDirectory(folder);
          const path = join(folder, nameOf(bot, incarnation));
          replaceFile(path, JSON.stringify(secrets));
          return path;
        } catch (error) {
          refusal = error;
        }
      }
      throw unwritable(refusal, `${bot}: its secrets for incarnation ${incarnation} could not be laid out`);
    },
    remove(bot, incarnation) {
      for (const folder of present()) {
        attempt(() => rmSync(join(folder, nameOf(bot, incarnation)), { force: true }));
        removeIfEmpty(folder);
      }
    },
    sweep(keep) {
      const kept = new Set(keep.map(({ bot, incarnation }) => nameOf(bot, incarnation)));
      for (const folder of present()) {
        attempt(() => {
          for (const name of readdirSync(folder)) {
            if (!kept.has(name)) attempt(() => rmSync(join(folder, name), { force: true }));
          }
        });
        removeIfEmpty(folder);
      }
    },
  };
}

function removeIfEmpty(folder: string): void {
  attempt(() => rmdirSync(folder));
}

/** Folders for secrets on file systems that live in memory, best first; not made yet. */
function memoryFolders(): readonly string[] {
  const uid = process.geteuid?.() ?? 0;
  const runtime = process.env['XDG_RUNTIME_DIR'];
  const places = [
    ...(runtime?.startsWith('/') ? [[runtime, 'droas'] as const] : []),
    ['/dev/shm', `droas-${uid}`] as const,
  ];
  return places.filter(([place]) => isInMemory(place)).map(([place, name]) => join(place, name));
}

function isInMemory(place: string): boolean {
  try {
    return memoryFileSystems.includes(statfsSync(place).type);
  } catch {
    return false;
  }
}
