/** How a stop is meant: `offline` ends the Discord session (close 1000), `keep-session` leaves it to be resumed. */
export type StopIntent = 'offline' | 'keep-session';

/** What is known about a gateway connection. Everything but the state is optional; units are in the names. */
export type GatewayReport = {
  readonly state: 'connecting' | 'identifying' | 'ready' | 'resuming' | 'disconnected' | 'fatal';
  readonly shard?: number;
  readonly latencyMs?: number;
  /** Age of the last heartbeat acknowledgement. */
  readonly ackAgeMs?: number;
  /** Discord's heartbeat interval. */
  readonly intervalMs?: number;
  readonly closeCode?: number;
  readonly guilds?: number;
  /** `session_start_limit` as the bot saw it. */
  readonly identifiesLeft?: number;
  readonly identifiesResetMs?: number;
  /** With `fatal`: Discord refused the token over HTTP (401), so that there is no close code. */
  readonly unauthorized?: boolean;
};

/** The bot's own counters and gauges, e.g. `{ answers: 12 }`. */
export type Counters = Readonly<Record<string, number>>;

/** Counters that the wire would refuse, and the heartbeat with them, are left out. */
export function finiteOnly(counters: Counters): Counters {
  const entries = Object.entries(counters).slice(0, 64);
  return Object.fromEntries(entries.filter(([name, value]) => name.length <= 64 && Number.isFinite(value)));
}

/** Drops what libraries say before they know better, such as a latency of -1: the wire would refuse the whole report. */
export function withoutNonsense(report: GatewayReport): GatewayReport {
  const sensible = (value: unknown) =>
    typeof value === 'number' ? Number.isFinite(value) && value >= 0 : value !== undefined;
  const entries = Object.entries(report).filter(([, value]) => sensible(value));
  return Object.fromEntries(entries) as GatewayReport;
}
