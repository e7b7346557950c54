import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Project } from './project.ts';

/** A repository in which every check passes: the configuration is the real one, the sources are small. */
function sound(): Project {
  const project = new Project({
    '.gitignore': 'node_modules/\n',
    'package.json': '{\n  "name": "small",\n  "type": "module",\n  "private": true\n}\n',
    'knip.json': '{ "entry": ["src/main.ts", "src/emulator/page/browser/main.js", "{scripts,bench,test}/**/*.ts"] }\n',
    'src/core/errors.ts': "export const errorCodes = ['USAGE'] as const;\n",
    'src/main.ts': "import { errorCodes } from './core/errors.ts';\n\nconsole.log(errorCodes);\n",
    'test/a.test.ts': "import { test } from 'node:test';\n\ntest('nothing', async () => {});\n",
    'bench/run.ts': 'console.log(1);\n',
    'src/emulator/page/browser/main.js': 'document.title;\n',
    'docs/errors.md': '# Errors\n\n## USAGE\n',
    'README.md': '[errors](docs/errors.md)\n',
  });
  project.copy('scripts/check.ts', 'scripts/check', 'tsconfig.json', 'biome.json', '.oxlintrc.json');
  project.copy('src/emulator/page/browser/tsconfig.json');
  project.linkModules();
  return project;
}

test('a sound repository passes every check, each with its time', async () => {
  using project = sound();
  const { code, out } = await project.node('scripts/check.ts');
  assert.equal(code, 0, out);
  assert.equal(out.match(/^ok {3}.+ \d+\.\d s$/gm)?.length, 9, out);
});

test('a package that others could not import is refused, with what is wrong', async () => {
  using project = sound();
  project.copy('scripts/package.ts');
  project.write({
    'package.json': '{ "name": "small", "version": "1.0.0", "type": "module", "exports": "./dist/none.js" }\n',
    'scripts/build.ts': '',
  });
  const { code, out } = await project.node('scripts/package.ts');
  assert.equal(code, 1, out);
  assert.match(out, /^ok {3}build/m);
  assert.match(out, /^FAIL manifest[\s\S]*dist\/none\.js.*does not exist/m);
});

test('each check finds what is planted for it, and all of them run', async () => {
  using project = sound();
  project.write({
    'src/core/types.ts': "export const count: number = 'one';\n",
    'src/emulator/page/browser/main.js': "/** @type {number} */\nexport const count = 'one';\n",
    'src/core/a.ts': "import { b } from './b.ts';\n\nexport const a = () => b;\n",
    'src/core/b.ts': "import { a } from './a.ts';\n\nexport const b = () => a;\n",
    'src/core/impure.ts': 'export const now = () => Date.now() + Math.random();\n',
    'src/core/unformatted.ts': 'export const  x = "x"\n',
    'src/runtime/promises.ts': [
      'const later = async () => {};',
      'export const floating = () => {',
      '  later();',
      '};',
      'export const misused = () => [1].forEach(async () => await later());',
      "export function open(state: 'on' | 'off') {",
      '  switch (state) {',
      "    case 'on':",
      '      return 1;',
      '  }',
      '}',
      '',
    ].join('\n'),
    'src/runtime/layer.ts': "import '../adapters/process/index.ts';\n",
    'README.md': '[errors](docs/error.md)\n',
    'docs/errors.md': '# Errors\n',
    'docs/trace.md': `${['', 'home', 'somebody', 'project'].join('/')}\n`,
  });
  const { code, out } = await project.node('scripts/check.ts');
  assert.equal(code, 1, out);
  assert.equal(out.match(/^FAIL /gm)?.length, 9, out);
  const planted = [
    /src\/core\/types\.ts\(1,14\): error TS2322/,
    /src\/emulator\/page\/browser\/main\.js\(2,14\): error TS2322/,
    /src\/core\/a\.ts:1:\d+ lint\/suspicious\/noImportCycles/,
    /src\/core\/impure\.ts:1:\d+ lint\/style\/noRestrictedGlobals/,
    /core\/ is pure: randomness is an argument/,
    /src\/core\/unformatted\.ts format/,
    /no-floating-promises/,
    /no-misused-promises/,
    /switch-exhaustiveness-check/,
    /src\/runtime\/layer\.ts:1 runtime → adapters\/process/,
    /Unused files[\s\S]*src\/core\/unformatted\.ts/,
    /README\.md:1 leads nowhere: docs\/error\.md/,
    /USAGE has no heading/,
    /docs\/trace\.md:1 .*is a path of one machine/,
    /9 of 9 checks failed/,
  ];
  for (const expected of planted) assert.match(out, expected);
});
