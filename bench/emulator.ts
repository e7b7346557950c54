import { millionMessages } from './emulator/flood.ts';
import { pace } from './emulator/pace.ts';
import { Stage } from './emulator/stage.ts';
import { start } from './emulator/start.ts';
import type { Ground } from './support/ground.ts';
import type { Report } from './support/section.ts';

const full = { seconds: 30, messages: 1_000_000 };
const short = { seconds: 5, messages: 100_000 };

/** What the emulated Discord can take on one core: ten bots, and its memory in the long run. */
export async function emulator(report: Report, ground: Ground, isShort: boolean): Promise<void> {
  const { seconds, messages } = isShort ? short : full;
  await report.attempt('ten bots', async () => {
    await using stage = Stage.open(ground);
    await report.part('ten bots come up', () => start(stage));
    await report.part('1,000 events a second', () => pace(stage, seconds));
  });
  await report.attempt('one bot', async () => {
    await using stage = Stage.open(ground);
    await report.part('a million messages', () => millionMessages(stage, messages));
  });
}
