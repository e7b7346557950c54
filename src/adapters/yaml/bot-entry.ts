import { dirname, resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { botSpec } from '../../core/config/build.ts';
import { read } from '../../core/config/explain.ts';
import { type Environment, interpolate } from '../../core/config/interpolate.ts';
import { type Path, type Problem, problem, startsWith } from '../../core/config/problem.ts';
import { botProblems, variableFault } from '../../core/config/rules.ts';
import { type BotDocument, botDocument, type Defaults } from '../../core/config/schema.ts';
import type { BotSpec } from '../../core/config/spec.ts';
import { containsToken } from '../../core/config/token.ts';
import { type Finding, finding, type Source } from './sources.ts';
import { FileFault, readTextFile } from './text-file.ts';

/** Where one bot stands: a file of its own, or an entry of droas.yaml. */
export type Place = { readonly name: string; readonly source: Source; readonly at: Path; readonly written: unknown };

/** One bot as it was read and judged by itself. */
export type BotEntry = Place & {
  /** Null when it does not fit the schema. */
  readonly document: BotDocument | null;
  readonly envFile: EnvFile;
  readonly findings: readonly Finding[];
};

type EnvFile = { readonly path: string | null; readonly env: Readonly<Record<string, string>> };

export function readEntry(place: Place, environment: Environment, defaults: Defaults | null): BotEntry {
  const { source, at, written, name } = place;
  const { document: resolved, problems: unresolved } = interpolate(written, environment, `bot "${name}"`);
  const { value: document, problems } = read(botDocument, resolved, written);
  const rules = document === null ? [] : botProblems(document, defaults);
  const opened = openEnvFile(document, source, [...unresolved, ...rules]);
  const found = [
    ...unresolved,
    ...[...problems, ...rules].filter(({ path }) => !unresolved.some((other) => startsWith(path, other.path))),
    ...opened.problems,
    ...exposedTokens(written, source),
  ];
  return { ...place, document, envFile: opened.envFile, findings: found.map((each) => finding(source, at, each)) };
}

/** The spec of an entry without findings. */
export function specOf({ name, source, at, document, envFile }: BotEntry, defaults: Defaults): BotSpec | null {
  if (document === null) return null;
  const { line, column } = source.locate(at, 'key');
  return botSpec(document, defaults, {
    name,
    cwd: resolve(dirname(source.path), document.cwd ?? '.'),
    fileEnv: envFile.env,
    source: `${source.label}:${Math.max(1, line)}:${Math.max(1, column)}`,
  });
}

function openEnvFile(
  document: BotDocument | null,
  source: Source,
  earlier: readonly Problem[],
): { readonly envFile: EnvFile; readonly problems: readonly Problem[] } {
  const none: EnvFile = { path: null, env: {} };
  if (document?.envFile === undefined) return { envFile: none, problems: [] };
  if (earlier.some(({ path }) => path[0] === 'envFile')) return { envFile: none, problems: [] };
  const path = resolve(dirname(source.path), document.envFile);
  try {
    const { text, isPrivate } = readTextFile(path);
    const env = parseEnv(text) as Readonly<Record<string, string>>;
    const faults = Object.keys(env).flatMap((name) => variableFault(name) ?? []);
    if (text.includes('\0')) faults.push('it contains a NUL character');
    if (!isPrivate && containsToken(text)) faults.push(exposure(path));
    return { envFile: { path, env }, problems: faults.map((fault) => problem(['envFile'], `${path}: ${fault}`)) };
  } catch (error) {
    if (!(error instanceof FileFault)) throw error;
    return { envFile: none, problems: [problem(['envFile'], `${path}: ${error.message}`)] };
  }
}

const exposure = (path: string): string =>
  `a token stands here in plain text, and others can read the file: chmod 600 ${path}, or write \${VARIABLE} and set that`;

/** Tokens in plain text, in a file that others can read. */
export function exposedTokens(written: unknown, source: Source): readonly Problem[] {
  if (source.isPrivate) return [];
  const walk = (value: unknown, path: Path): readonly Problem[] => {
    if (typeof value === 'string') return containsToken(value) ? [problem(path, exposure(source.path))] : [];
    if (typeof value !== 'object' || value === null) return [];
    return Object.entries(value).flatMap(([key, inner]) => walk(inner, [...path, key]));
  };
  return walk(written, []);
}
