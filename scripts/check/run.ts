import type { Finding } from './finding.ts';

export type Checks = Readonly<Record<string, () => readonly Finding[] | Promise<readonly Finding[]>>>;

/** Runs all of them, whatever the others find; prints a line for each, its time and what it found. Sets the exit code. */
export async function runChecks(checks: Checks): Promise<void> {
  let failed = 0;
  for (const [name, run] of Object.entries(checks)) {
    const startedMs = performance.now();
    const findings = await Promise.try(run).catch((error: unknown) => [String(error)]);
    const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
    console.log(`${findings.length === 0 ? 'ok  ' : 'FAIL'} ${name.padEnd(28)} ${seconds.padStart(5)} s`);
    for (const finding of findings) console.log(finding.replace(/^/gm, '       '));
    if (findings.length > 0) failed++;
  }
  console.log(failed === 0 ? '\nAll checks passed.' : `\n${failed} of ${Object.keys(checks).length} checks failed.`);
  process.exitCode = failed === 0 ? 0 : 1;
}
