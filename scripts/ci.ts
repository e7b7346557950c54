import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * `npm run ci`: all that must hold before a change is taken, as anybody would call it. Every step runs, also after a
 * failure; each has its own limit and all together have one. Nothing is asked: standard input is closed.
 */
type Step = { readonly name: string; readonly command: readonly [string, ...string[]]; readonly limitMinutes: number };
const steps: readonly Step[] = [
  { name: 'tests', command: ['npm', 'test'], limitMinutes: 8 },
  { name: 'checks', command: ['npm', 'run', 'check'], limitMinutes: 3 },
  { name: 'system tests', command: ['npm', 'run', 'test:system'], limitMinutes: 7 },
  { name: 'package', command: [process.execPath, 'scripts/package.ts'], limitMinutes: 2 },
  { name: 'the story', command: ['npm', 'start', '--', '--check'], limitMinutes: 4 },
  { name: 'benchmark, short', command: ['npm', 'run', 'bench', '--', '--short'], limitMinutes: 4 },
];
const limitMinutes = 20;
const root = dirname(import.meta.dirname);
const startedMs = performance.now();
const minutesGone = () => (performance.now() - startedMs) / 60_000;

/** Resolves with null when the step passed, otherwise with what happened. The whole process group ends with the step. */
function runStep({ command: [program, ...args], limitMinutes: own }: Step): Promise<string | null> {
  const limit = Math.min(own, limitMinutes - minutesGone());
  if (limit <= 0) return Promise.resolve(`not run: the ${limitMinutes} minutes of the whole were spent`);
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'], detached: true });
    let outcome: string | null = null;
    const endGroup = (signal: NodeJS.Signals) => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, signal);
      } catch {
        // The group is gone already.
      }
    };
    const interrupted = () => {
      outcome = 'interrupted';
      endGroup('SIGTERM');
    };
    const ask = setTimeout(() => {
      outcome = `took longer than its ${limit.toFixed(1)} minutes`;
      endGroup('SIGTERM');
    }, limit * 60_000);
    const force = setTimeout(() => endGroup('SIGKILL'), limit * 60_000 + 10_000);
    process.on('SIGINT', interrupted).on('SIGTERM', interrupted);
    const settle = (failure: string | null) => {
      clearTimeout(ask);
      clearTimeout(force);
      if (outcome !== null) endGroup('SIGKILL');
      process.off('SIGINT', interrupted).off('SIGTERM', interrupted);
      resolve(outcome ?? failure);
    };
    child.once('error', (error) => settle(`could not be started: ${error.message}`));
    child.once('exit', (code, signal) => settle(code === 0 ? null : `exited with ${code ?? signal}`));
  });
}

if (!existsSync(join(root, 'node_modules'))) {
  console.error('node_modules is missing: run `npm ci` first.');
  process.exit(1);
}
const summary: string[] = [];
let failed = 0;
for (const step of steps) {
  console.log(`\n=== ${step.name}: ${step.command.join(' ')}`);
  const before = minutesGone();
  const failure = await runStep(step);
  const seconds = ((minutesGone() - before) * 60).toFixed(1);
  summary.push(
    `${failure === null ? 'ok  ' : 'FAIL'} ${step.name.padEnd(18)} ${seconds.padStart(7)} s  ${failure ?? ''}`.trimEnd(),
  );
  if (failure !== null) failed++;
  if (failure === 'interrupted') break;
}
console.log(`\n=== summary (Node ${process.version}, ${minutesGone().toFixed(1)} min)\n${summary.join('\n')}`);
process.exitCode = failed === 0 && summary.length === steps.length ? 0 : 1;
