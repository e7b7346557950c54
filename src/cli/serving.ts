import type { BotView, HealthView } from '../protocol/api.ts';
import type { Cell } from './table.ts';

/** Whether a bot does what is wanted of it: one that should run must run, and not be known to be unhealthy. */
export const isServing = (bot: Pick<BotView | HealthView, 'desired' | 'state' | 'health'>): boolean =>
  bot.desired !== 'running' || (bot.state === 'running' && bot.health !== 'unhealthy');

export function stateCell(state: BotView['state']): Cell {
  if (state === 'running') return { text: state, style: 'green' };
  if (state === 'failed' || state === 'suspended') return { text: state, style: 'red' };
  return state === 'stopped' ? { text: state, style: 'dim' } : { text: state, style: 'yellow' };
}

/** The health of a bot that nobody wants to run is nobody's concern. */
export function healthCell(bot: Pick<BotView | HealthView, 'desired' | 'state' | 'health'>): Cell {
  if (bot.state === 'stopped' && bot.desired !== 'running') return '-';
  if (bot.health === 'healthy') return { text: bot.health, style: 'green' };
  if (bot.health === 'unhealthy') return { text: bot.health, style: 'red' };
  return bot.health === 'degraded' ? { text: bot.health, style: 'yellow' } : bot.health;
}
