import assert from 'node:assert/strict';
import { test } from 'node:test';
import { check } from '../../src/demo/check.ts';

test('the story of the demo is true', async () => {
  const { findings } = await check(() => {});
  assert.deepEqual(
    findings.filter(({ ok }) => !ok),
    [],
  );
  assert.ok(findings.length >= 19, 'the story was told to its end');
});
