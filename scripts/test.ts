import { join } from 'node:path';
import { measure } from './test/coverage.ts';
import { belowFloor, coverageTable } from './test/report.ts';
import { conclude, isolate, makeShared, root, runTests, testFiles } from './test/run.ts';

/**
 * `npm test`: every test but those of test/system and test/live, which need more than Node. Fails when a test fails or
 * is skipped, when coverage is below the floor, and when a process or a file is left behind.
 * `npm test -- test/core test/api/sse.test.ts` runs a part; then the coverage is shown but not judged.
 */
const asked = process.argv.slice(2);
const files = testFiles(asked, 'test/**/*.test.ts', /^test\/(?:system|live)$/);
const place = isolate();
const reports = join(place.base, 'coverage');
makeShared(reports);
Object.assign(process.env, {
  NODE_V8_COVERAGE: reports,
  NODE_DISABLE_COMPILE_CACHE: '1', // Functions that come from a code cache are counted less precisely.
});

const outcome = await runTests(files, place);
const coverage = measure(root, reports);
console.log(`\n${coverageTable(coverage)}\n`);
conclude(outcome, [...outcome.failures, ...(asked.length === 0 ? belowFloor(coverage) : [])]);
