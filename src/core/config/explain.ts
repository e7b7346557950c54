import type { z } from 'zod';
import { type Path, type Problem, problem, valueAt } from './problem.ts';
import { nearest } from './suggest.ts';

type Issue = z.core.$ZodIssue;

export type Read<T> = { readonly value: T | null; readonly problems: readonly Problem[] };

/**
 * Checks a document against its schema. `written` is the same document as it was before its variables were resolved, the
 * only one that messages may show.
 */
export function read<T extends z.ZodType>(schema: T, document: unknown, written: unknown): Read<z.output<T>> {
  const result = schema.safeParse(document);
  if (result.success) return { value: result.data, problems: [] };
  return { value: null, problems: explainAll(result.error.issues, [], written) };
}

function explainAll(issues: readonly Issue[], base: Path, written: unknown): readonly Problem[] {
  const withUnknownKeys = new Set(
    issues.filter(({ code }) => code === 'unrecognized_keys').map(({ path }) => path.join()),
  );
  // "needs exactly one of …" says nothing new where the one that is there is misspelt.
  const telling = issues.filter(({ code, path }) => code !== 'custom' || !withUnknownKeys.has(path.join()));
  return telling.flatMap((issue) => explain(issue, base, written));
}

function explain(issue: Issue, base: Path, written: unknown): readonly Problem[] {
  const path = [...base, ...issue.path.filter((step) => typeof step !== 'symbol')];
  if (issue.code === 'unrecognized_keys') {
    const lines = issue.message.split('\n');
    return issue.keys.map((key, index) => problem([...path, key], lines[index] ?? issue.message, 'key'));
  }
  if (issue.code === 'invalid_union') {
    const nearer = issue.errors.filter((issues) => !issues.some(rejectsWhole));
    if (nearer[0] !== undefined && nearer.length === 1) return explainAll(nearer[0], path, written);
  }
  const value = valueAt(written, path);
  const what = plainWords(issue, value);
  return [
    problem(path, what.startsWith('expected') ? `${what}, got ${shown(value, path)}${quoting(what, value)}` : what),
  ];
}

/** The value is of another kind altogether, so this alternative of a union was not meant. */
const rejectsWhole = ({ code, path }: Issue): boolean =>
  path.length === 0 && (code === 'invalid_type' || code === 'invalid_value');

const kinds: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map',
  record: 'a map',
};

function plainWords(issue: Issue, value: unknown): string {
  if (!isZodsOwn(issue.message)) return issue.message;
  switch (issue.code) {
    case 'invalid_type':
      return `expected ${kinds[issue.expected] ?? issue.expected}`;
    case 'invalid_value': {
      const choices = issue.values.map(String);
      const meant = typeof value === 'string' ? nearest(value, choices) : null;
      return `expected ${choices.join(' or ')}${meant === null ? '' : ` (did you mean ${meant}?)`}`;
    }
    case 'too_small':
      return `expected ${issue.minimum} or more`;
    case 'too_big':
      return `expected ${issue.maximum} or less`;
    default:
      return issue.message;
  }
}

/** Messages of the schema itself are for people already; these are zod's. */
const isZodsOwn = (message: string): boolean => /^(?:Invalid|Too (?:small|big))/.test(message);

/** Shorter than any token or key that is worth something. */
const longestShown = 24;
const secretKeys = new Set<Path[number]>(['token', 'key', 'env']);

/** What stands there, as far as it may be shown: no secrets, nothing long. */
function shown(value: unknown, path: Path): string {
  if (value === undefined || value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a map';
  const isSecret = path.some((step) => secretKeys.has(step));
  if (typeof value !== 'string') return isSecret ? `a ${typeof value}` : String(value);
  if (/^\$\{\w+\}$/.test(value)) return `the text of ${value}`;
  if (path.length === 0) return 'a text';
  if (isSecret || value.length > longestShown) return `a text of ${value.length} characters`;
  return `'${value}'`;
}

function quoting(what: string, value: unknown): string {
  return what === 'expected text' && (typeof value === 'number' || typeof value === 'boolean')
    ? ': put it in quotes'
    : '';
}
