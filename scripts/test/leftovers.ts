import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/**
 * What the tests left behind. Every test process works below one run directory of an unguessable name: TMPDIR and HOME
 * point into it. So whatever a test starts carries the name somewhere: in its environment, or, where it was given a
 * clean one (as bots are), in its arguments, its working directory or an open file.
 */
export type Leftover = { readonly pid: number; readonly command: string };

function attempt<T>(read: () => T, otherwise: T): T {
  try {
    return read();
  } catch {
    return otherwise; // It ended meanwhile, or belongs to somebody else.
  }
}

function traces(pid: string): string {
  const proc = `/proc/${pid}`;
  const text = (name: string) => attempt(() => readFileSync(`${proc}/${name}`, 'latin1'), '');
  const link = (name: string) => attempt(() => readlinkSync(`${proc}/${name}`), '');
  const descriptors = attempt(() => readdirSync(`${proc}/fd`), []);
  return [text('environ'), text('cmdline'), link('cwd'), ...descriptors.map((fd) => link(`fd/${fd}`))].join('\n');
}

/** Live processes, besides this one, that carry `mark`. Only where there is a /proc; elsewhere none are found. */
export function processesMarked(mark: string): Leftover[] {
  return attempt(() => readdirSync('/proc'), [])
    .filter((name) => /^\d+$/.test(name) && name !== String(process.pid) && traces(name).includes(mark))
    .map((name) => ({
      pid: Number(name),
      command: attempt(() => readFileSync(`/proc/${name}/cmdline`, 'latin1').replaceAll('\0', ' ').trim(), ''),
    }));
}

/** The processes that are still there after `withinMs`, which gives those that are just ending the time to do so. */
export async function lasting(mark: string, withinMs: number): Promise<Leftover[]> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const found = processesMarked(mark);
    if (found.length === 0 || performance.now() >= deadline) return found;
    await new Promise((next) => setTimeout(next, 50));
  }
}

/** Ends what was left, so that one forgotten process does not disturb the next run. */
export function end(leftovers: readonly Leftover[]): void {
  for (const { pid } of leftovers) attempt(() => process.kill(pid, 'SIGKILL'), false);
}
