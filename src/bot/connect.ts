import { readEnvironment } from './environment.ts';
import type { Counters, GatewayReport, StopIntent } from './messages.ts';
import { reportTo } from './reporter.ts';

export type ConnectOptions = {
  /** Read with every heartbeat. */
  readonly counters?: () => Counters;
  /** Instead of `process.env`. */
  readonly env?: Readonly<Record<string, string | undefined>>;
};

/** Called with the time after which the process is killed, counted from the call, in milliseconds. */
export type StopListener = (intent: StopIntent, graceMs: number) => void;

/** A bot's line to its supervisor. No method throws or blocks, whatever the supervisor does. */
export type Droas = {
  /** False when nobody supervises this process: then reports go nowhere, and secrets come from the environment. */
  readonly supervised: boolean;
  /** The name of this bot, or null. */
  readonly bot: string | null;
  /** The bot serves. `detail` is for people. */
  ready(detail?: string): void;
  gateway(report: GatewayReport): void;
  /** The listener is called once, when the supervisor announces a stop (SIGTERM follows), or at once if it already did. */
  onStop(listener: StopListener): void;
  /** From the secrets file, else from the environment. */
  secret(name: string): string | undefined;
  /** Sends what is left, then disconnects for good. Resolves within half a second. */
  close(): Promise<void>;
};

/**
 * Finds the supervisor through the environment and reports to it from then on: who this is, a heartbeat with the event
 * loop's lag every five seconds, and what the bot says. Whoever supervises next is told the last state again. Without a
 * supervisor it does nothing, so a bot may always call it.
 */
export function connect(options: ConnectOptions = {}): Droas {
  const env = options.env ?? process.env;
  const { bot, socketPath, run, secrets } = readEnvironment(env);
  const secret = (name: string) => secrets[name] ?? env[name];
  const key = secret('DROAS_KEY');
  if (!socketPath || !run || !key) {
    return { supervised: false, bot, secret, ready() {}, gateway() {}, onStop() {}, close: () => Promise.resolve() };
  }
  return { supervised: true, bot, secret, ...reportTo(socketPath, { run, key }, options.counters ?? (() => ({}))) };
}
