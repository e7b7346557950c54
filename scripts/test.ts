import { chmodSync, globSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { inspect } from 'node:util';
import { measure } from './test/coverage.ts';
import { end, lasting, processesMarked } from './test/leftovers.ts';
import { belowFloor, coverageTable } from './test/report.ts';

/**
 * `npm test`: every test but those of test/system and test/live, which need more than Node. Fails when a test fails or
 * is skipped, when coverage is below the floor, and when a process or a file is left behind.
 * `npm test -- test/core test/api/sse.test.ts` runs a part; then the coverage is shown but not judged.
 */
const testLimitMs = 60_000;
const fileLimitMs = 180_000;
const root = dirname(import.meta.dirname);

// Stripping types, which coverage does, is "experimental" on Node 24 to 26; its warning would end every run.
const [printWarning] = process.listeners('warning');
process.removeAllListeners('warning');
process.on('warning', (warning) => warning.name === 'ExperimentalWarning' || printWarning?.(warning));

function testFiles(asked: readonly string[]): string[] {
  const patterns = asked.map((path) => (path.endsWith('.ts') ? path : `${path}/**/*.test.ts`));
  return globSync(patterns.length > 0 ? patterns : 'test/**/*.test.ts', {
    cwd: root,
    exclude: (path) => /^test\/(?:system|live)$/.test(path),
  }).sort();
}

/** Its own directories for everything a test writes; nothing of the user's, nor of a supervisor that started us. */
function isolate(): { base: string; coverage: string; scratch: readonly string[] } {
  const base = mkdtempSync(join(realpathSync(tmpdir()), 'droas-'));
  const scratch = ['tmp', 'home'].map((name) => join(base, name));
  const coverage = join(base, 'coverage');
  chmodSync(base, 0o711);
  for (const directory of [...scratch, coverage]) {
    mkdirSync(directory);
    chmodSync(directory, 0o1777); // As /tmp: some tests give up their rights to see what others are refused.
  }
  for (const name of Object.keys(process.env)) if (/^(?:DROAS|XDG)_/.test(name)) delete process.env[name];
  Object.assign(process.env, {
    TMPDIR: scratch[0],
    HOME: scratch[1],
    NODE_V8_COVERAGE: coverage,
    NODE_DISABLE_COMPILE_CACHE: '1', // Functions that come from a code cache are counted less precisely.
  });
  return { base, coverage, scratch };
}

type Outcome = { readonly counts: ReadonlyMap<string, number>; readonly complaints: readonly string[] };
type Event = {
  readonly type: string;
  readonly data: {
    readonly file?: string;
    readonly name?: string;
    readonly message?: string;
    readonly details?: { readonly error?: { readonly failureType?: string; readonly cause?: unknown } };
  };
};

/** Runs the files; prints what they say but for the closing counts, which are returned to be printed last. */
async function runTests(files: readonly string[], mark: string, signal: AbortSignal): Promise<Outcome> {
  const paths = new Set(files.map((file) => join(root, file)));
  const limits = new Map<string, NodeJS.Timeout>();
  const counts = new Map<string, number>();
  const complaints: string[] = [];

  /** Node limits each test, but waits for ever for a file that has finished its tests and still holds something open. */
  function endStalled(path: string): void {
    complaints.push(`${relative(root, path)} did not end within ${fileLimitMs / 1000} s`);
    end(processesMarked(mark).filter(({ command }) => command.endsWith(path)));
  }
  function notice({ type, data: { name = '', file = '', details } }: Event): void {
    const error = type === 'test:fail' ? details?.error : undefined;
    if (error && error.failureType !== 'subtestsFailed')
      complaints.push(`${relative(root, file)}, ${name}: ${inspect(error.cause, { breakLength: 120 })}`);
    if (!paths.has(name)) return;
    if (type === 'test:dequeue')
      limits.set(
        name,
        setTimeout(() => endStalled(name), fileLimitMs),
      );
    if (type === 'test:complete') clearTimeout(limits.get(name));
    // Node counts a file that ran without declaring any test as a test that passed.
    if (type === 'test:pass') complaints.push(`${relative(root, name)} holds no test`);
  }

  const concurrency = Math.max(2, availableParallelism() - 1);
  const events = run({ files: [...paths], concurrency, timeout: testLimitMs, signal });
  const shown = events.filter((event: Event) => {
    notice(event);
    const isCount = event.type === 'test:diagnostic' && event.data.file === undefined;
    const [, name, value] = (isCount && /^(\w+) ([\d.]+)$/.exec(event.data.message ?? '')) || [];
    if (name !== undefined) counts.set(name, Number(value));
    return name === undefined;
  });
  for await (const chunk of shown.compose(new spec())) process.stdout.write(chunk);
  return { counts, complaints };
}

const asked = process.argv.slice(2);
const files = testFiles(asked);
const place = isolate();
process.once('exit', () => rmSync(place.base, { recursive: true, force: true }));
const interrupt = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupt.abort());

const { counts, complaints } = await runTests(files, place.base, interrupt.signal);
const failures = [...complaints];
if ((counts.get('tests') ?? 0) === 0) failures.push('no test was run');
for (const what of ['fail', 'cancelled', 'skipped', 'todo']) {
  const count = counts.get(what) ?? 0;
  if (count > 0) failures.push(`${count} ${what}: every test must run and pass`);
}

const left = await lasting(place.base, 2_000);
for (const { pid, command } of left) failures.push(`a test left a process behind: ${pid} ${command.slice(0, 200)}`);
end(left);
for (const directory of place.scratch)
  for (const name of readdirSync(directory)) failures.push(`a test left a file behind: ${join(directory, name)}`);

const coverage = measure(root, place.coverage);
console.log(`\n${coverageTable(coverage)}\n`);
if (asked.length === 0) failures.push(...belowFloor(coverage));

for (const failure of failures) console.log(`FAIL ${failure}`);
for (const [name, count] of counts) console.log(`ℹ ${name} ${count}`);
process.exitCode = failures.length === 0 ? 0 : 1;
