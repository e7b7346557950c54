import type { BotSpec } from '../core/config/spec.ts';
import { codeOf, DroasError } from '../core/errors.ts';
import type { Circumstances } from '../core/health/assess.ts';
import type { Assessment } from '../core/health/assessment.ts';
import { classify } from '../core/restart/classify.ts';
import type { Exit, Verdict } from '../core/restart/verdict.ts';
import type { Channel, Channels } from '../ports/channel.ts';
import type { Clock, Timer } from '../ports/clock.ts';
import type { LogSpool } from '../ports/logs.ts';
import type { Prober } from '../ports/prober.ts';
import type { SecretFiles } from '../ports/secrets.ts';
import type { ChildProcess, ProcessWatcher, Spawner, Survivor } from '../ports/spawner.ts';
import type { Spent } from '../protocol/assistant.ts';
import type { FromChild } from '../protocol/child.ts';
import { HealthWatch } from './health-watch.ts';
import { orderFor, redactedWords, type Surroundings, secretsFor, sha256 } from './launch.ts';
import type { Watching } from './readiness.ts';
import { watchReadiness } from './readiness.ts';
import { within } from './within.ts';

export type IncarnationPorts = {
  readonly clock: Clock;
  readonly spawner: Spawner;
  readonly channels: Channels;
  readonly secrets: SecretFiles;
  readonly logs: LogSpool;
  readonly prober: Prober;
  readonly surroundings: Surroundings;
};

/** What an incarnation must ask its fleet. */
export type Surrounded = {
  readonly spec: () => BotSpec;
  readonly circumstances: () => Circumstances;
  /** What its predecessors spent on their language model, as they said last. */
  readonly spent: () => Spent | null;
};

/** What an incarnation tells its executor, each with its number already bound. */
export interface IncarnationListener {
  spawnFailed(verdict: Verdict): void;
  ready(): void;
  /** Resolves when it was taken in; `treeEmpty` is told only afterwards. */
  exited(verdict: Verdict, treeEmpty: boolean): Promise<void>;
  treeEmpty(): void;
  assessed(assessment: Assessment): void;
  /** The bot opens a session with IDENTIFY, as it says itself; the first one was presumed when it was spawned. */
  identified(first: boolean): void;
  /** session_start_limit as the bot saw it. */
  sessionLimit(remaining: number, resetMs: number): void;
  /** Its gateway connection became READY, or stopped being so while the process lives. */
  connection(type: 'connected' | 'lost'): void;
  /** Somebody misused the socket. */
  misuse(reason: string): void;
}

const secretsKeptMs = 60_000;
const lastWordsMs = 100;

/**
 * The live side of one run of a bot: process, socket, evidence and secrets, from spawn or adoption to release.
 *
 * `askStop` and `killTree` may come while the spawn is still under way; they are carried out as soon as there is a process.
 */
export class Incarnation {
  readonly number: number;
  readonly #spec: () => BotSpec;
  readonly #circumstances: () => Circumstances;
  readonly #spent: () => Spent | null;
  readonly #ports: IncarnationPorts;
  readonly #listener: IncarnationListener;
  readonly #health: HealthWatch;
  #process: ChildProcess | null = null;
  #channel: Channel | null = null;
  #watching: Watching | null = null;
  #secretsTimer: Timer | null = null;
  #wanted: 'run' | 'stop' | 'kill' = 'run';
  #keepSession = false;
  #identifySeen = false;
  /** Discord refused its token with 401. */
  #unauthorized = false;
  #exitTold: Promise<void> = Promise.resolve();

