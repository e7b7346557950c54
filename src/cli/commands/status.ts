import { codeOf, errorEntry } from '../../core/errors.ts';
import { formatBytes } from '../../core/units.ts';
import type { BotView, InfoView, LogLineView } from '../../protocol/api.ts';
import type { Context } from '../context.ts';
import { exitCode } from '../exit-code.ts';
import type { Output } from '../output.ts';
import { printable } from '../printable.ts';
import { botPath } from '../select.ts';
import { isServing, stateCell } from '../serving.ts';
import { table } from '../table.ts';
import { age, clockTime } from '../times.ts';

const lastLines = 5;

export async function status(context: Context, bot: string | undefined): Promise<number> {
  try {
    return await (bot === undefined ? fleetStatus(context) : botStatus(context, bot));
  } catch (error) {
    const remains = codeOf(error) === 'DAEMON_UNREACHABLE' ? await context.remains() : null;
    if (remains === null) throw error;
    try {
      return await lastKnown(
        context,
        remains.bots().filter(({ name }) => name === (bot ?? name)),
      );
    } finally {
      remains.close();
    }
  }
}

async function fleetStatus({ client, output }: Context): Promise<number> {
  const [info, { items }] = await Promise.all([
    client.get<InfoView>('/api/v1/info'),
    client.get<{ items: BotView[] }>('/api/v1/bots'),
  ]);
  output.data({ apiVersion: 'v1', info, items });
  const wanting = items.filter((bot) => !isServing(bot));
  const { used, total } = info.capacity;
  const states = counted(items.map(({ state }) => state));
  const healths = counted(items.filter(({ pid }) => pid !== null).map(({ health }) => health));
  facts(output, [
    ['supervisor', `${info.version}, pid ${info.pid}, up ${age(info.startedAt)}, ${formatBytes(info.memoryBytes)}`],
    ['config', info.config],
    ['state', info.stateDirectory],
    ['bots', `${used} of at most ${total}${states === '' ? '' : `: ${states}`}`],
    ['health', healths],
    ...info.problems.map((problem): Fact => ['problem', problem]),
  ]);
  const rows = wanting.map((bot) => [
    bot.name,
    stateCell(bot.state),
    bot.state === 'running' ? bot.healthReasons.join('; ') : bot.reason,
  ]);
  if (rows.length > 0)
    for (const line of ['', ...(await table(output, ['NAME', 'STATE', 'WHY'], rows))]) output.line(line);
  return wanting.length === 0 ? exitCode.done : exitCode.notServing;
}

async function botStatus({ client, output }: Context, name: string): Promise<number> {
  const [bot, { items: lines }] = await Promise.all([
    client.get<BotView>(botPath(name)),
    client.get<{ items: LogLineView[] }>(botPath(name, `/logs?limit=${lastLines}`)),
  ]);
  output.data({ apiVersion: 'v1', ...bot, lastLines: lines });
  output.line(output.paint('bold', `${bot.name}: ${bot.state}`));
  facts(output, botFacts(bot));
  if (lines.length > 0) output.line('  last lines');
  for (const { at, stream, text } of lines) output.line(`    ${clockTime(at)} ${stream.padEnd(3)}  ${printable(text)}`);
  if (bot.remedy !== null) output.line(`  ${output.arrow()} ${printable(bot.remedy)}`);
  return isServing(bot) ? exitCode.done : exitCode.notServing;
}

type Fact = readonly [label: string, text: string | null];

