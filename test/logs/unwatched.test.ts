import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { Desk } from './desk.ts';
import { scratchDirectory } from './scratch.ts';
import { until } from './until.ts';

const root = scratchDirectory();

test('where the kernel has no watches left, lines are found by looking', async () => {
  const desk = new Desk(root);
  const source = desk.source('music');
  const fixture = join(import.meta.dirname, 'fixtures', 'consumer.ts');
  const noWatches = 'echo 0 >/proc/sys/user/max_inotify_watches && exec "$0" "$@"';
  const command = [process.execPath, fixture, desk.logsDirectory, dirname(source.spools.out)];
  const child = spawn('unshare', ['--user', '--map-root-user', 'sh', '-c', noWatches, ...command], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  try {
    assert.deepEqual((await once(child, 'message'))[0], 'ready');
    for (const text of ['one', 'two', 'three']) {
      appendFileSync(source.spools.out, `${text}\n`);
      await until(`"${text}" is kept`, async () => (await desk.texts('music')).at(-1) === text);
    }
  } finally {
    child.kill('SIGKILL');
    await once(child, 'exit');
    await desk.spool.close();
  }
});
