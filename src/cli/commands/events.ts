import { codeOf } from '../../core/errors.ts';
import type { EventView } from '../../protocol/api.ts';
import type { Context } from '../context.ts';
import { eventRow, headings, widths } from '../event-row.ts';
import { exitCode } from '../exit-code.ts';
import { follow } from '../follow.ts';
import { query } from '../query.ts';
import { row, table } from '../table.ts';

export type EventsOptions = {
  readonly follow?: true;
  readonly lines: number;
  readonly since?: string;
  readonly bot?: string;
  readonly type?: string;
};

export async function events(context: Context, options: EventsOptions): Promise<number> {
  if (options.follow !== true) return print(context, await past(context, options));
  const { client, output } = context;
  const { lines, since, bot, type } = options;
  const { items } = await client.get<{ items: EventView[] }>(
    `/api/v1/events${query({ limit: Math.max(lines, 1), since, bot, type })}`,
  );
  const show = (event: EventView) => {
    output.data(event);
    output.line(row(output, eventRow(event), widths));
  };
  output.line(output.paint('bold', row(output, headings, widths)));
  if (lines > 0) for (const event of items) show(event);
  const path = `/api/v1/events/stream${query({ after: items.at(-1)?.seq ?? 0, bot, type })}`;
  for await (const { data } of follow(output, (lastId) => client.stream(path, lastId))) show(JSON.parse(data));
  return exitCode.done;
}

/** From the supervisor, or from what it left behind. */
async function past(context: Context, { lines, since, bot, type }: EventsOptions): Promise<readonly EventView[]> {
  if (lines === 0) return [];
  try {
    return (
      await context.client.get<{ items: EventView[] }>(`/api/v1/events${query({ limit: lines, since, bot, type })}`)
    ).items;
  } catch (error) {
    const remains = codeOf(error) === 'DAEMON_UNREACHABLE' ? await context.remains() : null;
    if (remains === null) throw error;
    context.output.warning('No supervisor runs; this is what it left behind.');
    try {
      return remains.events({
        limit: lines,
        ...(since === undefined ? {} : { sinceMs: Date.parse(since) }),
        ...(bot === undefined ? {} : { bot }),
        ...(type === undefined ? {} : { type }),
      });
    } finally {
      remains.close();
    }
  }
}

async function print({ output }: Context, items: readonly EventView[]): Promise<number> {
  output.data({ apiVersion: 'v1', items });
  for (const line of await table(output, headings, items.map(eventRow))) output.line(line);
  return exitCode.done;
}
