import type { FleetSpec } from '../core/config/spec.ts';
import { DroasError } from '../core/errors.ts';
import { capacityFor, capacityUsed } from '../core/fleet/capacity.ts';
import { type Child, newChild } from '../core/lifecycle/state.ts';
import type { Clock } from '../ports/clock.ts';
import type { ConfigStore } from '../ports/config-store.ts';
import type { EventQuery, Journal, OperationKind } from '../ports/journal.ts';
import type { LogSpool } from '../ports/logs.ts';
import type {
  BotView,
  EventView,
  HealthView,
  InfoView,
  LogLineView,
  OperationView,
  ReloadView,
} from '../protocol/api.ts';
import type { Bot } from './bot.ts';
import type { Happening } from './executor.ts';
import type { Fleet } from './fleet.ts';
import type { IdentifyLedger } from './identify-ledger.ts';
import type { Operation, Operations } from './operations.ts';
import type { Problems } from './problems.ts';
import type { Recorder } from './recorder.ts';
import { applyFleet } from './reload.ts';
import type { Roster } from './roster.ts';
import type { Sampler } from './sampler.ts';
import { botView, eventView, healthView, logLineView, operationView } from './views.ts';
import { within } from './within.ts';

const lastLinesMs = 1_000;

export type SupervisorParts = {
  readonly clock: Clock;
  readonly journal: Journal;
  readonly logs: LogSpool;
  readonly config: ConfigStore;
  readonly roster: Roster;
  readonly recorder: Recorder;
  readonly operations: Operations;
  readonly ledger: IdentifyLedger;
  readonly sampler: Sampler;
  readonly problems: Problems;
  readonly identity: Pick<InfoView, 'version' | 'node' | 'pid' | 'startedAt' | 'stateDirectory' | 'adopted'>;
  /** Ends the daemon: drain, then exit. */
  readonly onShutdown: () => void;
};

/** The fleet as people and programs command it: validates, makes the wish durable, answers with views. */
export class Supervisor implements Fleet {
  readonly #parts: SupervisorParts;
  #fleet: FleetSpec;
  #draining = false;

  constructor(fleet: FleetSpec, parts: SupervisorParts) {
    this.#fleet = fleet;
    this.#parts = parts;
  }

