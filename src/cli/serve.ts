import type { Context } from './context.ts';
import { exitCode } from './exit-code.ts';
import { failureOf } from './failure.ts';
import type { Daemon } from './wiring.ts';

/**
 * Is the supervisor, in this process, until it has ended; returns its exit code.
 *
 * SIGTERM and SIGINT drain it; the second one kills the bots that are still there; the third one leaves at once, and
 * whatever still runs is taken over by the next `up`. SIGHUP reads the configuration again, or, where a terminal went
 * away with it (`foreground`), drains too. A signal that comes during the start waits for its end.
 */
export async function serve(
  context: Context,
  options: { configPath: string; foreground: boolean; started?: (daemon: Daemon) => void },
): Promise<number> {
  const { output, terminal, wiring, stateDirectory } = context;
  const stops: NodeJS.Signals[] = [];
  let daemon: Daemon | undefined;
  // A reader of our output that goes away must not take the bots' supervisor with it.
  terminal.outliveReaders();

  const stop = (signal: NodeJS.Signals) => {
    stops.push(signal);
    if (stops.length > 2) process.exit(exitCode.interrupted);
    if (daemon === undefined) return;
    output.progress(stops.length === 1 ? 'Stopping the bots; once more kills them.' : 'Killing the bots.');
    daemon.stop(signal);
  };
  const hangUp = (signal: NodeJS.Signals) => {
    if (options.foreground) return stop(signal);
    try {
      daemon?.fleet.reload(false);
    } catch (error) {
      output.failure(failureOf(error));
    }
  };
  process.on('SIGTERM', stop).on('SIGINT', stop).on('SIGHUP', hangUp);
  try {
    daemon = await wiring.startDaemon({
      configPath: options.configPath,
      stateDirectory,
      foreground: options.foreground,
    });
    options.started?.(daemon);
    for (const signal of stops) daemon.stop(signal);
    const code = await daemon.done;
    return code === exitCode.done && stops[0] === 'SIGINT' ? exitCode.interrupted : code;
  } finally {
    process.off('SIGTERM', stop).off('SIGINT', stop).off('SIGHUP', hangUp);
  }
}
