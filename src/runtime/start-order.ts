import { startWaves } from '../core/fleet/order.ts';
import type { Bot } from './bot.ts';
import type { Roster } from './roster.ts';

const settled = ({ child }: Bot): boolean => child.state.name !== 'starting' || child.desired !== 'running';

/**
 * Starts bots in the order of `after`: a wave begins when every bot of the one before is ready, or has failed to become
 * so in its own time. Bots that depend on nobody start at once.
 */
export async function startInOrder(roster: Roster, names: readonly string[], begin: (bot: Bot) => void): Promise<void> {
  const bots = names.flatMap((name) => roster.find(name) ?? []);
  for (const wave of startWaves(bots.map((bot) => bot.spec))) {
    const members = wave.flatMap((name) => roster.find(name) ?? []);
    for (const bot of members) begin(bot);
    roster.catchUp();
    const deadlineMs = Math.max(0, ...members.map((bot) => bot.spec.restart.startDeadlineMs));
    await roster.until((bot) => !members.includes(bot) || settled(bot), deadlineMs);
  }
}