  info(): InfoView {
    const { identity, config, roster, problems } = this.#parts;
    const used = capacityUsed([...roster].map((bot) => bot.spec));
    return {
      apiVersion: 'v1',
      ...identity,
      config: config.path,
      capacity: { used, total: this.#fleet.capacity },
      memoryBytes: process.memoryUsage.rss(),
      problems: [...problems.sentences],
    };
  }

  bots(): readonly BotView[] {
    return [...this.#parts.roster].map((bot) => this.#view(bot)).sort((a, b) => a.name.localeCompare(b.name));
  }

  bot(name: string): BotView {
    return this.#view(this.#parts.roster.get(name));
  }

  health(name: string): HealthView {
    return healthView(this.#parts.roster.get(name), this.#parts.clock);
  }

  async create(name: string, document: Readonly<Record<string, unknown>>): Promise<OperationView> {
    this.#refuseWhileDraining();
    const { roster, config, recorder } = this.#parts;
    if (roster.find(name) !== null) {
      throw new DroasError('BOT_EXISTS', `there is a bot "${name}" already`, {
        remedy: `choose another name, or: droas rm ${name}`,
      });
    }
    const spec = config.validate(name, document);
    const specs = [...roster].map((bot) => bot.spec);
    const full = capacityFor(spec, specs, this.#fleet.capacity);
    if (full !== null) throw new DroasError('CAPACITY_REACHED', full.sentence, { remedy: full.remedy });
    config.write(name, document);
    this.#fleet = { ...this.#fleet, bots: [...this.#fleet.bots, spec] };
    const bot = roster.enter(spec, newChild('stopped'));
    recorder.event({
      bot: name,
      incarnation: null,
      type: 'bot.created',
      severity: 'info',
      sentence: `created (${spec.source})`,
      detail: {},
    });
    return spec.autostart ? this.#wish(bot, 'start') : this.#wish(bot, 'stop');
  }

  async remove(name: string): Promise<OperationView> {
    const { roster, config } = this.#parts;
    const bot = roster.get(name);
    if (bot.child.desired !== 'absent') config.remove(name);
    this.#fleet = { ...this.#fleet, bots: this.#fleet.bots.filter((spec) => spec.name !== name) };
    return this.#wish(bot, 'delete');
  }

  async start(name: string): Promise<OperationView> {
    return this.#wish(this.#startable(name), 'start');
  }

  async stop(name: string): Promise<OperationView> {
    return this.#wish(this.#trusted(name), 'stop');
  }

  async restart(name: string): Promise<OperationView> {
    return this.#wish(this.#startable(name), 'restart');
  }

  async reset(name: string): Promise<OperationView> {
    return this.#wish(this.#startable(name), 'reset');
  }

  kill(name: string, signal: string): void {
    const bot = this.#parts.roster.get(name);
    if (bot.incarnation?.process?.signal(signal as NodeJS.Signals) !== true) {
      throw new DroasError(
        'BOT_NOT_RUNNING',
        `${name} has no process to send ${signal} to: it is ${bot.child.state.name}`,
      );
    }
    const { recorder } = this.#parts;
    const sentence = `${signal} was sent on request`;
    recorder.event({
      bot: name,
      incarnation: bot.child.incarnation,
      type: 'bot.signalled',
      severity: 'info',
      sentence,
      detail: { signal },
    });
  }

  operation(id: string): OperationView {
    return this.#operationView(this.#find(id));
  }

  async settled(id: string, timeoutMs: number, signal: AbortSignal): Promise<OperationView> {
    const { operations } = this.#parts;
    return this.#operationView(operations.knows(id) ? await operations.settled(id, timeoutMs, signal) : this.#find(id));
  }

  reload(dryRun: boolean): ReloadView {
    this.#refuseWhileDraining();
    const { config, roster, recorder } = this.#parts;
    const next = config.load();
    const diff = applyFleet(roster, this.#fleet, next, dryRun);
    if (!dryRun) {
      this.#fleet = next;
      const sentence = `configuration reloaded: ${diff.added.length} added, ${diff.removed.length} removed, ${diff.restarted.length} restarted, ${diff.changed.length} changed`;
      recorder.event({
        bot: null,
        incarnation: null,
        type: 'config.reloaded',
        severity: 'info',
        sentence,
        detail: { ...diff },
      });
    }
    return {
      dryRun,
      added: [...diff.added],
      removed: [...diff.removed],
      restarted: [...diff.restarted],
      changed: [...diff.changed],
      unchanged: [...diff.unchanged],
    };
  }

  events(query: {
    afterSeq?: number;
    sinceMs?: number;
    bot?: string;
    type?: string;
    limit: number;
  }): readonly EventView[] {
    const { sinceMs, ...rest } = query;
    const asked: EventQuery = sinceMs === undefined ? rest : { ...rest, sinceWallMs: sinceMs };
    return this.#parts.journal.events(asked).map(eventView);
  }

  onEvent(listener: (event: EventView) => void): () => void {
    return this.#parts.recorder.onEvent((event) => listener(eventView(event)));
  }

  async logs(name: string, query: { limit: number; sinceMs?: number }): Promise<readonly LogLineView[]> {
    const { logs, roster, clock } = this.#parts;
    // Of a bot that has just ended the last lines may still be on their way from its spool.
    await within(clock, lastLinesMs, roster.get(name).released());
    const { limit, sinceMs } = query;
    const lines = await logs.read(name, sinceMs === undefined ? { limit } : { limit, sinceWallMs: sinceMs });
    return lines.map(logLineView);
  }

  onLog(names: readonly string[] | null, listener: (line: LogLineView) => void): () => void {
    return this.#parts.logs.subscribe(names === null ? null : new Set(names), (line) => listener(logLineView(line)));
  }

  shutdown(): void {
    this.#draining = true;
    this.#parts.onShutdown();
  }

  #view(bot: Bot): BotView {
    const { clock, ledger, sampler } = this.#parts;
    return botView(bot, clock, ledger, sampler.usage(bot.name));
  }

  /** Also one that an earlier supervisor accepted. @throws OPERATION_NOT_FOUND */
  #find(id: string): Operation {
    const { operations, journal } = this.#parts;
    const stored = operations.knows(id) ? null : journal.operation(id);
    return stored === null ? operations.get(id) : { ...stored, changed: true };
  }

  #operationView(operation: Operation): OperationView {
    return operationView(operation, this.#parts.roster.find(operation.bot)?.child.state.name ?? 'stopped');
  }

  #trusted(name: string): Bot {
    const bot = this.#parts.roster.get(name);
    if (bot.blocked === null) return bot;
    throw new DroasError('RUN_DIRECTORY_UNTRUSTED', `${name}: ${bot.blocked}`, remedyOf(bot.child));
  }

  #startable(name: string): Bot {
    this.#refuseWhileDraining();
    const bot = this.#trusted(name);
    if (bot.child.desired !== 'absent') return bot;
    throw new DroasError('BOT_BEING_DELETED', `${name} is being deleted`, {
      remedy: `wait until it is gone, then: droas add ${name}`,
    });
  }

  #refuseWhileDraining(): void {
    if (this.#draining)
      throw new DroasError('SHUTTING_DOWN', 'the supervisor is stopping its bots and will end; nothing new is started');
  }

  /** Resolves when the wish is durable. */
  async #wish(bot: Bot, kind: OperationKind): Promise<OperationView> {
    const { operations, recorder, roster } = this.#parts;
    if (bot.executor.isBusy) roster.catchUp();
    const operation = operations.accept(bot.name, kind, bot.child, wouldChange(bot.child, kind));
    bot.post(happeningOf(kind));
    await recorder.written();
    return this.#operationView(operations.get(operation.id));
  }
}

const remedyOf = ({ lastVerdict }: Child) => (lastVerdict?.remedy ? { remedy: lastVerdict.remedy } : {});

const happeningOf = (kind: OperationKind): Happening =>
  kind === 'start' ? { type: 'start', by: 'person' } : { type: kind };

/** Whether a wish asks for anything that is not so already. */
function wouldChange(child: Child, kind: OperationKind): boolean {
  const { name } = child.state;
  if (kind === 'start') return child.desired !== 'running' || (name !== 'running' && name !== 'starting');
  if (kind === 'stop') return child.desired !== 'stopped' || name !== 'stopped';
  if (kind === 'delete') return child.desired !== 'absent';
  return true;
}
