import { type Path, type Problem, problem } from './problem.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * `${VAR}` and `${VAR:-default}` (the default also replaces an empty variable); `$${` stands for a plain `${`. A default
 * is plain text. A `$` without brace is itself.
 */
const reference = /\$\$\{|\$\{([^}]*)(\}?)/g;
const referenceForm = /^([A-Za-z_]\w*)(?::-(.*))?$/s;

export type Interpolated = { readonly document: unknown; readonly problems: readonly Problem[] };

/** Resolves the variables in every text of a document. A text with a problem is left as it is. `owner` is named in messages. */
export function interpolate(document: unknown, environment: Environment, owner: string): Interpolated {
  const problems: Problem[] = [];
  const walk = (value: unknown, path: Path): unknown => {
    if (typeof value === 'string') {
      const faults: string[] = [];
      const text = resolved(value, environment, owner, faults);
      problems.push(...faults.map((fault) => problem(path, fault)));
      return faults.length > 0 ? value : text;
    }
    if (Array.isArray(value)) return value.map((item, index) => walk(item, [...path, index]));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, walk(item, [...path, key])]));
  };
  return { document: walk(document, []), problems };
}

function resolved(text: string, environment: Environment, owner: string, faults: string[]): string {
  return text.replaceAll(reference, (whole, inner: string | undefined, close: string) => {
    if (inner === undefined) return '${';
    const [, name, fallback] = referenceForm.exec(inner) ?? [];
    if (name === undefined || close === '' || fallback?.includes('${')) {
      faults.push(`a variable is written \${NAME} or \${NAME:-default}, not nested; for a plain "\${" write "$\${"`);
      return whole;
    }
    const value = Object.hasOwn(environment, name) ? environment[name] : undefined;
    if (fallback !== undefined) return value === undefined || value === '' ? fallback : value;
    if (value !== undefined) return value;
    faults.push(
      `the variable ${name} is not set, and ${owner} needs it: set it in the environment that the supervisor starts from, or write \${${name}:-default}`,
    );
    return whole;
  });
}
