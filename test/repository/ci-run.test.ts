import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Outcome, Project } from './project.ts';

/** What `node scripts/ci.ts` says when the npm scripts are these. */
async function ci(scripts: Readonly<Record<string, string>>): Promise<Outcome> {
  using project = new Project({ 'package.json': JSON.stringify({ name: 'small', scripts }) });
  project.copy('scripts/ci.ts');
  project.write({ 'scripts/package.ts': '' });
  project.linkModules();
  return await project.node('scripts/ci.ts');
}

test('when every step passes, the summary says so and the exit code is 0', async () => {
  const { code, out } = await ci({ test: 'true', check: 'true', start: 'true', bench: 'true' });
  assert.equal(code, 0, out);
  const summary = out.slice(out.indexOf('=== summary'));
  assert.equal(summary.match(/^ok {3}.+ s$/gm)?.length, 5, out);
});

test('a step that fails is named, the others still run, the exit code is 1', async () => {
  const { code, out } = await ci({ test: 'true', check: 'exit 3', start: 'true', bench: 'true' });
  assert.equal(code, 1, out);
  const summary = out.slice(out.indexOf('=== summary'));
  assert.match(summary, /^FAIL checks .* exited with 3$/m);
  assert.equal(summary.match(/^ok /gm)?.length, 4, out);
});
