import { allPids, childrenOf, findAlive, lineOf, type ProcessId, readStat, startedWith } from './proc.ts';
import type { Shim } from './records.ts';
import { napMark } from './shim.ts';

/**
 * Finds the live processes of one incarnation; to kill them is another matter (`kill.ts`). Any evidence makes a process
 * a member:
 *
 * - it descends from our shim, which is complete while the shim is a living reaper, for nothing can leave its descent;
 * - it is in the session that our living shim leads;
 * - it was started with the incarnation's DROAS_RUN;
 * - it is the main process, or was found before, or descends from one that was.
 *
 * Never members: the shim and its naps, zombies, ourselves with what we started, and what we ourselves descend from. For the
 * instant between fork and exec a nap looks like a member; the next look knows better.
 */
export class ProcessTree {
  readonly #mark: string;
  readonly #shim: Shim | null;
  readonly #emptied: () => boolean;
  #known: readonly ProcessId[];

  /** `emptied`: whether the shim recorded that it left an empty tree. */
  constructor(run: string, shim: Shim | null, main: ProcessId | null, emptied: () => boolean) {
    this.#mark = `DROAS_RUN=${run}`;
    this.#shim = shim;
    this.#emptied = emptied;
    this.#known = main === null ? [] : [main];
  }

  /** By the cheapest way that is complete: some 50 µs under a reaper, otherwise a look at all of /proc. */
  members(): readonly ProcessId[] {
    const shim = this.#livingShim();
    if (shim?.kind === 'reaper') return this.#closure([shim.pid]);
    return this.#shim?.kind === 'reaper' && this.#emptied() ? [] : this.everyMember();
  }

  /** By every evidence, so also what somebody else started for the bot, mark and all. Milliseconds. */
  everyMember(): readonly ProcessId[] {
    const shim = this.#livingShim();
    const led = (pid: number): boolean => shim?.kind === 'plain' && readStat(pid)?.session === shim.pid;
    const evident = allPids().filter((pid) => startedWith(pid, this.#mark) || led(pid));
    return this.#closure(shim === null ? evident : [shim.pid, ...evident]);
  }

  #livingShim(): Shim | null {
    return this.#shim !== null && findAlive(this.#shim) !== null ? this.#shim : null;
  }

  /** The members among these processes, those known, and their descendants. */
  #closure(roots: readonly number[]): readonly ProcessId[] {
    const ourLine = lineOf(process.pid);
    const queue = [...this.#known.filter(findAlive).map(({ pid }) => pid), ...roots];
    const seen = new Set([process.pid]);
    const members: ProcessId[] = [];
    for (let pid = queue.pop(); pid !== undefined; pid = queue.pop()) {
      if (seen.has(pid)) continue;
      seen.add(pid);
      const stat = readStat(pid);
      if (!stat?.alive) continue;
      const isShim = stat.pid === this.#shim?.pid && stat.start === this.#shim.start;
      const isNap = stat.parent === this.#shim?.pid && startedWith(pid, napMark);
      if (!isShim && !isNap && !ourLine.has(pid)) members.push({ pid, start: stat.start });
      queue.push(...childrenOf(pid));
    }
    this.#known = members;
    return members;
  }
}
