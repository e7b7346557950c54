import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parsePid } from '../../src/adapters/process/records.ts';

/** Processes as the kernel sees them. What the supervisor says about a process is never taken for a fact here. */

export type Run = { readonly incarnation: number; readonly pid: number };

const happensWithinMs = 10_000;
const lookEveryMs = 1;

/** The newest incarnation of a bot whose process is recorded, or null when there is none. */
export function latestRun(stateDirectory: string, bot: string): Run | null {
  const folder = join(stateDirectory, 'run', bot);
  const numbers = entries(folder).filter((name) => /^\d+$/.test(name));
  if (numbers.length === 0) return null;
  const incarnation = Math.max(...numbers.map(Number));
  const record = parsePid(text(join(folder, `${incarnation}`, 'pid')));
  return record?.kind === 'started' ? { incarnation, pid: record.main.pid } : null;
}

/** Resolves as soon as that incarnation, or a later one, has a process. @throws Error after 10 s */
export async function recorded(stateDirectory: string, bot: string, incarnation: number): Promise<Run> {
  for (const endMs = performance.now() + happensWithinMs; performance.now() < endMs; await pause(lookEveryMs)) {
    const run = latestRun(stateDirectory, bot);
    if (run !== null && run.incarnation >= incarnation) return run;
  }
  throw new Error(`${bot}: incarnation ${incarnation} has no process after ${happensWithinMs / 1e3} s`);
}

/** Resolves as soon as the process executes that file, no longer the shell that started it. @throws Error after 10 s */
export async function executing(pid: number, program: string): Promise<void> {
  for (const endMs = performance.now() + happensWithinMs; performance.now() < endMs; await pause(lookEveryMs)) {
    if (text(`/proc/${pid}/comm`).trim() === program) return;
  }
  throw new Error(`process ${pid} does not run ${program}`);
}

/** Zombies are not alive. */
export const isAlive = (pid: number): boolean => /^State:\s+[^ZX]/m.test(text(`/proc/${pid}/status`));

/** Resident memory, and the share of it that would be freed if this process alone ended, in 10⁶ bytes. */
export function memoryOf(pid: number): { readonly rss: number; readonly pss: number } {
  const megabytes = (file: string, field: string): number => {
    const kibibytes = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(text(`/proc/${pid}/${file}`))?.[1];
    if (kibibytes === undefined) throw new Error(`/proc/${pid}/${file} has no ${field}`);
    return (Number(kibibytes) * 1024) / 1e6;
  };
  return { rss: megabytes('status', 'VmRSS'), pss: megabytes('smaps_rollup', 'Pss') };
}

function text(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function entries(path: string): readonly string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}
