import { spawnSync } from 'node:child_process';
import { globSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Fetching goes over the network; no answer in so long is an answer. */
const limitMs = 240_000;

/** @throws Error with what the program said */
function run(cwd: string, program: string, ...args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    cwd,
    encoding: 'utf8',
    timeout: limitMs,
    maxBuffer: 2 ** 26,
    env: { ...process.env, LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive' },
  });
  if (error !== undefined) throw new Error(`${program}: ${error.message}`);
  if (status !== 0) throw new Error(`${program} ${args.at(-1)}: ${stderr.trim().split('\n').at(-1) ?? status}`);
  return stdout;
}

/** Fetches the packages and what they need beyond what this system has, by the lists that the options of apt point to. */
function download(names: readonly string[], directory: string, options: readonly string[]): void {
  const apt = (...args: readonly string[]) => run(directory, 'apt-get', ...options, ...args);
  const plan = apt('-oDebug::NoLocking=1', '--simulate', '--no-install-recommends', 'install', ...names);
  const wanted = [...plan.matchAll(/^Inst (\S+) (?:\[\S+\] )?\((\S+)/gm)].map(
    ([, name, version]) => `${name}=${version}`,
  );
  if (wanted.length > 0) apt('download', ...wanted);
}

/** The lists of a container image are often empty, those of a machine old, and both are root's: then our own are fetched. */
function downloadByOwnLists(names: readonly string[], directory: string, own: string): void {
  for (const place of ['lists/partial', 'cache/archives/partial']) mkdirSync(join(own, place), { recursive: true });
  const options = [`-oDir::State::lists=${own}/lists`, `-oDir::Cache=${own}/cache`, '-oAPT::Sandbox::User='];
  run(directory, 'apt-get', ...options, 'update');
  download(names, directory, options);
}

/**
 * Debian's packages of those names and what they need, unpacked into `directory`. Nothing is installed, configured or
 * started, and no right is needed but that to write there. Afterwards the directory is complete; it does not appear at
 * all when something went wrong.
 * @throws Error when there is no apt, no network, or no such package
 */
export function unpackDebian(names: readonly string[], directory: string): void {
  const partial = `${directory}.partial-${process.pid}`;
  const archives = join(partial, 'archives');
  mkdirSync(archives, { recursive: true });
  try {
    try {
      download(names, archives, []);
    } catch {
      downloadByOwnLists(names, archives, join(dirname(directory), 'apt'));
    }
    for (const archive of globSync('*.deb', { cwd: archives })) run(archives, 'dpkg-deb', '-x', archive, partial);
    rmSync(archives, { recursive: true });
    rmSync(directory, { recursive: true, force: true });
    renameSync(partial, directory);
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
}
