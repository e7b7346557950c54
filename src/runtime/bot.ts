import type { BotSpec } from '../core/config/spec.ts';
import { tokenOwner } from '../core/config/token.ts';
import type { Assessment } from '../core/health/assessment.ts';
import { latestGate, type Spent } from '../core/identify/budget.ts';
import type { Fact } from '../core/lifecycle/effect.ts';
import type { Moment } from '../core/lifecycle/event.ts';
import { type Child, liveIncarnation } from '../core/lifecycle/state.ts';
import type { Verdict } from '../core/restart/verdict.ts';
import type { Clock } from '../ports/clock.ts';
import type { StoredIdentify, WishFile } from '../ports/journal.ts';
import type { Random } from '../ports/random.ts';
import type { Survivor } from '../ports/spawner.ts';
import type { Spent as SpentOnModel } from '../protocol/assistant.ts';
import { Executor, type Happening } from './executor.ts';
import type { IdentifyLedger } from './identify-ledger.ts';
import { Incarnation, type IncarnationListener, type IncarnationPorts } from './incarnation.ts';
import type { OutageWatch } from './outage-watch.ts';
import type { Problems } from './problems.ts';
import type { Recorder } from './recorder.ts';
import { within } from './within.ts';

export type BotPorts = IncarnationPorts & {
  readonly clock: Clock;
  readonly random: Random;
  readonly recorder: Recorder;
  readonly ledger: IdentifyLedger;
  readonly wishes: WishFile;
  readonly outages: OutageWatch;
  readonly problems: Problems;
};

export type BotListener = {
  /** A step is durable; `after` null when the bot was forgotten. */
  readonly changed: (bot: Bot, after: Child | null) => void;
};

const linesInRestartEvent = 50;
const lastLinesMs = 100;
/** A bot that flaps is told of once a second: each event is an fsync, and shares its space with everybody's. */
const betweenHealthEventsMs = 1_000;
/** Discord answers an earlier IDENTIFY with an invalid session; who reports more is not believed. */
const betweenIdentifiesMs = 5_000;

/** One bot: its spec, its executor and the incarnation that lives at present. */
export class Bot {
  readonly name: string;
  readonly executor: Executor;
  readonly #ports: BotPorts;
  readonly #listener: BotListener;
  #spec: BotSpec;
  #incarnation: Incarnation | null = null;
  /** The last lines of the incarnation that just ended, for its restart event. */
  #lastLines: readonly string[] = [];
  #memoryBytes: number | null = null;
  #spentOnModel: SpentOnModel | null = null;
  #downSinceMs: number | null = null;
  #wishUnsaved = false;
  #blocked: string | null = null;
  #identifiedAtMs = Number.NEGATIVE_INFINITY;
  readonly #releases = new Set<Promise<void>>();
  /** The IDENTIFY that the present incarnation was presumed to spend, until it says when it did. */
  #presumed: Spent | null = null;
  #lastExitWallMs: number | null = null;

  constructor(spec: BotSpec, child: Child, ports: BotPorts, listener: BotListener) {
    this.name = spec.name;
    this.#spec = spec;
    this.#ports = ports;
    this.#listener = listener;
    this.executor = new Executor(spec.name, child, {
      clock: ports.clock,
      random: ports.random,
      recorder: ports.recorder,
      policy: () => this.#spec.restart,
      circumstances: (nowMs) => this.#circumstances(nowMs),
      presumed: (automatic) => this.#presumeIdentify(automatic),
      spend: (spent) => this.#spend(spent),
      enrich: (fact) => this.#enrich(fact),
      onStep: (before, after) => this.#stepped(before, after),
      hands: {
        launch: (number) => this.#unattended(this.#make(number).spawn()),
        askStop: (number) => this.#live(number)?.askStop(false),
        killTree: (number) => this.#live(number)?.killTree(),
        release: (number) => this.#release(number),
        forget: () => this.#listener.changed(this, null),
      },
    });
  }

  get spec(): BotSpec {
    return this.#spec;
  }

  get child(): Child {
    return this.executor.child;
  }

  get incarnation(): Incarnation | null {
    return this.#incarnation;
  }

  get memoryBytes(): number | null {
    return this.#memoryBytes;
  }

  get lastExitWallMs(): number | null {
    return this.#lastExitWallMs;
  }

  /** Whose IDENTIFYs a start spends; null when a start spends none that we know of. */
  get owner(): string | null {
    const { token, restart } = this.#spec;
    return restart.startCostsIdentify && token !== null ? tokenOwner(token.secret) : null;
  }

  /** Policies take effect at once, everything else with the next incarnation. */
  respecify(spec: BotSpec): void {
    this.#spec = spec;
    this.executor.rearm();
  }

