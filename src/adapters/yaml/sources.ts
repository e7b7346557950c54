import { readdirSync } from 'node:fs';
import { basename, dirname, extname, join, relative } from 'node:path';
import type { Path, Problem } from '../../core/config/problem.ts';
import { DroasError, type ErrorCode } from '../../core/errors.ts';
import { parseYaml, type YamlDocument } from './document.ts';
import { checkText, FileFault, readTextFile, type TextFile, unreadable } from './text-file.ts';

/** Something wrong at a place in a file; line 0 means the file as a whole. */
export type Finding = {
  readonly label: string;
  readonly line: number;
  readonly column: number;
  readonly path: Path;
  readonly what: string;
  readonly code: ErrorCode;
};

/** One file as it was read. */
export type Source = {
  /** How messages call it: relative to the folder of droas.yaml. */
  readonly label: string;
  readonly path: string;
  /** Only its owner can read it, so secrets may stand in it. */
  readonly isPrivate: boolean;
  /** Null when nothing can be said about it beyond its faults. */
  readonly value: unknown;
  readonly faults: readonly Finding[];
  readonly locate: YamlDocument['locate'];
};

export const botDirectory = (configPath: string): string => join(dirname(configPath), 'bots.d');
export const botExtensions: readonly string[] = ['.yaml', '.yml'];

/** The bot that a file in `bots.d/` is named after. */
export const botNameOf = (path: string): string => basename(path, extname(path));

/** @throws DroasError CONFIG_NOT_FOUND */
export function mainSource(configPath: string): Source {
  try {
    return parsed(configPath, configPath, readTextFile(configPath), 'it needs at least `version: 1`');
  } catch (error) {
    if (!(error instanceof FileFault)) throw error;
    if (error.code !== 'ENOENT') return broken(configPath, configPath, error.message);
    throw new DroasError('CONFIG_NOT_FOUND', `There is no configuration at ${configPath}.`, {
      cause: error,
      remedy: 'write one that begins with `version: 1`, or name another with --config',
    });
  }
}

const botNeeds = 'a bot needs at least a `command` or `builtin: assistant`';

/** The files of `bots.d/`, by name, and what is wrong with the folder itself. Hidden files and other endings are passed over. */
export function botSources(configPath: string): {
  readonly sources: readonly Source[];
  readonly faults: readonly Finding[];
} {
  const directory = botDirectory(configPath);
  try {
    const names = readdirSync(directory).filter(
      (name) => !name.startsWith('.') && botExtensions.includes(extname(name)),
    );
    return { sources: names.sort().map((name) => botSource(configPath, join(directory, name))), faults: [] };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return { sources: [], faults: [] };
    const isFile = code === 'ENOTDIR';
    const what = isFile ? 'this must be a folder with one file per bot: move the file away' : unreadable(error).message;
    return { sources: [], faults: [whole(labelOf(configPath, directory), what)] };
  }
}

function botSource(configPath: string, path: string): Source {
  try {
    return parsed(configPath, path, readTextFile(path), botNeeds);
  } catch (error) {
    if (!(error instanceof FileFault)) throw error;
    return broken(configPath, path, error.message);
  }
}

/** A file that is not written yet, as it will be read. What is wrong with it has no line: nobody sees one. */
export function unwrittenSource(configPath: string, path: string, text: string): Source {
  try {
    const source = parsed(configPath, path, { text: checkText(text), isPrivate: true }, botNeeds);
    const faults = source.faults.map(({ what }) => whole(source.label, what));
    return { ...source, faults, locate: () => ({ line: 0, column: 0 }) };
  } catch (error) {
    if (!(error instanceof FileFault)) throw error;
    return broken(configPath, path, error.message);
  }
}

/** A problem in a document that stands at `at` in the source. */
export function finding(source: Source, at: Path, problem: Problem, code: ErrorCode = 'CONFIG_INVALID'): Finding {
  const path = [...at, ...problem.path];
  return { label: source.label, ...source.locate(path, problem.at), path, what: problem.what, code };
}

function parsed(configPath: string, path: string, { text, isPrivate }: TextFile, needs: string): Source {
  const label = labelOf(configPath, path);
  const { value, faults, locate } = parseYaml(text);
  const isEmpty = value === null && faults.length === 0;
  const all = isEmpty ? [{ line: 1, column: 1, what: `the file is empty: ${needs}` }] : faults;
  return {
    label,
    path,
    isPrivate,
    value,
    locate,
    faults: all.map((fault) => ({ ...whole(label, fault.what), ...fault })),
  };
}

function broken(configPath: string, path: string, what: string): Source {
  const label = labelOf(configPath, path);
  return {
    label,
    path,
    isPrivate: true,
    value: null,
    faults: [whole(label, what)],
    locate: () => ({ line: 0, column: 0 }),
  };
}

const labelOf = (configPath: string, path: string): string => relative(dirname(configPath), path);

const whole = (label: string, what: string): Finding => ({
  label,
  line: 0,
  column: 0,
  path: [],
  what,
  code: 'CONFIG_INVALID',
});
