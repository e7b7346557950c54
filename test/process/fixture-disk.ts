/** Tells, as JSON lines, what happens on the tiny file system mounted at the first argument. */
import { execFileSync } from 'node:child_process';
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createSpawner, createWishFile } from '../../src/adapters/process/index.ts';
import { RunDirectory } from '../../src/adapters/process/run-directory.ts';
import { bootId } from '../../src/adapters/system/boot-id.ts';
import type { DroasError } from '../../src/core/errors.ts';
import { clock, observe, until } from './support.ts';

const [state = '', story = ''] = process.argv.slice(2);
const oddities: string[] = [];
const spawner = createSpawner({ stateDirectory: state, clock, onOddity: (text) => oddities.push(text) });
const wishes = createWishFile(state);
let incarnation = 0;

const tell = (value: unknown): void => console.log(JSON.stringify(value));
const tellError = (error: DroasError): void =>
  tell({ code: error.code, names: error.message.startsWith('music: '), remedy: error.remedy });

async function spawn(script: string) {
  incarnation += 1;
  const watcher = observe();
  const env = { PATH: process.env['PATH'] ?? '' };
  const rest = { cwd: state, env, specHash: 'a', keyHash: 'b', oomScoreAdj: 0 };
  const child = await spawner.spawn({ bot: 'music', incarnation, command: ['sh', '-c', script], ...rest }, watcher);
  return { watcher, child };
}

/** Takes all room, to the last block. */
function fill(): void {
  for (const size of [65536, 4096, 1]) {
    for (let n = 0; ; n += 1) {
      try {
        writeFileSync(join(state, `fill-${size}-${n}`), Buffer.alloc(size), { flag: 'wx' });
      } catch {
        break;
      }
    }
  }
}

if (story === 'full') {
  wishes.write('music', 'stopped');
  fill();
  await spawn('exit 0').then(() => tell('spawned'), tellError);
  tell({ runs: readdirSync(join(state, 'run', 'music')).filter((name) => name !== 'desired') });
  try {
    wishes.write('music', 'running');
  } catch (error) {
    tellError(error as DroasError);
  }
  tell({ read: wishes.read('music') });
  for (const name of readdirSync(state)) if (name.startsWith('fill-')) rmSync(join(state, name));
  tell(await (await spawn('exit 0')).watcher.end);
}
if (story === 'half-made') {
  const [bot, bytes] = ['music', { specHash: 'a', keyHash: 'b' }];
  const times = { spawnedAtMs: 1, spawnedAtWallMs: 2 };
  await new RunDirectory(join(state, 'run'), bot, 1).prepare({
    version: 1,
    bot,
    incarnation: 1,
    run: '01'.repeat(16),
    bootId: bootId(),
    ...bytes,
    ...times,
  });
  fill();
  const {
    survivors: [survivor],
  } = await spawner.survey();
  const watcher = observe();
  survivor?.adopt(watcher);
  await until('the oddity is told', () => oddities.length > 0);
  tell({ oddities, calls: watcher.calls });
  for (const name of readdirSync(state)) if (name.startsWith('fill-')) rmSync(join(state, name));
  tell(await watcher.end);
}
if (story === 'fills') {
  const { watcher, child } = await spawn(
    'cat /dev/zero >big 2>/dev/null; while echo x; do :; done 2>/dev/null; exit 7',
  );
  tell(await watcher.end);
  await child.release();
}
if (story === 'read-only') {
  const { watcher, child } = await spawn('exec sleep 1000');
  child.abandon();
  const {
    survivors: [survivor],
  } = await spawner.survey();
  // Spools that are open for writing forbid a plain remount; the bot closes its own.
  execFileSync('mount', ['-o', 'bind', state, state]);
  execFileSync('mount', ['-o', 'remount,bind,ro', state]);
  const reader = createSpawner({ stateDirectory: state, clock, onOddity: (text) => oddities.push(text) });
  await reader
    .spawn(
      {
        bot: 'music',
        incarnation: 2,
        command: ['true'],
        cwd: '/',
        env: {},
        specHash: 'a',
        keyHash: 'b',
        oomScoreAdj: 0,
      },
      watcher,
    )
    .then(() => tell('spawned'), tellError);
  const again = survivor?.adopt(watcher);
  tell({ tree: again?.tree().length });
  again?.killTree();
  await watcher.end;
  await again?.release();
  tell({ oddities: oddities.length, names: oddities[0]?.includes('run/music/1 could not be removed') });
}