  constructor(
    number: number,
    { spec, circumstances, spent }: Surrounded,
    ports: IncarnationPorts,
    listener: IncarnationListener,
  ) {
    this.number = number;
    this.#spec = spec;
    this.#circumstances = circumstances;
    this.#spent = spent;
    this.#ports = ports;
    this.#listener = listener;
    this.#health = new HealthWatch(
      ports.clock,
      () => spec().health,
      circumstances,
      (assessment) => listener.assessed(assessment),
    );
  }

  get process(): ChildProcess | null {
    return this.#process;
  }

  get health(): HealthWatch {
    return this.#health;
  }

  async spawn(): Promise<void> {
    const spec = this.#spec();
    const { secrets, spawner, surroundings, logs } = this.#ports;
    try {
      const { key, secrets: values } = secretsFor(spec, this.#spent());
      const keyHash = sha256(key);
      logs.redact(spec.name, redactedWords(spec, key));
      const secretsPath = secrets.write(spec.name, this.number, values);
      this.#channel = await this.#open(keyHash);
      const order = orderFor(
        spec,
        this.number,
        { socket: this.#channel.path, secrets: secretsPath },
        keyHash,
        surroundings,
      );
      this.#process = await spawner.spawn(order, this.#watcher());
    } catch (error) {
      this.#dispose();
      this.#listener.spawnFailed(spawnFailure(error));
      return;
    }
    const { clock } = this.#ports;
    this.#secretsTimer = clock.setTimer(clock.monotonicMs() + secretsKeptMs, () => this.#removeSecrets());
    this.#follow(this.#process);
    if (this.#wanted !== 'run') this.askStop(this.#keepSession);
    if (this.#wanted === 'kill') this.killTree();
  }

  /** Takes over what another supervisor spawned. */
  async adopt(survivor: Survivor, wasReady: boolean): Promise<void> {
    const spec = this.#spec();
    this.#ports.logs.redact(spec.name, redactedWords(spec, ''));
    this.#process = survivor.adopt(this.#watcher());
    if (wasReady) {
      this.#health.ready();
      // It must come back to the new socket: its silence counts from here.
      if (spec.ready.kind === 'sdk') this.#health.hello();
    }
    this.#follow(this.#process, wasReady);
    this.#channel = await this.#open(survivor.intent.keyHash);
  }

  askStop(keepSession: boolean): void {
    this.#keepSession = keepSession;
    if (this.#wanted === 'run') this.#wanted = 'stop';
    this.#watching?.close();
    this.#health.close();
    const graceMs = this.#spec().restart.graceMs;
    // Its last heartbeat may be old, and its counters are wanted once more.
    this.#channel?.send({ method: 'ping', params: {} });
    this.#channel?.send({ method: 'stop', params: { intent: keepSession ? 'keep-session' : 'offline', graceMs } });
    this.#process?.askStop();
  }

  killTree(): void {
    this.#wanted = 'kill';
    this.#process?.killTree();
  }

  /** The tree is empty: keep the last lines, then let go of everything. */
  async release(): Promise<void> {
    try {
      this.#dispose();
      await this.#ports.logs.finish(this.#spec().name, this.number);
    } finally {
      await this.#process?.release();
    }
  }

  /** The supervisor goes, the bot stays. */
  abandon(): void {
    this.#process?.abandon();
    this.#health.close();
    this.#watching?.close();
    this.#channel?.close();
    this.#secretsTimer?.cancel();
  }

  #follow(process: ChildProcess, wasReady = false): void {
    const { logs, clock, prober } = this.#ports;
    const spec = this.#spec();
    logs.follow({ bot: spec.name, incarnation: this.number, spools: process.spools });
    this.#watching = watchReadiness({
      spec,
      clock,
      prober,
      logs,
      incarnation: this.number,
      wasReady,
      onReady: () => this.#becameReady(),
      onProbe: (result) => this.#health.probed(result),
    });
  }

  #becameReady(): void {
    this.#removeSecrets();
    this.#health.ready();
    this.#listener.ready();
  }

  #watcher(): ProcessWatcher {
    return {
      exited: (exit, treeEmpty) => {
        this.#exitTold = this.#exited(exit, treeEmpty);
      },
      treeEmpty: () => void this.#exitTold.then(() => this.#listener.treeEmpty()),
    };
  }

  /** What it said last is taken in before the verdict, which is made of it; who was asked to end has nothing to explain. */
  async #exited(exit: Exit, treeEmpty: boolean): Promise<void> {
    this.#watching?.close();
    const unasked = this.#wanted === 'run';
    if (unasked && this.#channel !== null) await within(this.#ports.clock, lastWordsMs, this.#channel.silent());
    this.#health.close();
    const { gateway, ready } = this.#health.evidence;
    const verdict = classify({
      exit,
      mode: this.#spec().restart.mode,
      gateway,
      ready,
      unauthorized: this.#unauthorized,
      outage: (this.#circumstances().outage ?? { endedMs: 0 }).endedMs === null,
    });
    await this.#listener.exited(verdict, treeEmpty);
  }

  #open(keyHash: string): Promise<Channel> {
    const { name, health } = this.#spec();
    return this.#ports.channels.open(
      { bot: name, incarnation: this.number, keyHash, heartbeatMs: health.heartbeatMs },
      {
        message: (message) => this.#hear(message),
        refused: (reason) => this.#listener.misuse(reason),
        connected: () => this.#health.hello(),
        disconnected: () => {},
      },
    );
  }

  #hear(message: FromChild): void {
    switch (message.method) {
      case 'hello':
        return;
      case 'ready':
        if (this.#spec().ready.kind === 'sdk') this.#becameReady();
        return;
      case 'heartbeat':
        this.#health.heartbeat(message.params);
        return;
      case 'gateway': {
        const { state, identifiesLeft, identifiesResetMs } = message.params;
        if (state === 'identifying' && this.#health.evidence.gateway?.state !== 'identifying') this.#identifying();
        this.#connection(state);
        if (message.params.unauthorized === true) this.#unauthorized = true;
        if (identifiesLeft !== undefined) this.#listener.sessionLimit(identifiesLeft, identifiesResetMs ?? 0);
        this.#health.gateway(message.params);
        return;
      }
      case 'identify.request': {
        const { shard = 0 } = message.params;
        this.#channel?.send({ method: 'identify.grant', params: { shard, notBeforeMs: 0 } });
        return;
      }
      default:
        message satisfies never;
    }
  }

  #connection(state: Extract<FromChild, { method: 'gateway' }>['params']['state']): void {
    const wasReady = this.#health.evidence.gateway?.state === 'ready';
    if (state === 'ready' && !wasReady) this.#listener.connection('connected');
    if (state !== 'ready' && wasReady && this.#wanted === 'run') this.#listener.connection('lost');
  }

  #identifying(): void {
    this.#listener.identified(!this.#identifySeen);
    this.#identifySeen = true;
  }

  #removeSecrets(): void {
    this.#secretsTimer?.cancel();
    this.#ports.secrets.remove(this.#spec().name, this.number);
  }

  #dispose(): void {
    this.#health.close();
    this.#watching?.close();
    this.#channel?.close();
    this.#removeSecrets();
  }
}

/** Nothing was started. What no restart cures is fatal; a full or read-only state directory is nobody's crash. */
function spawnFailure(error: unknown): Verdict {
  const code = codeOf(error);
  const sentence = (error as Error).message;
  const remedy = error instanceof DroasError ? error.remedy : null;
  const fatal =
    code === 'COMMAND_NOT_FOUND' || code === 'COMMAND_NOT_EXECUTABLE' || code === 'WORKING_DIRECTORY_MISSING';
  const cause = fatal ? 'fatal' : code === 'STATE_UNWRITABLE' ? 'environment' : 'crash';
  return { cause, sentence, remedy, exit: null, closeCode: null };
}
