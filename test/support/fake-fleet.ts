import { EventEmitter } from 'node:events';
import { DroasError } from '../../src/core/errors.ts';
import type {
  BotView,
  EventView,
  HealthView,
  InfoView,
  LogLineView,
  OperationView,
  ReloadView,
} from '../../src/protocol/api.ts';
import type { Fleet } from '../../src/runtime/fleet.ts';

export const someTime = '2026-01-31T12:04:10.000Z';

export const botNamed = (name: string, more: Partial<BotView> = {}): BotView => ({
  name,
  kind: 'bot',
  program: 'node index.js',
  desired: 'running',
  state: 'running',
  reason: 'running',
  remedy: null,
  health: 'healthy',
  healthReasons: ['gateway ready'],
  incarnation: 3,
  trial: 0,
  pid: 41207,
  startedAt: someTime,
  readyAt: '2026-01-31T12:04:11.300Z',
  nextStartAt: null,
  restarts: { total: 0, lastHour: 0, attemptsInWindow: 0, maxAttempts: 5, lastAt: null },
  lastExit: null,
  cpuRatio: 0.004,
  memoryBytes: 61_000_000,
  processes: 1,
  gateway: { mode: 'direct', state: 'ready', latencySeconds: 0.042, guilds: 118, closeCode: null },
  identifies: { last24h: 1, automatic: 0, automaticLimit: 200, left: 990 },
  work: null,
  model: null,
  budget: null,
  counters: {},
  source: `bots.d/${name}.yaml:1:1`,
  ...more,
});

export const stoppedBot = (name: string, more: Partial<BotView> = {}): BotView =>
  botNamed(name, {
    desired: 'stopped',
    state: 'stopped',
    reason: 'stopped',
    health: 'unknown',
    healthReasons: ['not running'],
    pid: null,
    startedAt: null,
    readyAt: null,
    cpuRatio: null,
    memoryBytes: null,
    processes: 0,
    gateway: null,
    ...more,
  });

export const failedBot = (name: string, more: Partial<BotView> = {}): BotView =>
  stoppedBot(name, {
    desired: 'running',
    state: 'failed',
    reason: 'Discord refused the token (4004)',
    remedy: `put the new token in place, then: droas start ${name}`,
    health: 'unhealthy',
    healthReasons: ['Discord refused the token (4004)'],
    ...more,
  });

const outcomes = {
  start: 'running',
  stop: 'stopped',
  restart: 'running',
  delete: 'deleted',
  reset: 'circuit closed',
} as const;
type Kind = OperationView['kind'];
type Ending = { readonly outcome: OperationView['outcome']; readonly sentence: string | null };

/**
 * A fleet in memory, for whoever talks to a fleet. Operations end at once unless `hold` keeps them open or `endings`
 * says otherwise; then `finish` ends them.
 */
export class FakeFleet implements Fleet {
  readonly table = new Map<string, BotView>();
  readonly journal: EventView[] = [];
  readonly lines: LogLineView[] = [];
  readonly kills: string[] = [];
  readonly created: { name: string; spec: Readonly<Record<string, unknown>> }[] = [];
  readonly endings = new Map<string, Ending>();
  readonly #operations = new Map<string, OperationView>();
  readonly #bus = new EventEmitter().setMaxListeners(0);
  hold = false;
  shutdowns = 0;
  capacity = 10;
  /** Thrown by the next call that changes something. */
  failure: unknown = null;
  change: Omit<ReloadView, 'dryRun'> = { added: [], removed: [], restarted: [], changed: [], unchanged: [] };
  facts: Partial<InfoView> = {};
  /** `logs` answers after it. */
  logGate: Promise<void> = Promise.resolve();

  constructor(...bots: readonly BotView[]) {
    for (const bot of bots) this.table.set(bot.name, bot);
  }

  info(): InfoView {
    return {
      apiVersion: 'v1',
      version: '0.1.0',
      node: process.version,
      pid: process.pid,
      startedAt: someTime,
      stateDirectory: '/srv/state',
      config: '/srv/droas.yaml',
      capacity: { used: this.table.size, total: this.capacity },
      adopted: 0,
      memoryBytes: 61_000_000,
      problems: [],
      ...this.facts,
    };
  }

  bots(): readonly BotView[] {
    return [...this.table.values()];
  }

  bot(name: string): BotView {
    const bot = this.table.get(name);
    if (bot === undefined)
      throw new DroasError('BOT_NOT_FOUND', `No bot is named '${name}'.`, { remedy: 'See: droas ps' });
    return bot;
  }

  health(name: string): HealthView {
    const { health, healthReasons, state, desired } = this.bot(name);
    return { name, health, reasons: healthReasons, state, desired, checkedAt: someTime };
  }

  async create(name: string, spec: Readonly<Record<string, unknown>>): Promise<OperationView> {
    this.#failIfAsked();
    if (this.table.has(name)) throw new DroasError('BOT_EXISTS', `A bot named '${name}' exists already.`);
    if (this.table.size >= this.capacity) {
      throw new DroasError(
        'CAPACITY_REACHED',
        `The fleet already has ${this.capacity} of at most ${this.capacity} bots.`,
      );
    }
    this.created.push({ name, spec });
    this.table.set(name, stoppedBot(name));
    return this.#accept(name, 'start');
  }

  async remove(name: string): Promise<OperationView> {
    const operation = this.#accept(name, 'delete');
    this.table.delete(name);
    return operation;
  }

