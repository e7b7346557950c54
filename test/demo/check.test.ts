import assert from 'node:assert/strict';
import { test } from 'node:test';
import { check } from '../../src/demo/check.ts';

test('the story of the demo is true', async () => {
  const { findings } = await check(() => {});
  assert.deepEqual(
    findings.filter(({ ok }) => !ok),
    [],
  );
  const claims = findings.map(({ claim }) => claim);
  assert.ok(claims.includes('counter answers /count'), 'an ordinary bot took part');
  assert.ok(claims.includes('no process is left behind'), 'the story was told to its end');
});
