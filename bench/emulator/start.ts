import type { Findings } from '../support/section.ts';
import type { Stage } from './stage.ts';

const bots = 10;
const guilds = 100;
const members = 50;

/** Ten bots connect at once, each to a hundred guilds of fifty members, and are told of all of them. */
export async function start(stage: Stage): Promise<Findings> {
  const made = await stage.order({ order: 'applications', count: bots, guilds, members });
  const { gatewayUrl, tokens } = made;
  const { tookMs } = await stage.ask({ request: 'connect', gatewayUrl, tokens, guilds });
  const { rssBytes } = await stage.order({ order: 'nothing' });
  return {
    rows: [
      {
        what: 'emulator: 10 bots × 100 guilds × 50 members: READY and every GUILD_CREATE',
        unit: 'ms',
        samples: [tookMs],
        target: { statistic: 'max', relation: '<', limit: 5_000 },
      },
      { what: 'emulator: its RSS then', unit: 'MB', samples: [rssBytes / 1e6] },
    ],
    notes: ['the bots are told of all members and presences: some 20 kB per guild'],
  };
}
