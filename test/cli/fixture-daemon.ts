/**
 * A supervisor of a fleet in memory, started as `droas up -d` starts one. The configuration named on its command line
 * is JSON that says how it behaves: `fail` (a problem to end with), `crash` (a code to exit with), `mute` (never ready),
 * `bots` (views), `settleMs` (when starting bots become what `become` says), `hang` (ignores the shutdown).
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createApi } from '../../src/api/server.ts';
import type { BotView } from '../../src/protocol/api.ts';
import { FakeFleet } from '../support/fake-fleet.ts';

// Whatever becomes of the test that started it.
setTimeout(() => process.exit(1), 60_000).unref();

const { values } = parseArgs({
  allowPositionals: true,
  options: { state: { type: 'string' }, config: { type: 'string' }, json: { type: 'boolean' } },
});
const behaviour = JSON.parse(readFileSync(values.config ?? '', 'utf8'));
process.stderr.write(
  `environment ${Object.keys(process.env)
    .filter((key) => key.startsWith('DROAS_'))
    .join(' ')}\n`,
);
if (behaviour.fail !== undefined) {
  process.stderr.write(`${JSON.stringify(behaviour.fail)}\n`);
  process.exit(6);
}
if (behaviour.crash !== undefined) {
  process.stderr.write('a line\nthe last line\n');
  process.exit(behaviour.crash);
}
if (behaviour.mute) setInterval(() => {}, 1_000);
else {
  const bots: BotView[] = behaviour.bots ?? [];
  const fleet = new FakeFleet(...bots);
  fleet.facts = { config: values.config ?? '', stateDirectory: values.state ?? '' };
  const api = createApi({ fleet });
  await api.listen(join(values.state ?? '', 'droas.sock'));
  for (const after of behaviour.become ?? []) setTimeout(() => fleet.table.set(after.name, after), behaviour.settleMs);
  await fleet.next('shutdown');
  if (behaviour.hang) await new Promise(() => setInterval(() => {}, 1_000));
  await api.close();
}
