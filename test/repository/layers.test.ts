import assert from 'node:assert/strict';
import { test } from 'node:test';
import { layerFindings } from '../../scripts/check/layers.ts';
import { Project } from './project.ts';

const findings = (files: Readonly<Record<string, string>>): string[] => {
  using project = new Project(files);
  return layerFindings(project.root);
};

const forbidden: readonly (readonly [file: string, line: string, arrow: string])[] = [
  ['core/a.ts', "import { readFileSync } from 'node:fs';", 'core → node:fs'],
  ['core/a.ts', "import type { Stats } from 'node:fs';", 'core → node:fs'],
  ['core/a.ts', "import { parse } from 'yaml';", 'core → yaml'],
  ['core/deep/a.ts', "import { spawn } from '../../ports/spawner.ts';", 'core → ports'],
  ['core/deep/a.ts', "export * from '../../runtime/fleet.ts';", 'core → runtime'],
  ['core/a.ts', "export const later = () => import('../api/server.ts');", 'core → api'],
  ['core/a.ts', "import '../cli/start.ts';", 'core → cli'],
  ['protocol/a.ts', "import type { Clock } from '../ports/clock.ts';", 'protocol → ports'],
  ['ports/a.ts', "import { codeOf } from '../core/errors.ts';", 'ports → core (only import type is allowed)'],
  ['ports/a.ts', "import { z } from 'zod';", 'ports → zod'],
  ['adapters/yaml/a.ts', "import { open } from '../sqlite/open.ts';", 'adapters/yaml → adapters/sqlite'],
  ['adapters/yaml/a.ts', "import type { Fleet } from '../../runtime/fleet.ts';", 'adapters/yaml → runtime'],
  ['runtime/a.ts', "import { createSpawner } from '../adapters/process/index.ts';", 'runtime → adapters/process'],
  ['runtime/a.ts', "import type { Api } from '../api/server.ts';", 'runtime → api'],
  ['api/a.ts', "import { Executor } from '../runtime/executor.ts';", 'api → runtime (only import type is allowed)'],
  ['cli/a.ts', "import { createEmulator } from '../emulator/index.ts';", 'cli → emulator'],
  ['bot/a.ts', "import { hello } from '../protocol/child.ts';", 'bot → protocol (only import type is allowed)'],
  ['bot/a.ts', "import WebSocket from 'ws';", 'bot → ws'],
  ['assistant/a.ts', "import { codeOf } from '../core/errors.ts';", 'assistant → core'],
  ['emulator/a.ts', "import type { Gateway } from '../protocol/child.ts';", 'emulator → protocol'],
  ['runtime/a.ts', "import { startDaemon } from '../daemon.ts';", 'runtime → daemon.ts'],
  ['runtime/a.ts', "import manifest from '../../package.json' with { type: 'json' };", 'runtime → ..'],
];

for (const [file, line, arrow] of forbidden) {
  test(`the arrow ${arrow} in ${file} is forbidden: ${line}`, () => {
    const found = findings({ [`src/${file}`]: `// A comment.\n${line}\n` });
    assert.equal(found.length, 1, found.join('\n'));
    assert.match(found[0] ?? '', /:/);
    assert.ok(found[0]?.startsWith(`src/${file}:2 ${arrow}: `), found[0]);
  });
}

test('the arrows of the house are allowed', () => {
  const found = findings({
    'src/core/lifecycle/a.ts': "import { b } from '../restart/b.ts';\nimport { z } from 'zod';\n",
    'src/protocol/a.ts': "import { z } from 'zod';\nimport type { Name } from '../core/ids.ts';\n",
    'src/ports/a.ts': "import type { Exit } from '../core/restart/verdict.ts';\n",
    'src/adapters/yaml/a.ts':
      "import { parse } from 'yaml';\nimport type { B } from '../../ports/b.ts';\nimport './own.ts';\nimport { bootId } from '../system/boot-id.ts';\n",
    'src/runtime/a.ts': "import { join } from 'node:path';\nimport { step } from '../core/lifecycle/a.ts';\n",
    'src/api/a.ts': "import fastify from 'fastify';\nimport type { Fleet } from '../runtime/fleet.ts';\n",
    'src/cli/a.ts': "import { codeOf } from '../core/errors.ts';\n",
    'src/bot/a.ts': "import { connect } from 'node:net';\nimport type { FromChild } from '../protocol/child.ts';\n",
    'src/assistant/a.ts': "import { connect } from '../bot/index.ts';\nimport { API } from '@discordjs/core';\n",
    'src/emulator/a.ts': "import { WebSocketServer } from 'ws';\nimport {\n  many,\n  names,\n} from './names.ts';\n",
    'src/main.ts': "import { start } from './cli/a.ts';\nimport { open } from './adapters/yaml/a.ts';\n",
    'src/demo/run.ts':
      "import { startDaemon } from '../daemon.ts';\nimport { createEmulator } from '../emulator/index.ts';\n",
  });
  assert.deepEqual(found, []);
});

test('an import over several lines is seen, with the line where it begins', () => {
  const [found] = findings({
    'src/core/a.ts': "\n\nimport {\n  spawn,\n  type Child,\n} from '../ports/spawner.ts';\n",
  });
  assert.ok(found?.startsWith('src/core/a.ts:3 core → ports'), found);
});

test('a folder without a rule is reported instead of being let through', () => {
  const [found] = findings({ 'src/newcomer/a.ts': 'export const a = 1;\n' });
  assert.match(found ?? '', /^src\/newcomer\/a\.ts:1 src\/newcomer has no rule/);
});
