export type Facts = Readonly<Record<string, string | number>>;

/**
 * One line per fact on standard output: `INFO answered channel=… ms=…`. Ids, lengths, codes and durations only: never
 * what people write, never an error's message, which can quote a request with its key.
 */
export function log(level: 'INFO' | 'WARN' | 'ERROR', what: string, facts: Facts = {}): void {
  const pairs = Object.entries(facts).map(([name, value]) => ` ${name}=${value}`);
  process.stdout.write(`${level} ${what}${pairs.join('')}\n`);
}

/** What may be told about an error: its class, and the codes of Discord, HTTP or the operating system. */
export function errorFacts(error: unknown): Facts {
  if (!(error instanceof Error)) return { error: typeof error };
  const { status, code } = error as { status?: unknown; code?: unknown };
  const cause = error.cause instanceof Error ? (error.cause as { code?: unknown }).code : undefined;
  return {
    error: error.name.replace(/\W.*/, ''),
    ...(typeof status === 'number' ? { status } : {}),
    ...(typeof code === 'number' || typeof code === 'string' ? { code } : {}),
    ...(typeof cause === 'string' ? { cause } : {}),
  };
}
