import type { BotSpec } from '../config/spec.ts';

type Ordered = Pick<BotSpec, 'name' | 'after'>;

/**
 * Groups the members into waves: each starts when all members that it names in `after` are ready, so they are in earlier
 * waves. A name that is not among the members holds nobody back: it is not being started. Within a wave the order given
 * is kept.
 * @throws Error on a cycle, which the configuration refuses
 */
export function startWaves(members: readonly Ordered[]): readonly (readonly string[])[] {
  const waves: string[][] = [];
  let left = members;
  while (left.length > 0) {
    const pending = new Set(left.map(({ name }) => name));
    const wave = left.filter(({ after }) => !after.some((name) => pending.has(name)));
    if (wave.length === 0) throw new Error(`the start order has a cycle among: ${[...pending].join(', ')}`);
    waves.push(wave.map(({ name }) => name));
    left = left.filter((member) => !wave.includes(member));
  }
  return waves;
}

/** Who needs another stops before it. */
export const stopWaves = (members: readonly Ordered[]): readonly (readonly string[])[] =>
  startWaves(members).toReversed();
