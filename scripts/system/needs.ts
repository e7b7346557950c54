import { spawnSync } from 'node:child_process';
import { existsSync, globSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root } from '../test/run.ts';
import { unpackDebian } from './packages.ts';

/** A program that tests need besides Node: where it is, as environment for the tests; or how a person gets it. */
export type Found = { readonly says: string; readonly environment: Readonly<Record<string, string>> };
export type Need = { readonly name: string; readonly find: () => Found; readonly remedy: string };

const cache = join(root, 'node_modules/.cache/droas-system');

/** The first line that a program prints, or null when it does not run. */
function firstLine(program: string, args: readonly string[], environment: Record<string, string> = {}): string | null {
  const env = { ...process.env, ...environment };
  const { status, stdout } = spawnSync(program, args, { encoding: 'utf8', timeout: 30_000, env });
  return status === 0 ? (stdout.trim().split('\n')[0] ?? '') : null;
}

const given = (name: string): string[] => (process.env[name] ? [process.env[name]] : []);

/** The first that works: what there is, otherwise what Debian's packages bring. @throws Error when nothing does */
function firstWorking(
  there: () => Found | null,
  packages: readonly string[],
  directory: string,
  unpacked: () => Found | null,
) {
  const found = there() ?? (existsSync(directory) ? unpacked() : null);
  if (found !== null) return found;
  console.log(`fetching from Debian's packages: ${packages.join(', ')}, with all that needs …`);
  unpackDebian(packages, directory);
  const fetched = unpacked();
  if (fetched === null) throw new Error(`what was unpacked in ${directory} does not run on this system`);
  return fetched;
}

/** discord.py with the interpreter that it was packaged for: Debian's own, which need not be the first in PATH. */
function findPython(): Found {
  const directory = join(cache, 'python3-discord');
  const try_ = (pythons: readonly string[], path: string): Found | null => {
    for (const python of pythons) {
      const version = firstLine(python, ['-c', 'import discord; print(discord.__version__)'], { PYTHONPATH: path });
      if (version !== null)
        return {
          says: `discord.py ${version} with ${python}`,
          environment: { DROAS_TEST_PYTHON: python, DROAS_TEST_PYTHONPATH: path },
        };
    }
    return null;
  };
  const pythons = [...given('DROAS_TEST_PYTHON'), '/usr/bin/python3', 'python3'];
  return firstWorking(
    () => try_(pythons, process.env['DROAS_TEST_PYTHONPATH'] ?? ''),
    ['python3-discord'],
    directory,
    () => try_([...pythons, join(directory, 'usr/bin/python3')], join(directory, 'usr/lib/python3/dist-packages')),
  );
}

/** A browser of the system; otherwise Debian's, started by a script that shows it the unpacked libraries and fonts. */
function findChromium(): Found {
  const directory = join(cache, 'chromium');
  const program = join(directory, 'run');
  const try_ = (programs: readonly string[]): Found | null => {
    for (const path of programs) {
      const version = existsSync(path) ? firstLine(path, ['--version']) : null;
      if (version !== null) return { says: `${version} at ${path}`, environment: { DROAS_TEST_CHROMIUM: path } };
    }
    return null;
  };
  const browsers = ['/usr/bin/chromium', '/usr/bin/google-chrome', '/usr/bin/chromium-browser'];
  return firstWorking(
    () => try_([...given('DROAS_TEST_CHROMIUM'), ...browsers]),
    ['chromium', 'fonts-dejavu-core'],
    directory,
    () => {
      writeStarter(directory, program);
      return try_([program]);
    },
  );
}

function writeStarter(directory: string, path: string): void {
  const libraries = globSync('{usr/,}lib/**/*.so*', { cwd: directory }).map((file) => join(directory, dirname(file)));
  const fonts = join(directory, 'fonts.conf');
  writeFileSync(
    fonts,
    `<fontconfig>
  <include ignore_missing="yes">${existsSync('/etc/fonts/fonts.conf') ? '' : directory}/etc/fonts/fonts.conf</include>
  <dir>${directory}/usr/share/fonts</dir>
</fontconfig>
`,
  );
  const text = `#!/bin/sh
LD_LIBRARY_PATH='${[...new Set(libraries)].join(':')}' FONTCONFIG_FILE='${fonts}' \\
  exec '${directory}/usr/lib/chromium/chromium' "$@"
`;
  writeFileSync(path, text, { mode: 0o755 });
}

export const needs: readonly Need[] = [
  {
    name: 'discord.py',
    find: findPython,
    remedy: '`apt-get install python3-discord`, or `pip install discord.py` and DROAS_TEST_PYTHON=<that python3>',
  },
  {
    name: 'a Chromium',
    find: findChromium,
    remedy: '`apt-get install chromium`, or DROAS_TEST_CHROMIUM=<the path of one>',
  },
];
