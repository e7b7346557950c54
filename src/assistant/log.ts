export type Facts = Readonly<Record<string, string | number>>;

/**
 * One line per fact on standard output: `INFO answered channel=… ms=…`. Ids, lengths, codes and durations only: never
 * what people write, never an error's message, which can quote a request with its key.
 */
export function log(level: 'INFO' | 'WARN' | 'ERROR', what: string, facts: Facts = {}): void {
  const pairs = Object.entries(facts).map(([name, value]) => ` ${name}=${value}`);
  process.stdout.write(`${level} ${what}${pairs.join('')}\n`);
}

/** What may be told about an error: its class and kind, and the codes of Discord, HTTP or the operating system. */
export function errorFacts(error: unknown): Facts {
  if (!(error instanceof Error)) return { error: typeof error };
  const { kind, status } = error as { kind?: unknown; status?: unknown };
  const code = codeIn(error);
  return {
    error: error.name.replace(/\W.*/, ''),
    ...(typeof kind === 'string' ? { kind } : {}),
    ...(typeof status === 'number' ? { status } : {}),
    ...(code === null ? {} : { code }),
  };
}

/** The first code in the chain of causes that looks like one: servers may write there what they like. */
function codeIn(error: unknown): string | number | null {
  if (!(error instanceof Error)) return null;
  const { code } = error as { code?: unknown };
  if (typeof code === 'number' || (typeof code === 'string' && /^\w{1,40}$/.test(code))) return code;
  return codeIn(error.cause);
}
