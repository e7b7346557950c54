import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import type { ProcessStats, TreeSample } from '../../ports/process-stats.ts';
import { auxiliary } from './auxiliary.ts';

/**
 * Reads /proc through descriptors that stay open: a second sample of the same process costs one pread instead of open,
 * read and close. An open descriptor names the process, not its number: after its death it answers ESRCH, even when
 * the number is in use again.
 *
 * Nobody says when a pid is no longer asked for, so descriptors have two generations. A look-up moves its descriptor
 * to the young one; after enough look-ups for everybody to have been seen, the old generation is closed.
 */
export function createProcessStats(): ProcessStats & { close(): void } {
  const { pageBytes, ticksPerSecond } = auxiliary();
  const buffer = Buffer.allocUnsafe(1024);
  let young = new Map<number, number>();
  let old = new Map<number, number>();
  let lookups = 0;

  const closeAll = (descriptors: Map<number, number>): void => {
    for (const descriptor of descriptors.values()) closeSync(descriptor);
    descriptors.clear();
  };

  /** The fields of /proc/PID/stat from the third (state) on, or null when the process is gone. */
  const fields = (pid: number): readonly string[] | null => {
    if (++lookups > 2 * young.size + 64) {
      closeAll(old);
      [young, old, lookups] = [old, young, 0];
    }
    for (;;) {
      const known = young.get(pid) ?? old.get(pid);
      let descriptor = known;
      try {
        descriptor ??= openSync(`/proc/${pid}/stat`, 'r');
        old.delete(pid);
        young.set(pid, descriptor);
        const line = buffer.toString('latin1', 0, readSync(descriptor, buffer, 0, buffer.length, 0));
        return line.slice(line.lastIndexOf(')') + 2).split(' ');
      } catch {
        if (descriptor !== undefined) closeSync(descriptor);
        young.delete(pid);
        if (known === undefined) return null;
      }
    }
  };

  const sample = (pids: readonly number[]): TreeSample => {
    let [rssBytes, cpuSeconds, processes] = [0, 0, 0];
    for (const pid of pids) {
      const stat = fields(pid);
      if (stat === null) continue;
      processes += 1;
      cpuSeconds += (Number(stat[11]) + Number(stat[12])) / ticksPerSecond;
      rssBytes += Number(stat[21]) * pageBytes;
    }
    return { rssBytes, cpuSeconds, processes };
  };

  /** A process that may not be looked into counts with its resident size, which is never less. */
  const pssOf = (pid: number): number => {
    try {
      const kilobytes = /^Pss:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1'))?.[1];
      return Number(kilobytes ?? 0) * 1024;
    } catch {
      return sample([pid]).rssBytes;
    }
  };

  return {
    sample,
    pssBytes: (pids) => pids.reduce((sum, pid) => sum + pssOf(pid), 0),
    close() {
      closeAll(young);
      closeAll(old);
    },
  };
}
