import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { scratchDirectory } from '../support/scratch-directory.ts';

const root = join(import.meta.dirname, '../..');
const compile = (config: string) => {
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const { status, stdout } = spawnSync(process.execPath, [tsc, '-p', config], { encoding: 'utf8' });
  return { status, stdout };
};

test('the types need nothing that a bot may lack: no skipLibCheck, no types of Node, no types of a library', (t) => {
  const directory = scratchDirectory(t);
  const types = join(directory, 'node_modules/droas');
  mkdirSync(types, { recursive: true });
  writeFileSync(join(types, 'package.json'), '{"name":"droas","type":"module","exports":{"./bot":"./bot/index.d.ts"}}');
  const emit = {
    extends: join(root, 'tsconfig.json'),
    compilerOptions: {
      noEmit: false,
      declaration: true,
      emitDeclarationOnly: true,
      rootDir: join(root, 'src'),
      outDir: types,
      typeRoots: [join(root, 'node_modules/@types')],
    },
    files: [join(root, 'src/bot/index.ts')],
    include: [],
  };
  writeFileSync(join(directory, 'emit.json'), JSON.stringify(emit));
  assert.deepEqual(compile(join(directory, 'emit.json')), { status: 0, stdout: '' });

  const use = {
    compilerOptions: {
      strict: true,
      noEmit: true,
      module: 'nodenext',
      target: 'es2022',
      types: [],
      skipLibCheck: false,
    },
    files: ['use.ts'],
  };
  writeFileSync(join(directory, 'use.json'), JSON.stringify(use));
  writeFileSync(join(directory, 'package.json'), '{"type":"module"}');
  const program = (name: string) => `import { type Attached, attach } from 'droas/bot';
    const droas: Attached = attach({}, { counters: () => ({ answers: 1 }), onStop: async (intent, graceMs) => [intent, graceMs] });
    const ${name}: string | undefined = droas.secret('DISCORD_TOKEN');
    export const text: string = ${name} ?? '';`;
  writeFileSync(join(directory, 'use.ts'), program('token'));
  assert.deepEqual(compile(join(directory, 'use.json')), { status: 0, stdout: '' });
  writeFileSync(join(directory, 'use.ts'), program('token').replace('string | undefined', 'number'));
  assert.match(compile(join(directory, 'use.json')).stdout, /TS2322/, 'the types were found, and are checked');
});
