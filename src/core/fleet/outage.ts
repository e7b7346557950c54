/**
 * One bot that loses Discord has a problem; half of the fleet losing it within seconds is Discord's, or the network's.
 * Then nobody is restarted for it, nothing is counted, and people get one alert instead of ten.
 *
 * An outage begins when, within 10 s, at least two and at least half of the connected bots lost their gateway. Bots that
 * live wait for their library to reconnect. Bots that died of it are tried one at a time, ever more rarely: each start
 * moves the time of the next. It ends when as many are connected again as are still waiting alive, or when nobody
 * affected is left to wait for.
 */
import type { Gate } from '../lifecycle/event.ts';
import type { Milliseconds } from '../lifecycle/state.ts';

export type ConnectionEvent = { readonly bot: string; readonly atMs: Milliseconds } & (
  | { readonly type: 'connected' }
  /** Its gateway was READY and no longer is; the process lives and was not asked to stop. */
  | { readonly type: 'lost' }
  /** Its process is gone or on its way out; `returns` when the supervisor will start it again by itself. */
  | { readonly type: 'gone'; readonly returns: boolean }
  /** A process is being started for it. */
  | { readonly type: 'starting' }
);

export type Outage = {
  readonly sinceMs: Milliseconds;
  /** null while it is under way. */
  readonly endedMs: Milliseconds | null;
  /** How many lost Discord when it began, of how many connected. */
  readonly lost: number;
  readonly connectedBefore: number;
  /** Connected again (or anew) since it began. */
  readonly back: ReadonlySet<string>;
  /** Starts tried since it began, and when the next may be. */
  readonly tries: number;
  readonly tryAtMs: Milliseconds;
};

export type Connections = {
  readonly connected: ReadonlySet<string>;
  /** Who lost Discord and is not back: within the last 10 s, or since the outage under way. */
  readonly lost: ReadonlyMap<string, { readonly atMs: Milliseconds; readonly alive: boolean }>;
  /** The latest outage, also after its end. */
  readonly outage: Outage | null;
};

const withinMs = 10_000;
const fewest = 2;
const firstTryMs = 15_000;
const longestTryMs = 300_000;

export const noConnections: Connections = { connected: new Set(), lost: new Map(), outage: null };

export const isUnderWay = ({ outage }: Connections): boolean => outage !== null && outage.endedMs === null;

/** Takes one event; the caller compares `isUnderWay` before and after to tell people. */
export function observeConnection(before: Connections, event: ConnectionEvent): Connections {
  const after = apply(isUnderWay(before) ? before : { ...before, lost: recent(before.lost, event.atMs) }, event);
  const { outage } = after;
  const running = outage !== null && outage.endedMs === null;
  return running ? endIfOver(after, outage, event.atMs) : beginIfMany(after, event.atMs);
}

/** The floor under every start of a Discord bot during an outage. */
export function outageGate({ outage }: Connections, nowMs: Milliseconds): Gate | null {
  if (outage === null || outage.endedMs !== null || nowMs >= outage.tryAtMs) return null;
  return { notBeforeMs: outage.tryAtMs, reason: 'outage' };
}

export const describeOutage = ({ lost, connectedBefore }: Outage): string =>
  `${lost} of ${connectedBefore} connected bots lost Discord within ${withinMs / 1000} s: an outage of Discord or the network; nobody is restarted for it`;

const recent = (lost: Connections['lost'], nowMs: Milliseconds): Connections['lost'] =>
  new Map([...lost].filter(([, { atMs }]) => nowMs - atMs <= withinMs));

function apply(state: Connections, event: ConnectionEvent): Connections {
  const connected = new Set(state.connected);
  const lost = new Map(state.lost);
  const back = new Set(state.outage?.back);
  const { bot, atMs } = event;
  switch (event.type) {
    case 'connected':
      connected.add(bot);
      lost.delete(bot);
      back.add(bot);
      break;
    case 'lost':
      if (!connected.delete(bot)) return state;
      lost.set(bot, { atMs, alive: true });
      back.delete(bot);
      break;
    case 'gone': {
      connected.delete(bot);
      back.delete(bot);
      const loss = lost.get(bot);
      if (loss !== undefined && event.returns) lost.set(bot, { ...loss, alive: false });
      else lost.delete(bot);
      break;
    }
    case 'starting':
      return { ...state, outage: state.outage && tried(state.outage, atMs) };
    default:
      return event satisfies never;
  }
  return { connected, lost, outage: state.outage && { ...state.outage, back } };
}

const tried = (outage: Outage, atMs: Milliseconds): Outage => ({
  ...outage,
  tries: outage.tries + 1,
  tryAtMs: atMs + Math.min(firstTryMs * 2 ** (outage.tries + 1), longestTryMs),
});

function beginIfMany(state: Connections, nowMs: Milliseconds): Connections {
  const { size } = state.lost;
  const connectedBefore = state.connected.size + size;
  if (size < fewest || 2 * size < connectedBefore) return state;
  const tryAtMs = nowMs + firstTryMs;
  return {
    ...state,
    outage: { sinceMs: nowMs, endedMs: null, lost: size, connectedBefore, back: new Set(), tries: 0, tryAtMs },
  };
}

function endIfOver(state: Connections, outage: Outage, nowMs: Milliseconds): Connections {
  const { lost } = state;
  const waiting = [...lost.values()].filter(({ alive }) => alive).length;
  const enough = outage.back.size > 0 && outage.back.size >= waiting;
  if (!enough && lost.size > 0) return state;
  return { ...state, lost: new Map(), outage: { ...outage, endedMs: nowMs } };
}
