import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';

test('a supervisor without a free descriptor does not take living processes for dead', () => {
  const fixture = join(import.meta.dirname, 'fixture-exhausted.ts');
  const script = 'ulimit -n 64; "$0" "$1"; exit $?'; // not exec: the shell is the parent that is asked for its children
  const told = execFileSync('sh', ['-c', script, process.execPath, fixture], { encoding: 'utf8' });
  const all = [true, true, true];
  assert.deepEqual(JSON.parse(told), [all, all]);
});