  post(happening: Happening): void {
    if (this.#blocked === null || happening.type === 'delete') this.executor.post(happening);
  }

  async adopt(survivor: Survivor): Promise<void> {
    await this.#make(survivor.intent.incarnation).adopt(survivor, this.child.state.name === 'running');
    // Its predecessor may have died between the decision and the signal.
    if (this.child.state.name === 'stopping' && this.child.state.kills === 0) this.#incarnation?.askStop(false);
  }

  /** Resolves when nothing of earlier incarnations is left to be kept or removed. */
  async released(): Promise<void> {
    await Promise.all(this.#releases);
  }

  /** Nothing may happen to it but a delete: what lives of it cannot be told. The sentence says why. */
  block(sentence: string): void {
    this.#blocked = sentence;
  }

  get blocked(): string | null {
    return this.#blocked;
  }

  sampled(memoryBytes: number): void {
    this.#memoryBytes = memoryBytes;
  }

  abandon(): void {
    this.executor.close();
    this.#incarnation?.abandon();
  }

  readonly #surrounded = {
    spec: () => this.#spec,
    spent: () => this.#spentOnModel,
    circumstances: () => ({
      startDeadlineMs: null,
      discord: this.#spec.kind === 'bot',
      identifiesLeft: this.owner === null ? null : this.#ports.ledger.left(this.owner, this.#ports.clock.monotonicMs()),
      outage: this.#spec.kind === 'bot' ? this.#ports.outages.span : null,
    }),
  };

  #circumstances(nowMs: number): Pick<Moment, 'gates' | 'outage'> {
    const { ledger, outages } = this.#ports;
    const { owner } = this;
    const budget = (automatic: boolean) => (owner === null ? null : ledger.gate(owner, nowMs, automatic));
    if (this.#spec.kind === 'service')
      return { gates: { automatic: budget(true), person: budget(false) }, outage: false };
    return {
      gates: { automatic: latestGate(budget(true), outages.gate(nowMs)), person: budget(false) },
      outage: outages.underWay,
    };
  }

  #make(number: number): Incarnation {
    const incarnation = new Incarnation(number, this.#surrounded, this.#ports, this.#listenTo(number));
    this.#incarnation = incarnation;
    return incarnation;
  }

  #live(number: number): Incarnation | null {
    return this.#incarnation?.number === number ? this.#incarnation : null;
  }

  #release(number: number): void {
    const over = this.#live(number);
    this.#incarnation = null;
    this.#memoryBytes = null;
    if (over === null) return;
    this.#spentOnModel = over.health.counters.spent ?? this.#spentOnModel;
    const release = over.release().finally(() => this.#releases.delete(release));
    this.#releases.add(release);
    this.#unattended(release);
  }

