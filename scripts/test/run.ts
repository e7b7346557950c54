import { chmodSync, globSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { inspect } from 'node:util';
import { end, lasting, processesMarked } from './leftovers.ts';

/** What `npm test` and `npm run test:system` have in common: where tests run, how long they may, what fails them. */
const testLimitMs = 60_000;
const fileLimitMs = 180_000;
export const root = dirname(dirname(import.meta.dirname));

// Stripping types, which coverage does, is "experimental" on Node 24 to 26; its warning would end every run.
const [printWarning] = process.listeners('warning');
process.removeAllListeners('warning');
process.on('warning', (warning) => warning.name === 'ExperimentalWarning' || printWarning?.(warning));

/** The test files that were asked for, as files or folders; otherwise those of `patterns`. */
export function testFiles(asked: readonly string[], patterns: string, exclude: RegExp): string[] {
  const wanted = asked.map((path) => (path.endsWith('.ts') ? path : `${path}/**/*.test.ts`));
  return globSync(wanted.length > 0 ? wanted : patterns, { cwd: root, exclude: (path) => exclude.test(path) }).sort();
}

export type Place = { readonly base: string; readonly scratch: readonly string[] };

/**
 * Its own directories for everything a test writes; nothing of the user's, nor of a supervisor that started us. They
 * are removed when this process ends.
 */
export function isolate(): Place {
  const base = mkdtempSync(join(realpathSync(tmpdir()), 'droas-'));
  process.once('exit', () => rmSync(base, { recursive: true, force: true }));
  const scratch = ['tmp', 'home'].map((name) => join(base, name));
  chmodSync(base, 0o711);
  for (const directory of scratch) makeShared(directory);
  for (const name of Object.keys(process.env)) if (/^(?:DROAS|XDG)_/.test(name)) delete process.env[name];
  Object.assign(process.env, { TMPDIR: scratch[0], HOME: scratch[1] });
  return { base, scratch };
}

/** A directory like /tmp: some tests give up their rights to see what others are refused. */
export function makeShared(directory: string): void {
  mkdirSync(directory);
  chmodSync(directory, 0o1777);
}

export type Outcome = { readonly counts: ReadonlyMap<string, number>; readonly failures: readonly string[] };
type Event = {
  readonly type: string;
  readonly data: {
    readonly file?: string;
    readonly name?: string;
    readonly message?: string;
    readonly details?: { readonly error?: { readonly failureType?: string; readonly cause?: unknown } };
  };
};

/**
 * Runs the files; prints what they say but for the closing counts, which are returned to be printed last. A failure is
 * also a test that was skipped, no test at all, and a process or file that was left behind.
 */
export async function runTests(files: readonly string[], { base, scratch }: Place): Promise<Outcome> {
  const paths = new Set(files.map((file) => join(root, file)));
  const limits = new Map<string, NodeJS.Timeout>();
  const counts = new Map<string, number>();
  const failures: string[] = [];

  /** Node limits each test, but waits for ever for a file that has finished its tests and still holds something open. */
  function endStalled(path: string): void {
    failures.push(`${relative(root, path)} did not end within ${fileLimitMs / 1000} s`);
    end(processesMarked(base).filter(({ command }) => command.endsWith(path)));
  }
  function notice({ type, data: { name = '', file = '', details } }: Event): void {
    const error = type === 'test:fail' ? details?.error : undefined;
    if (error && error.failureType !== 'subtestsFailed')
      failures.push(`${relative(root, file)}, ${name}: ${inspect(error.cause, { breakLength: 120 })}`);
    if (!paths.has(name)) return;
    if (type === 'test:dequeue')
      limits.set(
        name,
        setTimeout(() => endStalled(name), fileLimitMs),
      );
    if (type === 'test:complete') clearTimeout(limits.get(name));
    // Node counts a file that ran without declaring any test as a test that passed.
    if (type === 'test:pass') failures.push(`${relative(root, name)} holds no test`);
  }

  const interrupt = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupt.abort());
  const concurrency = Math.max(2, availableParallelism() - 1);
  const events = run({ files: [...paths], concurrency, timeout: testLimitMs, signal: interrupt.signal });
  const shown = events.filter((event: Event) => {
    notice(event);
    const isCount = event.type === 'test:diagnostic' && event.data.file === undefined;
    const [, name, value] = (isCount && /^(\w+) ([\d.]+)$/.exec(event.data.message ?? '')) || [];
    if (name !== undefined) counts.set(name, Number(value));
    return name === undefined;
  });
  for await (const chunk of shown.compose(new spec())) process.stdout.write(chunk);

  if ((counts.get('tests') ?? 0) === 0) failures.push('no test was run');
  for (const what of ['fail', 'cancelled', 'skipped', 'todo']) {
    const count = counts.get(what) ?? 0;
    if (count > 0) failures.push(`${count} ${what}: every test must run and pass`);
  }
  const left = await lasting(base, 2_000);
  for (const { pid, command } of left) failures.push(`a test left a process behind: ${pid} ${command.slice(0, 200)}`);
  end(left);
  for (const directory of scratch)
    for (const name of readdirSync(directory)) failures.push(`a test left a file behind: ${join(directory, name)}`);
  return { counts, failures };
}

/** The last lines of a run, and its exit code. */
export function conclude({ counts }: Outcome, failures: readonly string[]): void {
  for (const failure of failures) console.log(`FAIL ${failure}`);
  for (const [name, count] of counts) console.log(`ℹ ${name} ${count}`);
  process.exitCode = failures.length === 0 ? 0 : 1;
}