  start = async (name: string): Promise<OperationView> => this.#accept(name, 'start');
  stop = async (name: string): Promise<OperationView> => this.#accept(name, 'stop');
  restart = async (name: string): Promise<OperationView> => this.#accept(name, 'restart');
  reset = async (name: string): Promise<OperationView> => this.#accept(name, 'reset');

  kill(name: string, signal: string): void {
    if (this.bot(name).pid === null) throw new DroasError('BOT_NOT_RUNNING', `${name} has no process.`);
    this.kills.push(`${name} ${signal}`);
  }

  operation(id: string): OperationView {
    const operation = this.#operations.get(id);
    if (operation === undefined) throw new DroasError('OPERATION_NOT_FOUND', `No operation has the id ${id}.`);
    return operation;
  }

  async settled(id: string, timeoutMs: number, signal: AbortSignal): Promise<OperationView> {
    const done = Promise.withResolvers<void>();
    const timer = setTimeout(done.resolve, timeoutMs);
    const abort = () => done.reject(signal.reason);
    this.#bus.on(id, done.resolve);
    signal.addEventListener('abort', abort);
    this.#bus.emit('waiting', id);
    try {
      if (this.operation(id).outcome === null) await done.promise;
      return this.operation(id);
    } finally {
      clearTimeout(timer);
      this.#bus.off(id, done.resolve);
      signal.removeEventListener('abort', abort);
      this.#bus.emit('waited', id);
    }
  }

  reload(dryRun: boolean): ReloadView {
    this.#failIfAsked();
    return { dryRun, ...this.change };
  }

  events(query: {
    afterSeq?: number;
    sinceMs?: number;
    bot?: string;
    type?: string;
    limit: number;
  }): readonly EventView[] {
    const { afterSeq, sinceMs, bot, type, limit } = query;
    const matching = this.journal.filter(
      (event) =>
        (afterSeq === undefined || event.seq > afterSeq) &&
        (sinceMs === undefined || Date.parse(event.at) >= sinceMs) &&
        (bot === undefined || event.bot === bot) &&
        (type === undefined || event.type === type),
    );
    return afterSeq === undefined ? matching.slice(-limit) : matching.slice(0, limit);
  }

  onEvent(listener: (event: EventView) => void): () => void {
    this.#bus.on('event', listener);
    return () => this.#bus.off('event', listener);
  }

  async logs(name: string, query: { limit: number; sinceMs?: number }): Promise<readonly LogLineView[]> {
    this.bot(name);
    await this.logGate;
    const { sinceMs = 0, limit } = query;
    return this.lines.filter(({ bot, at }) => bot === name && Date.parse(at) >= sinceMs).slice(-limit);
  }

  onLog(names: readonly string[] | null, listener: (line: LogLineView) => void): () => void {
    const filtered = (line: LogLineView) => {
      if (names === null || names.includes(line.bot)) listener(line);
    };
    this.#bus.on('log', filtered);
    return () => this.#bus.off('log', filtered);
  }

  shutdown(): void {
    this.shutdowns += 1;
    this.#bus.emit('shutdown');
  }

  /** Resolves at the next `settled` of any operation, `shutdown`, or end of a `settled`. */
  next(what: 'waiting' | 'waited' | 'shutdown'): Promise<unknown> {
    return new Promise((resolve) => this.#bus.once(what, resolve));
  }

  get listeners(): number {
    return this.#bus.listenerCount('event') + this.#bus.listenerCount('log');
  }

  finish(id: string, ending: Ending): void {
    this.#operations.set(id, { ...this.operation(id), ...ending, finishedAt: '2026-01-31T12:04:12.100Z' });
    this.#bus.emit(id);
  }

  record(more: Partial<EventView> = {}): EventView {
    const event: EventView = {
      seq: this.journal.length + 1,
      at: someTime,
      bot: 'mod',
      incarnation: 1,
      type: 'bot.exited',
      severity: 'warning',
      sentence: 'exited with code 1',
      detail: {},
      ...more,
    };
    this.journal.push(event);
    this.#bus.emit('event', event);
    return event;
  }

  print(bot: string, text: string, more: Partial<LogLineView> = {}): LogLineView {
    const offset = this.lines.length + 1;
    const line: LogLineView = {
      bot,
      incarnation: 1,
      stream: 'out',
      at: new Date(Date.parse(someTime) + offset).toISOString(),
      approx: false,
      level: null,
      text,
      id: `1.out.${offset}`,
      ...more,
    };
    this.lines.push(line);
    this.#bus.emit('log', line);
    return line;
  }

  #accept(bot: string, kind: Kind): OperationView {
    this.#failIfAsked();
    const { state } = this.bot(bot);
    const open: OperationView = {
      id: `op_${this.#operations.size + 1}`,
      bot,
      kind,
      acceptedAt: someTime,
      finishedAt: null,
      outcome: null,
      changed: !(kind === 'start' && state === 'running') && !(kind === 'stop' && state === 'stopped'),
      sentence: null,
      botState: state,
    };
    this.#operations.set(open.id, open);
    if (!this.hold) this.finish(open.id, this.endings.get(bot) ?? { outcome: 'done', sentence: outcomes[kind] });
    return this.operation(open.id);
  }

  #failIfAsked(): void {
    const failure = this.failure;
    this.failure = null;
    if (failure !== null) throw failure;
  }
}
