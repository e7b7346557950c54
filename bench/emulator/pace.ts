import type { Findings } from '../support/section.ts';
import type { Stage } from './stage.ts';

const perSecond = 1_000;
const bots = 10;

/** A message in a channel where all ten bots are, a thousand times a second. */
export async function pace(stage: Stage, seconds: number): Promise<Findings> {
  const deliveries = perSecond * seconds * bots;
  const reading = stage.ask({ request: 'read', deliveries });
  const wrote = await stage.order({ order: 'pace', perSecond, seconds });
  const read = await reading;
  const rate = (count: number): string => Math.round(count / wrote.seconds).toLocaleString('en');
  return {
    rows: [
      {
        what: 'emulator: 1,000 events/s to 10 bots: from writing to reading',
        unit: 'ms',
        samples: read.latenciesMs,
        target: { statistic: 'p99', relation: '<', limit: 50 },
      },
      {
        what: 'emulator: 1,000 events/s to 10 bots: its CPU',
        unit: '%',
        samples: [(wrote.cpuSeconds / wrote.seconds) * 100],
        target: { statistic: 'max', relation: '<', limit: 100 },
      },
      { what: 'emulator: 1,000 events/s to 10 bots: its RSS', unit: 'MB', samples: [wrote.rssBytes / 1e6] },
    ],
    notes: [
      `${rate(perSecond * seconds)} events/s and ${rate(deliveries)} deliveries/s over ${seconds} s; all of them were read`,
    ],
  };
}
