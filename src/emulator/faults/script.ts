import type { EntryType } from '../ledger/entry.ts';
import { entryTypes } from '../ledger/entry.ts';
import type { Fault } from './fault.ts';
import { faultKinds, impossible, longestMs, tooLong, tooShort } from './fault.ts';

/** One fault of a script, and when it is set. */
export type ScriptStep = {
  /** The entry of the ledger, of its target, that it waits for. Null: the start of the script. */
  readonly after: EntryType | null;
  /** So much later. */
  readonly atMs: number;
  /** Again and again, if given. */
  readonly everyMs: number | null;
  /** With `everyMs` how often; otherwise how many of the entries count. */
  readonly times: number;
  /** The target is an application's name or id, or `*`. */
  readonly fault: Fault;
};
export type FaultScript = { readonly seed: number | null; readonly steps: readonly ScriptStep[] };

/** Something wrong in a script, at a place of the document. */
export type ScriptProblem = {
  readonly path: readonly (string | number)[];
  readonly at: 'key' | 'value';
  readonly what: string;
  /** A word that is not known, and those that are: for a "did you mean". */
  readonly unknown?: { readonly word: string; readonly known: readonly string[] };
};

export type CheckedScript =
  | { readonly script: FaultScript; readonly problems: readonly [] }
  | { readonly script: null; readonly problems: readonly ScriptProblem[] };

type Document = Readonly<Record<string, unknown>>;
const isDocument = (value: unknown): value is Document =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isWhole = (value: unknown, least: number): value is number => Number.isInteger(value) && Number(value) >= least;

const names = faultKinds.map((kind) => kind.shape.fault.value as string);
const timing = ['after', 'at', 'every', 'times'];
const mostSteps = 1_000;
/** As `--seed` of the command line. */
const mostSeed = 2 ** 32 - 1;

/**
 * Judges a fault script as it was read from YAML or JSON: `{ seed?, steps: [{ fault, target?, after?, at?, every?, times?,
 * … }] }`. What the fault takes stands beside it, durations as text and without the `Ms` of their names: `for: 10s`.
 * With `gatewayNodes`, a fault of a node beyond is a mistake already here.
 */
export function checkScript(
  document: unknown,
  { gatewayNodes = Number.POSITIVE_INFINITY }: { readonly gatewayNodes?: number } = {},
): CheckedScript {
  const problems: ScriptProblem[] = [];
  const problem = (path: ScriptProblem['path'], what: string): void => {
    problems.push({ path, at: 'value', what });
  };
  if (!isDocument(document)) {
    problem([], 'expected a map with `steps`');
    return { script: null, problems };
  }
  for (const key of Object.keys(document))
    if (key !== 'seed' && key !== 'steps') problems.push(unknownKey([key], key, ['seed', 'steps']));
  const { seed = null, steps } = document;
  if (seed !== null && !(isWhole(seed, 0) && seed <= mostSeed))
    problem(['seed'], `expected a whole number from 0 to ${mostSeed}`);
  if (!Array.isArray(steps)) problem(['steps'], 'expected a list of faults');
  else if (steps.length > mostSteps) problem(['steps'], `a script has at most ${mostSteps} steps, not ${steps.length}`);
  else {
    const checked = steps.map((step, index) => checkStep(step, ['steps', index], gatewayNodes, problems));
    if (problems.length === 0)
      return { script: { seed: seed as number | null, steps: checked.filter((step) => step !== null) }, problems: [] };
  }
  return { script: null, problems };
}

