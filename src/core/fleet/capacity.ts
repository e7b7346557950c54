import type { BotSpec } from '../config/spec.ts';

/** Why something does not fit, with its figures, and what a person can do about it. */
export type DoesNotFit = { readonly sentence: string; readonly remedy: string };

type Member = Pick<BotSpec, 'name' | 'kind'>;

/** Bots count, services do not; neither do spares and shards, which are no members of the fleet. */
export const capacityUsed = (members: readonly Member[]): number => members.filter(({ kind }) => kind === 'bot').length;

/** Whether one more member fits beside the others. A member of the same name is replaced, not added. */
export function capacityFor(newcomer: Member, members: readonly Member[], capacity: number): DoesNotFit | null {
  if (newcomer.kind === 'service') return null;
  const used = capacityUsed(members.filter(({ name }) => name !== newcomer.name));
  if (used < capacity) return null;
  return {
    sentence: `${newcomer.name} does not fit: ${used} of ${capacity} bots are taken (services do not count)`,
    remedy: 'remove a bot with `droas rm`, or raise `capacity` in droas.yaml',
  };
}
