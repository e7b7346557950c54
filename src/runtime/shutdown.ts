import { stopWaves } from '../core/fleet/order.ts';
import { liveIncarnation } from '../core/lifecycle/state.ts';
import type { Bot } from './bot.ts';
import type { Roster } from './roster.ts';

/** Beyond the longest grace period: the kill and its sweeps. */
const afterGraceMs = 5_000;

const gone = (bot: Bot): boolean => liveIncarnation(bot.child.state) === null;

/**
 * Stops every bot, dependants before what they depend on, all of one wave at once. Wishes stay as they are: the next
 * supervisor starts again what was running. Returns the bots whose processes did not end within the budget.
 */
export async function drain(roster: Roster): Promise<readonly Bot[]> {
  const waves = stopWaves([...roster].map((bot) => bot.spec));
  for (const wave of waves) {
    const members = wave.flatMap((name) => roster.find(name) ?? []);
    for (const bot of members) bot.post({ type: 'drain' });
    roster.catchUp();
    const budgetMs = Math.max(0, ...members.map((bot) => bot.spec.restart.graceMs)) + afterGraceMs;
    await roster.until((bot) => !members.includes(bot) || gone(bot), budgetMs);
  }
  return [...roster].filter((bot) => !gone(bot));
}

/** A second signal: no grace for anybody. */
export function forceDrain(roster: Roster): void {
  for (const bot of roster) bot.post({ type: 'drain' });
  roster.catchUp();
  for (const bot of roster) {
    const incarnation = liveIncarnation(bot.child.state);
    if (incarnation !== null) bot.incarnation?.killTree();
  }
}
