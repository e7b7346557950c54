/** Where in a document: keys of maps, indexes of lists. */
export type Path = readonly (string | number)[];

/** One thing that is wrong with a document. */
export type Problem = {
  readonly path: Path;
  /** Whether the key itself is at fault, or what it holds. */
  readonly at: 'key' | 'value';
  /** What is wrong and what to do about it. Never shows a secret. */
  readonly what: string;
};

export const problem = (path: Path, what: string, at: Problem['at'] = 'value'): Problem => ({ path, at, what });

/** `restart.maxAttempts`, `command[1]`; keys that are no plain words are quoted, long ones cut. */
export function pathText(path: Path): string {
  let text = '';
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`;
    else text += `${text === '' ? '' : '.'}${/^[\w-]{1,64}$/.test(step) ? step : JSON.stringify(step.slice(0, 64))}`;
  }
  return text;
}

export const startsWith = (path: Path, start: Path): boolean => start.every((step, index) => path[index] === step);

/** What stands at a place of a document; undefined when nothing does. */
export function valueAt(document: unknown, path: Path): unknown {
  let value = document;
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
    value = (value as Readonly<Record<string | number, unknown>>)[step];
  }
  return value;
}
