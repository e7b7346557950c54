import type { Droas, StopListener } from './connect.ts';
import { openLink } from './link.ts';
import { watchLoopLag } from './loop-lag.ts';
import { type Counters, finiteOnly, type GatewayReport, type StopIntent, withoutNonsense } from './messages.ts';

const helloId = 1;
const usualHeartbeatMs = 5_000;
/** After a refused hello there is no hurry: only another supervisor could think differently. */
const refusedRetryMs = 5_000;
const lastWelcomeMs = 200;

/** Speaks the child protocol, version 1, over a link that comes and goes. */
export function reportTo(
  socketPath: string,
  identity: { readonly run: string; readonly key: string },
  counters: () => Counters,
): Pick<Droas, 'ready' | 'gateway' | 'onStop' | 'close'> {
  let welcome = false;
  let onWelcome = () => {};
  let ready: { detail?: string } | null = null;
  /** The last report of each shard, with its time: an acknowledgement grows older while nobody listens. */
  const gateways = new Map<number, { readonly report: GatewayReport; readonly atMs: number }>();
  let stop: Parameters<StopListener> | null = null;
  const stopListeners: StopListener[] = [];
  const lag = watchLoopLag();
  let beat = every(usualHeartbeatMs);

  const link = openLink(socketPath, {
    connected() {
      welcome = false;
      const params = { protocol: [1], ...identity, sdk: 'droas/bot', pid: process.pid };
      link.send({ jsonrpc: '2.0', id: helloId, method: 'hello', params });
      repeatState();
    },
    message(message) {
      if (message['id'] === helloId && 'error' in message) link.retreat(refusedRetryMs);
      else if (message['id'] === helloId) greeted(message['result']);
      else if (message['method'] === 'ping') heartbeat();
      else if (message['method'] === 'stop') announceStop(message['params']);
    },
  });

  /** Follows the hello at once, without waiting for its answer: a process that ends now has then still said it. */
  function notify(method: string, params: object): void {
    link.send({ jsonrpc: '2.0', method, params });
  }

  function greeted(result: unknown): void {
    welcome = true;
    const heartbeatMs = Number((result as { heartbeatMs?: unknown } | null)?.heartbeatMs);
    if (heartbeatMs >= 100) {
      clearInterval(beat);
      beat = every(heartbeatMs);
    }
    onWelcome();
  }

  function repeatState(): void {
    if (ready) notify('ready', ready);
    for (const { report, atMs } of gateways.values()) {
      const older = performance.now() - atMs;
      notify('gateway', 'ackAgeMs' in report ? { ...report, ackAgeMs: report.ackAgeMs + older } : report);
    }
  }

  /** The last word of a bot that fails early must not be lost because the hello is still under way. */
  function untilWelcome(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, lastWelcomeMs);
      onWelcome = () => {
        clearTimeout(timer);
        resolve();
      };
      if (welcome) onWelcome();
    });
  }

  function heartbeat(): void {
    notify('heartbeat', { loopLagMs: lag.take(), counters: finiteOnly(guarded(counters) ?? {}) });
  }

  function every(intervalMs: number): NodeJS.Timeout {
    return setInterval(heartbeat, intervalMs).unref();
  }

  function announceStop(params: unknown): void {
    if (stop) return;
    const { intent, graceMs } = (params ?? {}) as { intent?: StopIntent; graceMs?: unknown };
    stop = [intent === 'keep-session' ? intent : 'offline', Number(graceMs) || 0];
    for (const listener of stopListeners) tell(listener, stop);
  }

  return {
    ready(detail) {
      ready = detail === undefined ? {} : { detail: detail.slice(0, 200) };
      notify('ready', ready);
    },
    gateway(report) {
      const sane = withoutNonsense(report);
      gateways.set(sane.shard ?? 0, { report: sane, atMs: performance.now() });
      notify('gateway', sane);
    },
    onStop(listener) {
      stopListeners.push(listener);
      if (stop) tell(listener, stop);
    },
    async close() {
      clearInterval(beat);
      lag.stop();
      await untilWelcome();
      await link.close();
    },
  };
}

/** A mistake in the bot's own callback is the bot's affair, but must not cut its line to the supervisor. */
function guarded<T>(callback: () => T): T | undefined {
  try {
    return callback();
  } catch (error) {
    process.emitWarning(error instanceof Error ? error : String(error));
    return undefined;
  }
}

const tell = (listener: StopListener, stop: Parameters<StopListener>) => guarded(() => listener(...stop));
