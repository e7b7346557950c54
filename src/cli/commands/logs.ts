import { codeOf, errorEntry } from '../../core/errors.ts';
import type { BotView, LogLineView } from '../../protocol/api.ts';
import type { Context } from '../context.ts';
import { exitCode } from '../exit-code.ts';
import { failureOf } from '../failure.ts';
import { follow } from '../follow.ts';
import type { Output } from '../output.ts';
import { printable } from '../printable.ts';
import { query } from '../query.ts';
import { RecentlySeen } from '../recently-seen.ts';
import { botPath, selectBots } from '../select.ts';
import { clockTime } from '../times.ts';
import type { Remains } from '../wiring.ts';

export type LogsOptions = {
  readonly follow?: true;
  readonly lines: number;
  readonly since?: string;
  readonly timestamps?: true;
};

export async function logs(context: Context, patterns: readonly string[], options: LogsOptions): Promise<number> {
  try {
    const names = await selectBots(context.client, patterns, patterns.length === 0);
    if (options.follow === true) return await followed(context, patterns.length === 0 ? null : names, options);
    const since = options.since;
    return await past(
      context,
      names,
      options,
      async (name) =>
        (
          await context.client.get<{ items: LogLineView[] }>(
            botPath(name, `/logs${query({ limit: options.lines, since })}`),
          )
        ).items,
    );
  } catch (error) {
    const remains = codeOf(error) === 'DAEMON_UNREACHABLE' && options.follow !== true ? await context.remains() : null;
    if (remains === null) throw error;
    return leftBehind(context, remains, patterns, options);
  }
}

/** What the supervisor knows of each bot, merged by time. A bot that is unknown does not hide the others. */
async function past(
  { output }: Context,
  names: readonly string[],
  options: LogsOptions,
  read: (name: string) => Promise<readonly LogLineView[]>,
): Promise<number> {
  let code: number = exitCode.done;
  const lines: LogLineView[] = [];
  const results = await Promise.allSettled(
    names.map((name) => (options.lines === 0 ? Promise.resolve([]) : read(name))),
  );
  for (const result of results) {
    if (result.status === 'fulfilled') lines.push(...result.value);
    else if (codeOf(result.reason) === 'DAEMON_UNREACHABLE') throw result.reason;
    else {
      output.failure(failureOf(result.reason));
      code = Math.max(code, errorEntry(codeOf(result.reason)).exit);
    }
  }
  if (names.length > 1) lines.sort((a, b) => a.at.localeCompare(b.at));
  output.data({ apiVersion: 'v1', items: lines });
  const show = printer(output, names, options);
  for (const line of lines) show(line);
  return code;
}

async function leftBehind(
  context: Context,
  remains: Remains,
  patterns: readonly string[],
  options: LogsOptions,
): Promise<number> {
  context.output.warning('No supervisor runs; this is what it left behind.');
  const query = {
    limit: options.lines,
    ...(options.since === undefined ? {} : { sinceMs: Date.parse(options.since) }),
  };
  try {
    const names = patterns.length === 0 ? remains.bots().map(({ name }) => name) : patterns;
    return await past(context, names, options, (name) => remains.logs(name, query));
  } finally {
    remains.close();
  }
}

/**
 * Lines as they come. A new connection begins at the time of the last line; those seen already are left out, because
 * bot and id name a line for ever.
 */
async function followed(
  { client, output }: Context,
  names: readonly string[] | null,
  options: LogsOptions,
): Promise<number> {
  const present = names ?? (await client.get<{ items: BotView[] }>('/api/v1/bots')).items.map(({ name }) => name);
  const show = printer(output, present, options);
  const seen = new RecentlySeen(10_000);
  const bots = names?.join(',');
  let from = query({ bots, tail: options.lines, since: options.lines === 0 ? undefined : options.since });
  for await (const { data } of follow(output, () => client.stream(`/api/v1/logs/stream${from}`))) {
    const line: LogLineView = JSON.parse(data);
    if (!seen.add(`${line.bot} ${line.id}`)) continue;
    from = query({ bots, since: line.at });
    output.data(line);
    show(line);
  }
  return exitCode.done;
}

/** `music   | 12:04:10 text`; without the name when it is one bot's log. A time that nobody witnessed is marked `~`. */
function printer(output: Output, names: readonly string[], { timestamps }: LogsOptions): (line: LogLineView) => void {
  const width = Math.max(0, ...names.map((name) => name.length));
  return ({ bot, at, approx, stream, level, text }) => {
    const prefix = names.length === 1 ? '' : `${output.paint('bold', bot.padEnd(width))}  | `;
    const time = output.paint('dim', `${approx ? '~' : ''}${timestamps === true ? at : clockTime(at)}`);
    const said = `${stream === 'droas' ? 'droas: ' : ''}${printable(text)}`;
    output.line(`${prefix}${time} ${isTrouble(level, stream) ? output.paint('red', said) : said}`);
  };
}

const isTrouble = (level: string | null, stream: LogLineView['stream']): boolean =>
  level === null ? stream === 'err' : /^(error|fatal|critical)$/i.test(level);
