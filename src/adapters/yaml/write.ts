import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { valueAt } from '../../core/config/problem.ts';
import { DroasError } from '../../core/errors.ts';
import { isBotName } from '../../core/ids.ts';
import { type BotSource, botFile, botText } from './load.ts';
import { botDirectory, botExtensions, mainSource } from './sources.ts';

/**
 * Writes `bots.d/<name>.yaml` (0600), wholly or not at all, and durably.
 * @throws DroasError BOT_EXISTS, CONFIG_UNWRITABLE
 */
export function writeBotFile(configPath: string, name: string, document: BotSource): void {
  const path = botFile(configPath, checked(name));
  const existing = filesOf(configPath, name)[0];
  if (existing !== undefined) {
    throw new DroasError('BOT_EXISTS', `There is a bot "${name}" already, in ${existing}.`, {
      remedy: `choose another name, or: droas rm ${name}`,
    });
  }
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.tmp`);
  try {
    mkdirSync(dirname(path), { mode: 0o700, recursive: true });
    rmSync(temporary, { force: true });
    writeDurably(temporary, botText(document));
    renameSync(temporary, path);
    syncDirectory(dirname(path));
  } catch (error) {
    discard(temporary);
    throw unwritable(path, `Bot "${name}" could not be written to`, error);
  }
}

/**
 * Removes the file of a bot; a bot without a file is removed already.
 * @throws DroasError CONFIG_UNWRITABLE, also when the bot stands in droas.yaml itself, which belongs to people
 */
export function removeBotFile(configPath: string, name: string): void {
  const main = mainSource(configPath);
  if (valueAt(main.value, ['bots', checked(name)]) !== undefined) {
    const { line, column } = main.locate(['bots', name], 'key');
    throw new DroasError(
      'CONFIG_UNWRITABLE',
      `Bot "${name}" stands in ${configPath}:${line}:${column}, a file that only people change.`,
      {
        remedy: 'remove it there, then: droas reload',
      },
    );
  }
  for (const path of filesOf(configPath, name)) {
    try {
      rmSync(path, { force: true });
      syncDirectory(dirname(path));
    } catch (error) {
      throw unwritable(path, `Bot "${name}" could not be removed from`, error);
    }
  }
}

/** A name becomes part of a path. */
function checked(name: string): string {
  if (isBotName(name)) return name;
  throw new DroasError('USAGE', `${JSON.stringify(name.slice(0, 64))} cannot be the name of a bot.`);
}

const filesOf = (configPath: string, name: string): readonly string[] =>
  botExtensions
    .map((extension) => join(botDirectory(configPath), `${name}${extension}`))
    .filter((path) => existsSync(path));

function writeDurably(path: string, text: string): void {
  const descriptor = openSync(path, 'wx', 0o600);
  try {
    writeSync(descriptor, text);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** The error that made it useless is the one to tell. */
function discard(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {}
}

function syncDirectory(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

const remedies: Readonly<Record<string, string>> = {
  EACCES: 'let the user of the supervisor write to that folder: chown or chmod',
  EPERM: 'let the user of the supervisor write to that folder: chown or chmod',
  EROFS: 'that file system is read-only: mount it writable, or keep the configuration elsewhere',
  ENOSPC: 'the disk is full: free some space',
  EDQUOT: 'the disk quota is used up: free some space',
  ENOTDIR: 'bots.d must be a folder: move the file away',
  EEXIST: 'bots.d must be a folder: move the file away',
};

function unwritable(path: string, what: string, error: unknown): DroasError {
  const { code = 'unknown error' } = error as NodeJS.ErrnoException;
  const remedy = remedies[code];
  return new DroasError('CONFIG_UNWRITABLE', `${what} ${path} (${code}).`, {
    cause: error,
    ...(remedy === undefined ? {} : { remedy }),
  });
}
