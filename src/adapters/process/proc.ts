import { closeSync, openSync, readdirSync, readSync } from 'node:fs';

/**
 * What Linux tells about processes, read synchronously with one shared buffer (a read costs about 5 µs; the asynchronous
 * ones cost ten times that). A process that vanishes meanwhile, or may not be looked into, reads as null or empty.
 */

/** A process, told apart from a later one with the same pid by its start time (clock ticks since boot). */
export type ProcessId = { readonly pid: number; readonly start: number };

export type ProcessStat = ProcessId & {
  readonly parent: number;
  readonly session: number;
  /** Zombies are not alive: they hold nothing but a number. */
  readonly alive: boolean;
};

let buffer = Buffer.allocUnsafe(64 * 1024);
const largestBytes = 4 * 1024 * 1024;

/** Held for the moment when no other descriptor is left: "cannot look" must never read as "is gone". */
let spare: number | null = openSync('/dev/null', 'r');

/** Looks; when no descriptor is left for it, once more with the spare one. */
function withSpare<T>(look: () => T): T {
  if (spare === null) takeSpare();
  try {
    return look();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EMFILE' || spare === null) throw error;
    closeSync(spare);
    spare = null;
    try {
      return look();
    } finally {
      takeSpare();
    }
  }
}

function takeSpare(): void {
  try {
    spare = openSync('/dev/null', 'r');
  } catch {
    // Somebody was quicker; nothing can be looked at until they close theirs.
  }
}

function fill(path: string): number {
  const descriptor = openSync(path, 'r');
  try {
    let length = 0;
    for (let got = -1; got !== 0 && length < buffer.length; length += got) {
      got = readSync(descriptor, buffer, length, buffer.length - length, length);
    }
    return length;
  } finally {
    closeSync(descriptor);
  }
}

/** Length of what stands in `buffer` now; 0 when the file cannot be read. */
function load(path: string): number {
  for (;;) {
    let length = 0;
    try {
      length = withSpare(() => fill(path));
    } catch {
      return 0;
    }
    if (length < buffer.length || length >= largestBytes) return length;
    buffer = Buffer.allocUnsafe(2 * length);
  }
}

/** Understands a line of /proc/PID/stat, also one that was written down earlier. */
export function parseStat(line: string): ProcessStat | null {
  const close = line.lastIndexOf(')');
  const fields = line.slice(close + 2).split(' ');
  const pid = Number.parseInt(line, 10);
  const start = Number(fields[19]);
  if (close < 0 || !(pid > 0) || !(start >= 0)) return null;
  // A zombie with threads is a living process whose first thread ended.
  const alive = !/^[ZXx]$/.test(fields[0] ?? '') || Number(fields[17]) > 1;
  return { pid, start, parent: Number(fields[1]), session: Number(fields[3]), alive };
}

export function readStat(pid: number): ProcessStat | null {
  const length = load(`/proc/${pid}/stat`);
  return length === 0 ? null : parseStat(buffer.toString('latin1', 0, length));
}

/** Whether the pid is in use, be it by a zombie or by somebody else. */
export function exists(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** The process with exactly this identity, if it lives. */
export function findAlive(id: ProcessId): ProcessStat | null {
  const stat = readStat(id.pid);
  return stat?.alive && stat.start === id.start ? stat : null;
}

/** Whether the environment that the process was started with holds this very assignment, `NAME=value`. */
export function startedWith(pid: number, assignment: string): boolean {
  const environ = buffer.subarray(0, load(`/proc/${pid}/environ`));
  const needle = Buffer.from(`${assignment}\0`);
  let at = environ.indexOf(needle);
  while (at > 0 && environ[at - 1] !== 0) at = environ.indexOf(needle, at + 1);
  return at >= 0;
}

/** Pids of the children of all threads of a process, zombies included. Read twice: the kernel may skip an entry. */
export function childrenOf(pid: number): ReadonlySet<number> {
  const children = new Set<number>();
  for (const thread of [...entries(`/proc/${pid}/task`), ...entries(`/proc/${pid}/task`)]) {
    const text = buffer.toString('latin1', 0, load(`/proc/${pid}/task/${thread}/children`));
    for (const child of text.split(' ')) if (child !== '') children.add(Number(child));
  }
  return children;
}

export const allPids = (): readonly number[] => [...entries('/proc')].map(Number).filter((pid) => pid > 0);

/** The process and everything that it descends from. */
export function lineOf(pid: number): ReadonlySet<number> {
  const line = new Set<number>();
  for (let at: number | undefined = pid; at !== undefined && at > 0 && !line.has(at); at = readStat(at)?.parent) {
    line.add(at);
  }
  return line;
}

function entries(path: string): readonly string[] {
  try {
    return withSpare(() => readdirSync(path));
  } catch {
    return [];
  }
}