  #listenTo(incarnation: number): IncarnationListener {
    const { recorder, ledger, clock } = this.#ports;
    return {
      spawnFailed: (verdict) => {
        this.#takeBackPresumed();
        this.post({ type: 'spawn-failed', incarnation, verdict });
      },
      ready: () => this.post({ type: 'ready', incarnation }),
      exited: (verdict, treeEmpty) => this.#exited(incarnation, verdict, treeEmpty),
      treeEmpty: () => this.post({ type: 'tree-empty', incarnation }),
      assessed: (assessment) => this.#assessed(incarnation, assessment),
      identified: (first) => this.#identified(first),
      sessionLimit: (remaining, resetMs) => {
        const seenAtMs = clock.monotonicMs();
        if (this.owner !== null) ledger.limit(this.owner, { remaining, resetAtMs: seenAtMs + resetMs, seenAtMs });
      },
      connection: (type) => this.#ports.outages.observe({ bot: this.name, type }),
      misuse: (reason) =>
        recorder.event({
          bot: this.name,
          incarnation,
          type: 'bot.socket-misused',
          severity: 'warning',
          sentence: reason,
          detail: {},
        }),
    };
  }

  #shown: Assessment['health'] | null = null;
  #shownAtMs = Number.NEGATIVE_INFINITY;
  #stability: Assessment['stability'] | null = null;

  #assessed(incarnation: number, assessment: Assessment): void {
    const { state } = this.child;
    if (liveIncarnation(state) !== incarnation || state.name === 'stopping') return;
    const { health, reasons, condemn, stability } = assessment;
    const nowMs = this.#ports.clock.monotonicMs();
    if (health !== this.#shown && state.name === 'running' && nowMs - this.#shownAtMs >= betweenHealthEventsMs) {
      this.#shown = health;
      this.#shownAtMs = nowMs;
      const severity = health === 'unhealthy' ? 'error' : health === 'degraded' ? 'warning' : 'info';
      const sentence = `${health}: ${reasons[0] ?? 'no reason given'}`;
      this.#ports.recorder.event(
        {
          bot: this.name,
          incarnation,
          type: 'health.changed',
          severity,
          sentence,
          detail: { health, reasons },
        },
        'soon',
      );
    }
    if (stability !== this.#stability && state.name === 'running') {
      this.#stability = stability;
      this.post({ type: 'health', incarnation, stability });
    }
    if (condemn !== null) this.post({ type: 'condemned', incarnation, verdict: condemn });
  }

  #stepped(before: Child, after: Child): void {
    if (before.desired !== after.desired || this.#wishUnsaved) this.#saveWish(after.desired);
    if (after.state.name === 'running' && before.state.name !== 'running') {
      this.#downSinceMs = null;
      this.#incarnation?.health.judge();
    }
    if (after.state.name === 'starting' && before.state !== after.state) {
      if (this.#spec.kind === 'bot') this.#ports.outages.observe({ bot: this.name, type: 'starting' });
      this.#shown = null;
      this.#stability = null;
    }
    if (liveIncarnation(before.state) !== null && liveIncarnation(after.state) !== liveIncarnation(before.state)) {
      const returns = after.state.name === 'backoff' || after.state.name === 'suspended';
      this.#ports.outages.observe({ bot: this.name, type: 'gone', returns });
    }
    this.#listener.changed(this, after);
  }

  async #exited(incarnation: number, verdict: Verdict, treeEmpty: boolean): Promise<void> {
    const { clock } = this.#ports;
    this.#lastLines = this.#endIsAsked() ? [] : await this.#readLastLines(incarnation, treeEmpty);
    this.#lastExitWallMs = clock.wallMs();
    this.#downSinceMs ??= clock.monotonicMs();
    this.post({ type: 'exited', incarnation, verdict, treeEmpty });
  }

  /** A person asked for its end: nobody will ask why. */
  #endIsAsked(): boolean {
    const { state } = this.child;
    return state.name === 'stopping' && state.verdict === null;
  }

  /** Those that are still in the spools too, once nobody can write any more. */
  async #readLastLines(incarnation: number, treeEmpty: boolean): Promise<readonly string[]> {
    const { logs, clock } = this.#ports;
    if (treeEmpty) await within(clock, lastLinesMs, logs.finish(this.name, incarnation)).catch(() => {});
    const lines = await logs.read(this.name, { limit: linesInRestartEvent }).catch(() => []);
    return lines.map((line) => line.text);
  }

  /** Discord counts its 5 s from the IDENTIFY itself, which comes some time after the spawn. */
  #identified(first: boolean): void {
    const { clock, ledger, recorder } = this.#ports;
    const { owner } = this;
    if (owner === null) return;
    const presumed = first ? this.#presumed : null;
    const atMs = clock.monotonicMs();
    if (atMs - this.#identifiedAtMs < betweenIdentifiesMs) return;
    this.#identifiedAtMs = atMs;
    ledger.add(owner, { atMs, automatic: presumed?.automatic ?? true }, presumed);
    if (presumed === null) recorder.identified({ owner, atWallMs: clock.wallMs(), automatic: true });
    this.#presumed = null;
  }

  #presumeIdentify(automatic: boolean): StoredIdentify | null {
    const { owner } = this;
    return owner === null ? null : { owner, atWallMs: this.#ports.clock.wallMs(), automatic };
  }

  #spend(spent: StoredIdentify | null): void {
    if (spent === null) return;
    this.#presumed = { atMs: this.#ports.clock.monotonicMs(), automatic: spent.automatic };
    this.#ports.ledger.add(spent.owner, this.#presumed);
  }

  /** Nothing was started, so nothing was spent. */
  #takeBackPresumed(): void {
    if (this.owner !== null && this.#presumed !== null) this.#ports.ledger.remove(this.owner, this.#presumed);
    this.#presumed = null;
  }

  /** The wish is in the journal already; its file matters only when that is lost, so it can be late. */
  #saveWish(desired: Child['desired']): void {
    const { wishes, problems } = this.#ports;
    try {
      if (desired === 'absent') wishes.remove(this.name);
      else wishes.write(this.name, desired);
      this.#wishUnsaved = false;
      problems.solved(`wish of ${this.name}`);
    } catch (error) {
      this.#wishUnsaved = true;
      problems.report(`wish of ${this.name}`, (error as Error).message);
    }
  }

  /** Work that nobody awaits: what goes wrong is a standing problem, never the end of the supervisor. */
  #unattended(work: Promise<void>): void {
    work.catch((error: Error) => this.#ports.problems.report(`bot ${this.name}`, `${this.name}: ${error.message}`));
  }

  #enrich(fact: Fact): Readonly<Record<string, unknown>> {
    const nowMs = this.#ports.clock.monotonicMs();
    if (fact.type === 'bot.ready') return this.#downSinceMs === null ? {} : { outageMs: nowMs - this.#downSinceMs };
    if (fact.type !== 'bot.restart-scheduled' && fact.type !== 'circuit.opened' && fact.type !== 'circuit.trial-failed')
      return {};
    const spent = this.owner === null ? null : this.#ports.ledger.summary(this.owner, nowMs);
    return { memoryBytes: this.#memoryBytes, lastLines: this.#lastLines, identifies: spent };
  }
}