function checkStep(
  step: unknown,
  path: ScriptProblem['path'],
  gatewayNodes: number,
  problems: ScriptProblem[],
): ScriptStep | null {
  const problem = (key: string, what: string): void => {
    problems.push({ path: [...path, key], at: 'value', what });
  };
  if (!isDocument(step)) {
    problems.push({ path, at: 'value', what: 'expected a map with a `fault`' });
    return null;
  }
  const { after = null, at, every, times, fault: name, ...fields } = step;
  const duration = (key: string, value: unknown, least: number): number => {
    const ms = durationOf(value);
    if (ms === null) problem(key, 'expected a duration such as 500ms, 10s or 5m');
    else if (ms < least) problem(key, tooShort(least));
    else if (ms > longestMs) problem(key, tooLong);
    return ms ?? 0;
  };
  const atMs = at === undefined ? null : duration('at', at, 0);
  const everyMs = every === undefined ? null : duration('every', every, 1);
  if (after !== null && !(entryTypes as readonly unknown[]).includes(after))
    problems.push(unknownWord([...path, 'after'], 'there is no such entry in the ledger', after, entryTypes));
  if (times !== undefined && !isWhole(times, 1)) problem('times', 'expected a whole number from 1 on');
  else if (times !== undefined && everyMs === null && after === null)
    problem('times', '`times` needs `every` or `after`: what is to be repeated?');
  const fault = checkFault(name, fields, path, problems);
  if (fault === null) return null;
  const wrong = impossible(fault, (node) => node <= gatewayNodes);
  if (wrong !== null) problem(wrong.field, wrong.what);
  return {
    after: after as EntryType | null,
    atMs: atMs ?? (after === null ? (everyMs ?? 0) : 0),
    everyMs,
    times: Number(times ?? (everyMs === null ? 1 : Number.POSITIVE_INFINITY)),
    fault,
  };
}

function checkFault(
  name: unknown,
  fields: Document,
  path: ScriptProblem['path'],
  problems: ScriptProblem[],
): Fault | null {
  const kind = faultKinds.find(({ shape }) => shape.fault.value === name);
  if (kind === undefined) {
    const what = name === undefined ? 'a step needs a `fault`' : 'there is no such fault';
    problems.push(unknownWord([...path, 'fault'], what, name, names));
    return null;
  }
  const known = Object.keys(kind.shape).filter((key) => key !== 'fault');
  const written = new Map(known.map((key) => [key.replace(/Ms$/, ''), key]));
  const spec: Record<string, unknown> = { fault: name };
  for (const [key, value] of Object.entries(fields)) {
    const own = written.get(key);
    if (own === undefined) {
      problems.push(unknownKey([...path, key], key, [...written.keys(), ...timing]));
    } else if (own.endsWith('Ms')) {
      const ms = durationOf(value);
      if (ms === null) problems.push({ path: [...path, key], at: 'value', what: 'expected a duration such as 10s' });
      else spec[own] = ms;
    } else spec[own] = value;
  }
  const { data, error } = kind.safeParse(spec);
  for (const issue of error?.issues ?? []) {
    const [key = 'fault'] = issue.path.map((step) => String(step).replace(/Ms$/, ''));
    const isKnown = problems.some((other) => other.path.join('.') === [...path, key].join('.'));
    if (!isKnown) problems.push({ path: [...path, key], at: 'value', what: issue.message });
  }
  return data ?? null;
}

const units: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** `1.5s` → 1500; null when it is no duration. */
function durationOf(value: unknown): number | null {
  if (typeof value !== 'string') return null;
  const [, sign, amount, unit = ''] = /^(-?)(\d{1,9}(?:\.\d{1,3})?)(ms|s|m|h)$/.exec(value) ?? [];
  if (amount === undefined) return null;
  return Math.round(Number(amount) * (units[unit] ?? 1)) * (sign === '-' ? -1 : 1);
}

const unknownKey = (path: ScriptProblem['path'], word: string, known: readonly string[]): ScriptProblem => ({
  path,
  at: 'key',
  what: 'this is not known here',
  unknown: { word, known },
});

const unknownWord = (
  path: ScriptProblem['path'],
  what: string,
  word: unknown,
  known: readonly string[],
): ScriptProblem => ({ path, at: 'value', what, ...(typeof word === 'string' ? { unknown: { word, known } } : {}) });
