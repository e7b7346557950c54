import { realpathSync } from 'node:fs';
import { codeOf, DroasError } from '../../core/errors.ts';
import type { EventView, InfoView, ReloadView } from '../../protocol/api.ts';
import { awaitFleet } from '../await-fleet.ts';
import type { Context } from '../context.ts';
import { eventRow, headings, widths } from '../event-row.ts';
import { exitCode } from '../exit-code.ts';
import { launch } from '../launch.ts';
import { botPath } from '../select.ts';
import { serve } from '../serve.ts';
import { row } from '../table.ts';
import type { WaitOptions } from '../waiting.ts';
import type { Daemon } from '../wiring.ts';

export type UpOptions = WaitOptions & { readonly detach?: true; readonly config?: string };

export async function up(context: Context, options: UpOptions): Promise<number> {
  const { client, output, wiring } = context;
  const there = await client.info();
  if (there !== null) return refresh(context, there, options);
  const configPath = await wiring.findConfig(options.config);
  const { bots, services } = await wiring.checkConfig(configPath);
  output.progress(`${output.mark('done')} config  ${configPath} (${bots + services} bots)`);
  if (options.detach !== true)
    return serve(context, { configPath, foreground: true, started: (daemon) => showEvents(context, daemon) });
  const info = await launch(context, configPath, options.timeout);
  output.progress(`${output.mark('done')} daemon  started, pid ${info.pid}, socket ${client.socketPath}`);
  return options.wait ? awaitFleet(context, options.timeout) : accepted(context, info);
}

/** A supervisor runs already: it reads its configuration again, and starts what should run and does not. */
async function refresh(context: Context, there: InfoView, options: UpOptions): Promise<number> {
  const { client, output } = context;
  await sameConfig(context, there, options.config);
  const change = await client.ask<ReloadView>('POST', '/api/v1/config/reload');
  const count = change.added.length + change.removed.length + change.restarted.length + change.changed.length;
  output.progress(
    `${output.mark('done')} daemon  already runs, pid ${there.pid}; configuration read again, ${count} bots changed`,
  );
  const { items } = await client.get<{ items: { name: string; desired: string; state: string }[] }>('/api/v1/bots');
  const down = items.filter(
    ({ desired, state }) => desired === 'running' && (state === 'failed' || state === 'stopped'),
  );
  await Promise.all(down.map(({ name }) => client.ask('POST', botPath(name, '/start'))));
  return options.wait ? awaitFleet(context, options.timeout) : accepted(context, there);
}

function accepted({ output }: Context, info: InfoView): number {
  output.data({ apiVersion: 'v1', info });
  return exitCode.done;
}

/** @throws DroasError ALREADY_RUNNING when the one that runs serves another configuration than the one meant here */
async function sameConfig({ wiring }: Context, there: InfoView, flag: string | undefined): Promise<void> {
  const meant = await wiring.findConfig(flag).catch((error: unknown) => {
    if (flag === undefined && codeOf(error) === 'CONFIG_NOT_FOUND') return there.config;
    throw error;
  });
  if (meant === there.config || real(meant) === real(there.config)) return;
  throw new DroasError(
    'ALREADY_RUNNING',
    `The supervisor of ${there.stateDirectory} (pid ${there.pid}) runs with ${there.config}, not with ${meant}.`,
    {
      remedy: 'End it with `droas down`, or give this fleet a state directory of its own with --state.',
    },
  );
}

function real(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

/** Everything that happened since the start, and what happens from now on. */
function showEvents({ output }: Context, { fleet, socketPath }: Daemon): void {
  const startedAtMs = Date.parse(fleet.info().startedAt);
  const show = (event: EventView) => {
    output.data(event);
    output.line(row(output, eventRow(event), widths));
  };
  output.progress(
    `${output.mark('done')} daemon  in this terminal, pid ${process.pid}, socket ${socketPath}; Ctrl-C ends it`,
  );
  output.line(output.paint('bold', row(output, headings, widths)));
  for (const event of fleet.events({ sinceMs: startedAtMs, limit: 1_000 })) show(event);
  fleet.onEvent(show);
}
