import { readFileSync, realpathSync } from 'node:fs';
import { cpus, loadavg, release, totalmem, type } from 'node:os';

/** What the figures depend on. Figures of two machines cannot be compared without it. */
export type Machine = {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly kernel: string;
  readonly node: string;
  /** Of the directory in which everything was kept. */
  readonly fileSystem: string;
};

export function inspect(directory: string): Machine {
  const cores = cpus();
  return {
    cpu: cores[0]?.model.trim() || 'unknown',
    cores: cores.length,
    memoryBytes: totalmem(),
    kernel: `${type()} ${release()}`,
    node: process.version,
    fileSystem: fileSystemOf(realpathSync(directory), readFileSync('/proc/mounts', 'utf8')),
  };
}

export function describe(machine: Machine, load: { readonly before: number; readonly after: number }): string {
  const { cpu, cores, memoryBytes, kernel, node, fileSystem } = machine;
  return [
    `machine      ${cores} × ${cpu}, ${(memoryBytes / 1e9).toFixed(1)} GB, ${kernel}, Node ${node}`,
    `state        ${fileSystem}`,
    `load (1 min) ${load.before.toFixed(2)} before, ${load.after.toFixed(2)} after; what others do on this machine is in the figures`,
  ].join('\n');
}

export const load = (): number => loadavg()[0] ?? 0;

/**
 * `ext4 (/dev/sda1 on /)` from the text of /proc/mounts. The mount with the longest path above the directory holds it;
 * of several on one path, the last one is on top.
 */
export function fileSystemOf(directory: string, mounts: string): string {
  let found = { path: '', text: 'unknown file system' };
  for (const line of mounts.split('\n')) {
    const [device = '', path = '', kind] = line.split(' ').map(unescaped);
    const holds = directory === path || directory.startsWith(path === '/' ? '/' : `${path}/`);
    if (kind !== undefined && holds && path.length >= found.path.length)
      found = { path, text: `${kind} (${device} on ${path})` };
  }
  return found.text;
}

/** The kernel writes space, tab, newline and backslash as octal escapes. */
const unescaped = (field: string): string =>
  field.replaceAll(/\\(\d{3})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 8)));
