import { spawn } from 'node:child_process';
import { delimiter, dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Finding } from './finding.ts';

export const root = dirname(dirname(import.meta.dirname));
const bin = join(root, 'node_modules/.bin');

/** Runs a program under this same Node; what it prints is the finding when it does not exit 0. */
async function findingsOf(name: string, program: string, args: readonly string[]): Promise<Finding[]> {
  const PATH = [dirname(process.execPath), bin, process.env['PATH']].join(delimiter);
  const child = spawn(program, args, { cwd: root, env: { ...process.env, PATH }, stdio: ['ignore', 'pipe', 'pipe'] });
  const exited = new Promise<number | null>((done, failed) => child.once('error', failed).once('close', done));
  const [status, out, err] = await Promise.all([exited, text(child.stdout), text(child.stderr)]);
  return status === 0 ? [] : [`${out}${err}`.trim() || `${name} exited with ${status}`];
}

/** A tool of node_modules. */
export const tool = (name: string, ...args: readonly string[]): Promise<Finding[]> =>
  findingsOf(name, join(bin, name), args);

/** A script of this repository. */
export const script = (path: string, ...args: readonly string[]): Promise<Finding[]> =>
  findingsOf(path, process.execPath, [join(root, path), ...args]);
