import { codeOf } from '../core/errors.ts';
import { shiftChild } from '../core/lifecycle/shift.ts';
import type { Child } from '../core/lifecycle/state.ts';
import type { Clock } from '../ports/clock.ts';
import type { Journal } from '../ports/journal.ts';

const key = 'time-anchor';
type Anchor = { readonly bootId: string; readonly wallMinusMonotonicMs: number };

/**
 * The stored children, with times of this boot. Within one boot all processes share the monotonic clock and nothing moves;
 * after a reboot the wall clock is the only bridge from the old times to the new.
 */
export function storedChildren(journal: Journal, clock: Clock, bootId: string): ReadonlyMap<string, Child> {
  const nowMs = clock.monotonicMs();
  const here: Anchor = { bootId, wallMinusMonotonicMs: clock.wallMs() - nowMs };
  const text = journal.getMeta(key);
  const there = text === null ? here : (JSON.parse(text) as Anchor);
  if (text === null || there.bootId !== bootId) remember(journal, here);
  const stored = journal.bots().map(({ name, child }) => [name, child] as const);
  if (there.bootId === bootId) return new Map(stored);
  const deltaMs = there.wallMinusMonotonicMs - here.wallMinusMonotonicMs;
  return new Map(stored.map(([name, child]) => [name, shiftChild(child, deltaMs, nowMs)]));
}

/** On a full disk the old anchor stays: times are then shifted once more, which can only shorten waits. */
function remember(journal: Journal, anchor: Anchor): void {
  try {
    journal.setMeta(key, JSON.stringify(anchor));
  } catch (error) {
    if (codeOf(error) !== 'JOURNAL_UNAVAILABLE') throw error;
  }
}
