import { parseArgs } from 'node:util';
import { assistant } from './assistant.ts';
import { emulator } from './emulator.ts';
import { lifecycle } from './lifecycle.ts';
import { Ground } from './support/ground.ts';
import { describe, inspect, load } from './support/machine.ts';
import { judge } from './support/row.ts';
import { Report } from './support/section.ts';
import { table } from './support/table.ts';

/**
 * `npm run bench -- [NAME…] [--short] [--json]`: measures the built program and prints the figures with the machine. Exit
 * code 1 when a target is missed, or when something did not work at all; a short run does not fail for times, because
 * machines that test are busy.
 */
const benchmarks = { lifecycle, assistant, emulator } as const;
const known = Object.keys(benchmarks) as readonly (keyof typeof benchmarks)[];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { short: { type: 'boolean', default: false }, json: { type: 'boolean', default: false } },
});
const chosen = positionals.length === 0 ? known : known.filter((name) => positionals.includes(name));
const unknown = positionals.filter((name) => !Object.hasOwn(benchmarks, name));
if (unknown.length > 0) {
  console.error(`There is no benchmark ${unknown.join(', ')}; there are: ${known.join(', ')}.`);
  process.exit(2);
}

const { promise: interruption, resolve: interrupt } = Promise.withResolvers<'interrupted'>();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => interrupt('interrupted'));

const startedMs = performance.now();
const ground = new Ground();
const machine = inspect(ground.directory);
const before = load();
const report = new Report((what) => {
  if (!ground.cleared) console.error(`measuring: ${what} …`);
});
const measuring = (async () => {
  for (const name of chosen) await benchmarks[name](report, ground, values.short);
})();
const end = await Promise.race([measuring, interruption]);
const left = await ground.clear();
if (end === 'interrupted') process.exit(130);

for (const { pid, command } of left)
  report.failures.push(`a process was left behind: ${pid} ${command.replaceAll(/\s+/g, ' ').slice(0, 200)}`);
const rows = report.rows.map((row) => judge(row, values.short));
const { failures, notes } = report;
const seconds = Math.round((performance.now() - startedMs) / 1e3);
const loads = { before, after: load() };
if (values.json) {
  console.log(
    JSON.stringify({ apiVersion: 'v1', short: values.short, machine, load: loads, seconds, rows, notes, failures }),
  );
} else {
  console.log(`${describe(machine, loads)}\n\n${table(rows)}\n`);
  for (const note of notes) console.log(`note: ${note}`);
  for (const failure of failures) console.log(`FAIL: ${failure}`);
  console.log(`${values.short ? 'short run' : 'full run'}, ${seconds} s`);
}
process.exitCode = failures.length > 0 || rows.some(({ verdict }) => verdict === 'failed') ? 1 : 0;
