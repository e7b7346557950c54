import type { BotSpec } from '../core/config/spec.ts';
import type { Clock, Timer } from '../ports/clock.ts';
import type { LogSpool } from '../ports/logs.ts';
import type { ProbeResult, Prober, ProbeTarget } from '../ports/prober.ts';

export interface Watching {
  close(): void;
}

export type ReadinessWatch = {
  readonly spec: BotSpec;
  readonly incarnation: number;
  /** Adopted: what made it ready has happened and may never come again. */
  readonly wasReady: boolean;
  readonly clock: Clock;
  readonly prober: Prober;
  readonly logs: LogSpool;
  /** Called at most once, never synchronously. */
  readonly onReady: () => void;
  readonly onProbe: (result: ProbeResult) => void;
};

const readinessIntervalMs = 250;
const readinessTimeoutMs = 2_000;

/** Watches one incarnation from outside: first for readiness (unless the bot itself says so), and for as long as it lives by its health probe. */
export function watchReadiness(watch: ReadinessWatch): Watching {
  const { spec, logs, onReady, onProbe } = watch;
  const { ready } = spec;
  const ends: (() => void)[] = [];
  let told = watch.wasReady;
  const once = (): void => {
    if (!told) onReady();
    told = true;
  };
  if (ready.kind === 'spawned' && !told) ends.push(after(watch, once));
  if (ready.kind === 'log' && !told) {
    const pattern = new RegExp(ready.pattern);
    const unsubscribe = logs.subscribe(new Set([spec.name]), (line) => {
      if (line.incarnation === watch.incarnation && pattern.test(line.text)) once();
    });
    ends.push(unsubscribe);
  }
  const target = readinessTarget(spec);
  if (target !== null && !told) {
    ends.push(
      every(watch, readinessIntervalMs, async () => {
        const result = await watch.prober.probe(target, readinessTimeoutMs);
        if (result.outcome === 'passed') once();
        return !told;
      }),
    );
  }
  const { probe } = spec.health;
  const probed = probe === null ? null : healthTarget(spec);
  if (probe !== null && probed !== null) {
    ends.push(
      every(watch, probe.intervalMs, async () => {
        const result = await watch.prober.probe(probed, probe.timeoutMs);
        if (told || spec.ready.kind === 'sdk') onProbe(result);
        return true;
      }),
    );
  }
  return {
    close() {
      for (const end of ends) end();
    },
  };
}

function after({ clock }: ReadinessWatch, tell: () => void): () => void {
  const timer = clock.setTimer(clock.monotonicMs(), tell);
  return () => timer.cancel();
}

/** Runs `round` after each interval, one at a time, until it answers false or is ended. */
function every({ clock }: ReadinessWatch, intervalMs: number, round: () => Promise<boolean>): () => void {
  let ended = false;
  let timer: Timer;
  const schedule = (): void => {
    timer = clock.setTimer(clock.monotonicMs() + intervalMs, () => void turn());
  };
  const turn = async (): Promise<void> => {
    if (!ended && (await round()) && !ended) schedule();
  };
  schedule();
  return () => {
    ended = true;
    timer.cancel();
  };
}

function readinessTarget({ ready, cwd }: BotSpec): ProbeTarget | null {
  switch (ready.kind) {
    case 'tcp':
      return { kind: 'tcp', host: ready.host, port: ready.port };
    case 'http':
      return { kind: 'http', url: ready.url };
    case 'exec':
      return { kind: 'exec', command: ready.command, cwd };
    case 'sdk':
    case 'spawned':
    case 'log':
      return null;
    default:
      return ready satisfies never;
  }
}

function healthTarget({ health, cwd }: BotSpec): ProbeTarget | null {
  if (health.probe === null) return null;
  const { kind, target, command } = health.probe;
  switch (kind) {
    case 'tcp': {
      const colon = target.lastIndexOf(':');
      return { kind, host: target.slice(0, colon), port: Number(target.slice(colon + 1)) };
    }
    case 'http':
      return { kind, url: target };
    case 'exec': {
      const [program, ...rest] = command;
      return program === undefined ? null : { kind, command: [program, ...rest], cwd };
    }
    default:
      return kind satisfies never;
  }
}
