import { join } from 'node:path';
import { needs } from './system/needs.ts';
import { conformanceTable } from './system/table.ts';
import { conclude, isolate, runTests, testFiles } from './test/run.ts';

/**
 * `npm run test:system`: the tests that need more than Node. What is not there is fetched from Debian's packages; what
 * cannot be fetched is a failure, never a skip. Ends with what the conformance suite measured of each library.
 * `npm run test:system -- test/system/conformance/resume.test.ts` runs a part.
 */
const missing: string[] = [];
const environment: Record<string, string> = {};
for (const { name, find, remedy } of needs) {
  try {
    const { says, environment: own } = find();
    console.log(`found ${says}`);
    Object.assign(environment, own);
  } catch (error) {
    missing.push(`${name} is missing: ${(error as Error).message}. Get it with ${remedy}`);
  }
}

const files = testFiles(process.argv.slice(2), 'test/system/**/*.test.ts', /^node_modules$/);
const place = isolate();
const table = join(place.base, 'conformance.jsonl');
// Browsers and fonts keep caches and settings, which are no leftovers.
const [XDG_CACHE_HOME, XDG_CONFIG_HOME] = ['cache', 'config'].map((name) => join(place.base, name));
Object.assign(process.env, environment, { DROAS_TEST_TABLE: table, XDG_CACHE_HOME, XDG_CONFIG_HOME });

const outcome = await runTests(files, place);
console.log(`\n${conformanceTable(table)}\n`);
conclude(outcome, [...outcome.failures, ...missing]);
