import { formatBytes } from '../../core/units.ts';
import type { BotView } from '../../protocol/api.ts';
import type { Context } from '../context.ts';
import { healthCell, stateCell } from '../serving.ts';
import { type Cell, table } from '../table.ts';
import { age } from '../times.ts';

const headings = ['NAME', 'STATE', 'HEALTH', 'PID', 'UPTIME', 'RESTARTS', 'CPU', 'MEM', 'PING', 'GUILDS'];

export async function ps({ client, output }: Context, filter: { state?: string; health?: string }): Promise<number> {
  const { items } = await client.get<{ items: BotView[] }>('/api/v1/bots');
  const shown = items.filter(
    (bot) => (filter.state ?? bot.state) === bot.state && (filter.health ?? bot.health) === bot.health,
  );
  output.data({ apiVersion: 'v1', items: shown });
  if (output.quiet) {
    for (const { name } of shown) output.line(name);
  } else if (shown.length > 0) {
    for (const line of await table(output, headings, shown.map(cells))) output.line(line);
  } else {
    output.progress(items.length === 0 ? 'No bots are configured. Add one: droas add NAME --help' : 'No bot matches.');
  }
  return 0;
}

function cells(bot: BotView): Cell[] {
  const { restarts, gateway, cpuRatio, memoryBytes, pid } = bot;
  const latency = gateway?.latencySeconds ?? null;
  return [
    bot.name,
    stateCell(bot.state),
    healthCell(bot),
    pid === null ? '-' : String(pid),
    pid === null ? '-' : age(bot.startedAt),
    restarts.total === 0 || restarts.lastAt === null
      ? String(restarts.total)
      : `${restarts.total} (${age(restarts.lastAt)} ago)`,
    cpuRatio === null ? '-' : `${(cpuRatio * 100).toFixed(1)}%`,
    memoryBytes === null ? '-' : formatBytes(memoryBytes),
    latency === null ? '-' : `${Math.round(latency * 1000)} ms`,
    gateway?.guilds == null ? '-' : String(gateway.guilds),
  ];
}
