import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import type { KeptLine } from '../../src/core/logs/record.ts';
import { logLimits } from '../../src/runtime/logs/limits.ts';
import { LogFile } from '../../src/runtime/logs/log-file.ts';
import { scratchDirectory } from './scratch.ts';

const root = scratchDirectory();

const line = (offset: number, stream: KeptLine['stream'] = 'out'): KeptLine => ({
  atWallMs: 1,
  stream,
  incarnation: 1,
  offset,
  text: 'text',
  level: null,
  approx: false,
  continued: false,
});

async function opened(name: string): Promise<LogFile> {
  const log = new LogFile(join(root, name), logLimits);
  await log.open();
  return log;
}

test('a place is known again after reopening, that of another file is not', async () => {
  const log = await opened('known');
  assert.deepEqual(log.resume(1, 'out', 'file a'), { offset: 0, known: false });
  log.resume(1, 'err', 'file b');
  await log.append([line(10), line(20), line(99, 'droas')]);
  await log.close();
  const again = await opened('known');
  assert.deepEqual(again.resume(1, 'out', 'file a'), { offset: 20, known: true });
  assert.deepEqual(again.resume(1, 'err', 'file b'), { offset: 0, known: true });
  assert.deepEqual(again.resume(1, 'out', 'file c'), { offset: 0, known: false });
  assert.deepEqual(again.resume(2, 'out', 'file a'), { offset: 0, known: false });
  await again.close();
});

test('what was skipped stays skipped, although nothing was kept after it', async () => {
  const log = await opened('skipped');
  log.resume(1, 'out', 'file a');
  await log.append([line(10)]);
  await log.skip(line(99, 'droas'), 'out', 500);
  await log.close();
  const again = await opened('skipped');
  assert.deepEqual(again.resume(1, 'out', 'file a'), { offset: 500, known: true });
  await again.close();
});
