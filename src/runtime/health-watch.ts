import { assess, type Circumstances } from '../core/health/assess.ts';
import type { Assessment } from '../core/health/assessment.ts';
import type { Evidence, GatewayEvidence } from '../core/health/evidence.ts';
import type { HealthPolicy } from '../core/health/policy.ts';
import { type Settled, settle, unsettled } from '../core/health/threshold.ts';
import { isFailing } from '../core/health/work.ts';
import type { Clock, Timer } from '../ports/clock.ts';
import type { ProbeResult } from '../ports/prober.ts';
import type { FromChild } from '../protocol/child.ts';
import { type Understood, understand } from '../protocol/counters.ts';

type Of<M extends FromChild['method']> = Extract<FromChild, { method: M }>['params'];

const attemptsKept = 40;
/** A timer that fires later than this was held up by us: no evidence is overdue before its deadline from now. */
const ownStallMs = 1_000;

/** Collects the evidence about one incarnation and judges it anew whenever something is heard, or its deadline passes. */
export class HealthWatch {
  readonly #clock: Clock;
  readonly #policy: () => HealthPolicy;
  readonly #circumstances: () => Circumstances;
  readonly #onAssessment: (assessment: Assessment) => void;
  #evidence: Evidence;
  #loopLag: Settled = unsettled;
  #latency: Settled = unsettled;
  #memory: Settled = unsettled;
  #counters: Understood = understand({});
  #assessment: Assessment;
  #timer: Timer | null = null;
  #closed = false;

  constructor(
    clock: Clock,
    policy: () => HealthPolicy,
    circumstances: () => Circumstances,
    onAssessment: (assessment: Assessment) => void,
  ) {
    this.#clock = clock;
    this.#policy = policy;
    this.#circumstances = circumstances;
    this.#onAssessment = onAssessment;
    const sinceMs = clock.monotonicMs();
    this.#evidence = {
      sinceMs,
      ready: false,
      sdk: false,
      heartbeat: null,
      gateway: null,
      probe: null,
      memory: null,
      work: null,
      model: null,
    };
    this.#assessment = assess(this.#evidence, policy(), sinceMs, circumstances());
  }

  get assessment(): Assessment {
    return this.#assessment;
  }

  get evidence(): Evidence {
    return this.#evidence;
  }

  /** What the last heartbeat counted, also one that came while the bot was stopping. */
  get counters(): Understood {
    return this.#counters;
  }

  hello(): void {
    this.#learn({ sdk: true, heartbeat: { lastMs: this.#clock.monotonicMs(), loopLagMs: null } });
  }

  ready(): void {
    this.#learn({ ready: true });
  }

  heartbeat(params: Of<'heartbeat'>): void {
    if (params.loopLagMs !== undefined) this.#loopLag = settle(this.#loopLag, params.loopLagMs);
    this.#counters = understand(params.counters ?? {});
    const { work, model } = this.#counters;
    const failing = work !== null && isFailing(this.#evidence.work?.failing ?? false, work);
    this.#learn({
      heartbeat: { lastMs: this.#clock.monotonicMs(), loopLagMs: this.#loopLag.value },
      work: work === null ? null : { ...work, failing },
      model,
    });
  }

  gateway(params: Of<'gateway'>): void {
    const nowMs = this.#clock.monotonicMs();
    const known = this.#evidence.gateway;
    if (params.latencyMs !== undefined) this.#latency = settle(this.#latency, params.latencyMs);
    const attempt = startsAttempt(params.state, known?.state);
    const gateway: GatewayEvidence = {
      state: params.state,
      sinceMs: known?.state === params.state ? known.sinceMs : nowMs,
      lastReadyMs: params.state === 'ready' || known?.state === 'ready' ? nowMs : (known?.lastReadyMs ?? null),
      lastAckMs: params.ackAgeMs === undefined ? (known?.lastAckMs ?? null) : nowMs - params.ackAgeMs,
      intervalMs: params.intervalMs ?? known?.intervalMs ?? null,
      latencyMs: this.#latency.value,
      closeCode: params.closeCode ?? (params.state === 'ready' ? null : (known?.closeCode ?? null)),
      guilds: params.guilds ?? known?.guilds ?? null,
      attemptsMs: attempt ? [...(known?.attemptsMs ?? []), nowMs].slice(-attemptsKept) : (known?.attemptsMs ?? []),
    };
    this.#learn({ gateway });
  }

  probed(result: ProbeResult): void {
    const failures = this.#evidence.probe?.failuresInARow ?? 0;
    const failuresInARow = result.outcome === 'failed' ? failures + 1 : result.outcome === 'passed' ? 0 : failures;
    this.#learn({
      probe: { lastMs: this.#clock.monotonicMs(), outcome: result.outcome, failuresInARow, detail: result.detail },
    });
  }

  memory(bytes: number, limitBytes: number | null): void {
    this.#memory = settle(this.#memory, bytes);
    const settled = this.#memory.value ?? 0;
    const over = limitBytes !== null && settled > limitBytes;
    const overLimitSinceMs = over ? (this.#evidence.memory?.overLimitSinceMs ?? this.#clock.monotonicMs()) : null;
    this.#learn({ memory: { bytes: settled, limitBytes, overLimitSinceMs } });
  }

  /** Judges although nothing was heard; the sweep does, and whoever knows that circumstances changed. */
  judge(): void {
    this.#learn({});
  }

  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
  }

  #learn(news: Partial<Evidence>): void {
    if (this.#closed) return;
    this.#evidence = { ...this.#evidence, ...news };
    const nowMs = this.#clock.monotonicMs();
    this.#assessment = assess(this.#evidence, this.#policy(), nowMs, this.#circumstances());
    this.#timer?.cancel();
    this.#timer = this.#wakeAt(
      Math.min(this.#assessment.nextMs ?? Number.POSITIVE_INFINITY, nowMs + this.#policy().sweepMs),
    );
    this.#onAssessment(this.#assessment);
  }

  #wakeAt(atMs: number): Timer {
    return this.#clock.setTimer(atMs, () => {
      const lateMs = this.#clock.monotonicMs() - atMs;
      if (lateMs > ownStallMs) this.#learn({ sinceMs: this.#clock.monotonicMs() });
      else this.judge();
    });
  }
}

type GatewayState = GatewayEvidence['state'];

/** A connection attempt is counted once, whether the library tells of connecting, of identifying, or of both. */
const startsAttempt = (state: GatewayState, before: GatewayState | undefined): boolean =>
  (state === 'connecting' && before !== 'connecting') ||
  (state === 'identifying' && before !== 'connecting' && before !== 'identifying');
