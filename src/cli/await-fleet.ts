import { formatDuration } from '../core/units.ts';
import type { BotView } from '../protocol/api.ts';
import type { Context } from './context.ts';
import { exitCode } from './exit-code.ts';
import type { Output } from './output.ts';
import { printable } from './printable.ts';
import { healthCell, stateCell } from './serving.ts';
import { row } from './table.ts';
import { between } from './times.ts';
import { pause } from './waiting.ts';

const lookEveryMs = 100;

/** Waits until every bot that should run does, or is known not to, and reports each. */
export async function awaitFleet({ client, output }: Context, timeoutMs: number): Promise<number> {
  const deadlineMs = performance.now() + timeoutMs;
  let wanted = await look(client);
  while (wanted.some(isUnderWay) && performance.now() < deadlineMs) {
    await pause(lookEveryMs);
    wanted = await look(client);
  }
  output.data({ apiVersion: 'v1', items: wanted });
  const width = Math.max(0, ...wanted.map(({ name }) => name.length));
  for (const bot of wanted) reportBot(output, bot, width);
  const running = wanted.filter(({ state }) => state === 'running').length;
  output.line(`${running} of ${wanted.length} bots running.`);
  if (wanted.some(isUnderWay)) {
    output.progress(`Not finished within ${formatDuration(timeoutMs)}; it goes on. Look with: droas ps`);
    return exitCode.notFinished;
  }
  return running === wanted.length ? exitCode.done : exitCode.targetFailed;
}

const look = async (client: Context['client']): Promise<BotView[]> =>
  (await client.get<{ items: BotView[] }>('/api/v1/bots')).items.filter(({ desired }) => desired === 'running');

const isUnderWay = ({ state }: BotView): boolean => state !== 'running' && state !== 'failed' && state !== 'suspended';

function reportBot(output: Output, bot: BotView, width: number): void {
  const { name, state, startedAt, readyAt } = bot;
  const took = startedAt !== null && readyAt !== null ? `ready in ${between(startedAt, readyAt)}` : '';
  const mark = output.mark(state === 'running' ? 'done' : isUnderWay(bot) ? 'warning' : 'failed');
  const cells = [name, stateCell(state), healthCell(bot), state === 'running' ? took : bot.reason];
  output.line(`${mark} ${row(output, cells, [width, 9, 9, 0])}`);
  if (state === 'running') return;
  output.line(`    ${output.arrow()} ${printable(bot.remedy ?? `droas logs ${name} -n 50`)}`);
}
