import type { Findings } from '../support/section.ts';
import type { Stage } from './stage.ts';

/** As fast as one bot can read. What must be remembered is remembered after the first part; the rest may add nothing. */
export async function millionMessages(stage: Stage, messages: number): Promise<Findings> {
  const { gatewayUrl, tokens } = await stage.order({ order: 'applications', count: 1, guilds: 1, members: 2 });
  await stage.ask({ request: 'connect', gatewayUrl, tokens, guilds: 1 });
  const flood = async (count: number) => {
    const reading = stage.ask({ request: 'read', deliveries: count });
    const wrote = await stage.order({ order: 'flood', messages: count });
    await reading;
    return wrote;
  };
  const first = await flood(messages / 2);
  const second = await flood(messages / 2);
  const what = `emulator: ${messages.toLocaleString('en')} messages to 1 bot`;
  return {
    rows: [
      { what: `${what}: heap after half of them`, unit: 'MB', samples: [first.heapBytes / 1e6] },
      {
        what: `${what}: heap at the end`,
        unit: 'MB',
        samples: [second.heapBytes / 1e6],
        target: { statistic: 'max', relation: '<', limit: 120 },
      },
      { what: `${what}: RSS at the end`, unit: 'MB', samples: [second.rssBytes / 1e6] },
    ],
    notes: [
      `${Math.round(messages / (first.seconds + second.seconds)).toLocaleString('en')} messages/s to one bot`,
      'the heap is what is left of it after a full collection: most of it is the ledger, which holds 250,000 entries at most',
    ],
  };
}
