import type { BotView, HealthView } from '../../protocol/api.ts';
import type { Context } from '../context.ts';
import { exitCode } from '../exit-code.ts';
import { botPath } from '../select.ts';
import { healthCell, isServing, stateCell } from '../serving.ts';
import { table } from '../table.ts';

export async function health({ client, output }: Context, bot: string | undefined): Promise<number> {
  const names =
    bot === undefined ? (await client.get<{ items: BotView[] }>('/api/v1/bots')).items.map(({ name }) => name) : [bot];
  const judged = await Promise.all(names.map((name) => client.get<HealthView>(botPath(name, '/health'))));
  output.data(bot === undefined ? { apiVersion: 'v1', items: judged } : { apiVersion: 'v1', ...judged[0] });
  const rows = judged.map((view) => [view.name, healthCell(view), stateCell(view.state), view.reasons.join('; ')]);
  if (!output.quiet)
    for (const line of await table(output, ['NAME', 'HEALTH', 'STATE', 'REASON'], rows)) output.line(line);
  return judged.every(isServing) ? exitCode.done : exitCode.notServing;
}
