/**
 * Builds `dist/`: everything that is published, spawned or started. Runs before every start and test, so it does nothing
 * when neither the sources nor the lock file nor Node changed. The result is made in a directory of its own and put in
 * place by renaming: nobody ever sees half a build, and two builds at once do not mix.
 *
 *   node scripts/build.ts [--quiet] [--types]
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundleAll } from './build/bundles.ts';
import { makeCodeCache } from './build/code-cache.ts';
import { fingerprint } from './build/fingerprint.ts';
import { thirdPartyLicenses } from './build/licenses.ts';
import { emitTypes } from './build/types.ts';

const root = join(import.meta.dirname, '..');
const dist = join(root, 'dist');
const quiet = process.argv.includes('--quiet');
const types = process.argv.includes('--types');

const stamp = `${fingerprint(root)} types=${types}\n`;
if (!isCurrent()) {
  const startedMs = performance.now();
  const staging = join(root, `dist.${process.pid}`);
  rmSync(staging, { recursive: true, force: true });
  mkdirSync(staging);
  try {
    const modules = await bundleAll(root, staging);
    await makeCodeCache(staging);
    writeFileSync(join(staging, 'THIRD-PARTY-LICENSES.txt'), thirdPartyLicenses(modules));
    if (types) emitTypes(root, staging);
    writeFileSync(join(staging, 'build.stamp'), stamp);
    putInPlace(staging);
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
  if (!quiet) report(performance.now() - startedMs);
}

function isCurrent(): boolean {
  const file = join(dist, 'build.stamp');
  if (!existsSync(file)) return false;
  const built = readFileSync(file, 'utf8');
  return built === stamp || (!types && built === stamp.replace('types=false', 'types=true'));
}

/** Another build may put its own result in place between the two renames: then ours replaces that one. */
function putInPlace(staging: string): void {
  const old = `${staging}.old`;
  for (let attempt = 0; ; attempt++) {
    try {
      renameSync(dist, old);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
    try {
      renameSync(staging, dist);
      break;
    } catch (error) {
      if (attempt === 5) throw error;
    } finally {
      rmSync(old, { recursive: true, force: true });
    }
  }
}

function report(elapsedMs: number): void {
  const entries = readdirSync(dist, { withFileTypes: true });
  for (const { name } of entries.filter((entry) => /\.(js|cjs|cache)$/.test(entry.name)))
    print(name, [join(dist, name)]);
  const chunks = readdirSync(join(dist, 'chunks'));
  print(
    `chunks/ (${chunks.length})`,
    chunks.map((name) => join(dist, 'chunks', name)),
  );
  process.stdout.write(`built in ${(elapsedMs / 1000).toFixed(1)} s\n`);
}

function print(name: string, files: readonly string[]): void {
  const bytes = files.reduce((sum, file) => sum + statSync(file).size, 0);
  process.stdout.write(`${(bytes / 1000).toFixed(1).padStart(8)} kB  dist/${name}\n`);
}