function botFacts(bot: BotView): Fact[] {
  const { restarts, lastExit, gateway, identifies } = bot;
  const memory = bot.memoryBytes === null ? '' : `, ${formatBytes(bot.memoryBytes)}`;
  const cpu = bot.cpuRatio === null ? '' : `, ${(bot.cpuRatio * 100).toFixed(1)}% CPU`;
  const latency = gateway?.latencySeconds == null ? '' : `, ${Math.round(gateway.latencySeconds * 1000)} ms`;
  const guilds = gateway?.guilds == null ? '' : `, ${gateway.guilds} guilds`;
  return [
    ['why', bot.reason === bot.state ? null : bot.reason],
    ['health', bot.pid === null && bot.desired !== 'running' ? null : [bot.health, ...bot.healthReasons].join(': ')],
    ['wanted', bot.desired],
    ['program', bot.program],
    ['defined in', bot.source],
    [
      'process',
      bot.pid === null ? null : `pid ${bot.pid}, up ${age(bot.startedAt)}, ${bot.processes} in its tree${memory}${cpu}`,
    ],
    [
      'last exit',
      lastExit === null ? null : `${lastExit.at === null ? '' : `${age(lastExit.at)} ago: `}${lastExit.sentence}`,
    ],
    [
      'restarts',
      `${restarts.lastHour} in the last hour, ${restarts.total} in all; attempt ${restarts.attemptsInWindow} of ${restarts.maxAttempts}`,
    ],
    ['gateway', gateway === null ? null : `${gateway.mode}, ${gateway.state}${latency}${guilds}`],
    ['IDENTIFYs', identifies === null ? null : identifyBudget(identifies)],
    ['work', bot.work === null ? null : work(bot.work)],
    ['model', bot.model === null ? null : model(bot.model)],
    ['budget', bot.budget === null ? null : modelBudget(bot.budget)],
    [
      'counters',
      Object.entries(bot.counters)
        .map(([name, value]) => `${name} ${value}`)
        .join(', '),
    ],
  ];
}

function identifyBudget({ last24h, automatic, automaticLimit, left }: NonNullable<BotView['identifies']>): string {
  const atDiscord = left === null ? '' : `, ${left} left at Discord`;
  return `${last24h} in 24 h, ${automatic} of at most ${automaticLimit} automatic${atDiscord}`;
}

function work({ done, failed, p50Seconds }: NonNullable<BotView['work']>): string {
  const half = p50Seconds === null ? '' : `, half within ${p50Seconds.toFixed(1)} s`;
  return `${done} done, ${failed} failed in 5 min${half}`;
}

function model({ reachable, refusal, answeredAt, failedAt }: NonNullable<BotView['model']>): string {
  const state = refusal !== null ? `refuses with HTTP ${refusal}` : reachable ? 'reachable' : 'cannot be reached';
  const answered = answeredAt === null ? 'has not answered yet' : `answered ${age(answeredAt)} ago`;
  return `${state}, ${answered}${failedAt === null ? '' : `, failed ${age(failedAt)} ago`}`;
}

function modelBudget({ requests, requestsLimit, tokens, tokensLimit }: NonNullable<BotView['budget']>): string {
  const of = (limit: number | null) => (limit === null ? '' : ` of ${limit}`);
  return `today (UTC) ${requests}${of(requestsLimit)} questions, ${tokens}${of(tokensLimit)} tokens`;
}

/** The supervisor is gone: its last notes on the bots, which may run on without it. */
async function lastKnown(
  { output }: Context,
  bots: readonly { name: string; desired: string; state: string }[],
): Promise<number> {
  output.warning(
    'No supervisor runs; this is what it knew last. Its bots may still be running: droas up -d takes them over.',
  );
  output.data({ apiVersion: 'v1', items: bots });
  for (const line of await table(
    output,
    ['NAME', 'WANTED', 'LAST STATE'],
    bots.map(({ name, desired, state }) => [name, desired, state]),
  )) {
    output.line(line);
  }
  return errorEntry('DAEMON_UNREACHABLE').exit;
}

function facts(output: Output, all: readonly Fact[]): void {
  for (const [label, text] of all) if (text) output.line(`  ${label.padEnd(11)} ${printable(text)}`);
}

/** `2 running, 1 backoff` */
function counted(words: readonly string[]): string {
  const counts = Map.groupBy(words, (word) => word);
  return [...counts].map(([word, { length }]) => `${length} ${word}`).join(', ');
}
