import { rmdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Desired } from '../../core/lifecycle/state.ts';
import type { WishFile } from '../../ports/journal.ts';
import { attempt, ensureOurDirectory, Foreign, overwriteFile, readOurFile, unwritable } from './private-files.ts';
import { runRoot } from './run-directory.ts';

const wishes: readonly Desired[] = ['running', 'stopped', 'absent'];
/** A word is written over the last one, in place: replacing a file by renaming makes some file systems write it out. */
const longest = Math.max(...wishes.map((wish) => wish.length));

/**
 * `<state>/run/<bot>/desired`: one word, padded, and a newline. Not synced: it is read only when the journal, which is, was lost.
 * What cannot be trusted reads as null; what cannot be removed is left.
 * @throws DroasError STATE_UNWRITABLE from `write`
 */
export function createWishFile(stateDirectory: string): WishFile {
  const folder = (bot: string): string => join(runRoot(resolve(stateDirectory)), bot);
  const file = (bot: string): string => join(folder(bot), 'desired');

  return {
    read(bot) {
      try {
        const word = readOurFile(file(bot), 64)?.trim();
        return wishes.find((wish) => wish === word) ?? null;
      } catch (error) {
        if (error instanceof Foreign) return null;
        throw error;
      }
    },
    write(bot, desired) {
      try {
        ensureOurDirectory(folder(bot));
        overwriteFile(file(bot), `${desired.padEnd(longest)}\n`);
      } catch (cause) {
        throw unwritable(cause, `${bot}: the wish "${desired}" was not kept`);
      }
    },
    remove(bot) {
      attempt(() => rmSync(file(bot), { force: true }));
      // A run that is not released yet keeps the directory.
      attempt(() => rmdirSync(folder(bot)));
    },
  };
}
