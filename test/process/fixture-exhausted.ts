import { closeSync, openSync } from 'node:fs';
import { allPids, childrenOf, findAlive, readStat } from '../../src/adapters/process/proc.ts';

// Looks at processes twice while this one has no descriptor left, and says what it saw.
const own = readStat(process.pid);
if (own === null) throw new Error('nothing can be seen even with descriptors');
const taken: number[] = [];
try {
  for (;;) taken.push(openSync('/dev/null', 'r'));
} catch {
  // None is left.
}
const look = () => [
  findAlive(own) !== null,
  allPids().includes(process.pid),
  childrenOf(process.ppid).has(process.pid),
];
const seen = [look(), look()];
for (const descriptor of taken) closeSync(descriptor);
console.log(JSON.stringify(seen));
