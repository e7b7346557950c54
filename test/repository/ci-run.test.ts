import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Outcome, Project } from './project.ts';

/** What `node scripts/ci.ts` says when `check` is this, and the other npm scripts pass. */
async function ci(check: string): Promise<Outcome> {
  const scripts = { test: 'true', check, 'test:system': 'true', start: 'true', bench: 'true' };
  using project = new Project({ 'package.json': JSON.stringify({ name: 'small', scripts }) });
  project.copy('scripts/ci.ts');
  project.write({ 'scripts/package.ts': '' });
  project.linkModules();
  return await project.node('scripts/ci.ts');
}

test('when every step passes, the summary says so and the exit code is 0', async () => {
  const { code, out } = await ci('true');
  assert.equal(code, 0, out);
  const summary = out.slice(out.indexOf('=== summary'));
  assert.equal(summary.match(/^ok {3}.+ s$/gm)?.length, 6, out);
});

test('a step that fails is named, the others still run, the exit code is 1', async () => {
  const { code, out } = await ci('exit 3');
  assert.equal(code, 1, out);
  const summary = out.slice(out.indexOf('=== summary'));
  assert.match(summary, /^FAIL checks .* exited with 3$/m);
  assert.equal(summary.match(/^ok /gm)?.length, 5, out);
});
