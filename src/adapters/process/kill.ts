import { findAlive, type ProcessId } from './proc.ts';
import type { ProcessTree } from './tree.ts';

const maxSweeps = 5;

/** Sends a signal to exactly this process. False: it is gone, or not ours to signal. */
export function send(id: ProcessId, signal: NodeJS.Signals): boolean {
  if (findAlive(id) === null) return false;
  try {
    return process.kill(id.pid, signal);
  } catch {
    return false;
  }
}

/**
 * SIGKILL to every member, one by one: a signal to the group would take the shim along. Sweeps until nobody new is
 * found, first where members are expected, then by every evidence. A tree that forks faster than this is left after
 * five sweeps; the caller looks again later. Dying takes its time: the tree need not be empty on return.
 */
export function killTree(tree: ProcessTree): void {
  const struck = new Set<string>();
  const strike = (members: readonly ProcessId[]): number => {
    const fresh = members.filter(({ pid, start }) => !struck.has(`${pid} ${start}`));
    for (const member of fresh) {
      struck.add(`${member.pid} ${member.start}`);
      send(member, 'SIGKILL');
    }
    return fresh.length;
  };
  for (let sweep = 0; sweep < maxSweeps; sweep += 1) {
    if (strike(tree.members()) === 0 && strike(tree.everyMember()) === 0) return;
  }
}
