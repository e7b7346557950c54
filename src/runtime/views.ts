import { describeState, remedyFor } from '../core/lifecycle/describe.ts';
import { attemptsInWindow } from '../core/restart/circuit.ts';
import type { Clock } from '../ports/clock.ts';
import type { JournalEvent } from '../ports/journal.ts';
import type { LogLine } from '../ports/logs.ts';
import type { BotView, EventView, HealthView, LogLineView, OperationView } from '../protocol/api.ts';
import type { Bot } from './bot.ts';
import type { IdentifyLedger } from './identify-ledger.ts';
import type { Operation } from './operations.ts';
import type { Usage } from './sampler.ts';

const hourMs = 3_600_000;
/** RFC 3339; a time beyond what a calendar can say is its end. */
const iso = (wallMs: number): string => new Date(Math.min(wallMs, 8.64e15)).toISOString();

/** What people and programs see of a bot: everything that the supervisor knows, in the words of the interface. */
export function botView(bot: Bot, clock: Clock, ledger: IdentifyLedger, usage: Usage | null): BotView {
  const { spec, child, incarnation } = bot;
  const { state } = child;
  const nowMs = clock.monotonicMs();
  const wall = (ms: number): string => iso(clock.wallMs() - (nowMs - ms));
  const gateway = incarnation?.health.evidence.gateway ?? null;
  const spent = bot.owner === null ? null : ledger.summary(bot.owner, nowMs);
  const nextMs = state.name === 'backoff' ? state.untilMs : state.name === 'suspended' ? state.trialAtMs : null;
  const lastAttempt = child.attempts.at(-1);
  const process = incarnation?.process ?? null;
  return {
    name: bot.name,
    kind: spec.kind,
    program: spec.program.kind === 'assistant' ? 'assistant' : spec.program.command.join(' '),
    desired: child.desired,
    state: state.name,
    reason: describeState(child, spec.restart, nowMs),
    remedy: remedyFor(child, bot.name, spec.restart, nowMs),
    ...healthOf(bot),
    incarnation: child.incarnation,
    trial: 'trial' in state ? state.trial : 0,
    pid: process?.pid ?? null,
    startedAt: process === null ? null : wall(process.intent.spawnedAtMs),
    readyAt: state.name === 'running' ? wall(state.sinceMs) : null,
    nextStartAt: nextMs === null ? null : wall(nextMs),
    restarts: {
      total: child.restarts,
      lastHour: attemptsInWindow(child.attempts, nowMs, hourMs).length,
      attemptsInWindow: attemptsInWindow(child.attempts, nowMs, spec.restart.windowMs).length,
      maxAttempts: spec.restart.maxAttempts,
      lastAt: lastAttempt === undefined ? null : wall(lastAttempt),
    },
    lastExit:
      child.lastVerdict === null
        ? null
        : {
            at: bot.lastExitWallMs === null ? null : iso(bot.lastExitWallMs),
            sentence: child.lastVerdict.sentence,
            closeCode: child.lastVerdict.closeCode,
          },
    cpuRatio: process === null ? null : (usage?.cpuRatio ?? null),
    memoryBytes: bot.memoryBytes,
    processes: process === null ? 0 : (usage?.processes ?? 0),
    gateway:
      gateway === null
        ? null
        : {
            mode: 'direct',
            state: gateway.state,
            latencySeconds: gateway.latencyMs === null ? null : gateway.latencyMs / 1000,
            guilds: gateway.guilds,
            closeCode: gateway.closeCode,
          },
    identifies: spent,
    ...workOf(bot),
    source: spec.source,
  };
}

const dayMs = 86_400_000;

/** What the bot counts by itself, as its last heartbeat said. */
function workOf({ incarnation, spec }: Bot): Pick<BotView, 'work' | 'model' | 'budget' | 'counters'> {
  if (incarnation === null) return { work: null, model: null, budget: null, counters: {} };
  const { work, model, spent, others } = incarnation.health.counters;
  const at = (wallMs: number | null) => (wallMs === null ? null : iso(wallMs));
  return {
    work: work && {
      done: work.done,
      failed: work.failed,
      p50Seconds: work.p50Ms === null ? null : work.p50Ms / 1000,
    },
    model: model && {
      reachable: model.reachable,
      refusal: model.refusal,
      answeredAt: at(model.answeredAtMs),
      failedAt: at(model.failedAtMs),
    },
    budget:
      spent === null || spec.program.kind !== 'assistant'
        ? null
        : {
            requests: spent.requests,
            requestsLimit: spec.program.llm.budget.requestsPerDay,
            tokens: spent.tokens,
            tokensLimit: spec.program.llm.budget.tokensPerDay,
            resetsAt: iso((spent.day + 1) * dayMs),
          },
    counters: others,
  };
}

export function healthView(bot: Bot, clock: Clock): HealthView {
  const { health, healthReasons: reasons } = healthOf(bot);
  const { child } = bot;
  return {
    name: bot.name,
    health,
    reasons,
    state: child.state.name,
    desired: child.desired,
    checkedAt: iso(clock.wallMs()),
  };
}

/** Health is a judgement about a process that should serve: without one, the lifecycle has the word. */
function healthOf({ child, incarnation, spec }: Bot): Pick<BotView, 'health' | 'healthReasons'> {
  const { name } = child.state;
  if (name === 'running' && incarnation !== null) {
    const { health, reasons } = incarnation.health.assessment;
    return { health, healthReasons: [...reasons] };
  }
  if (name === 'backoff' || name === 'suspended' || name === 'failed') {
    return { health: 'unhealthy', healthReasons: [child.lastVerdict?.sentence ?? `${name}: not serving`] };
  }
  return { health: 'unknown', healthReasons: [name === 'starting' ? `not ready yet (${spec.ready.kind})` : name] };
}

export const eventView = ({ atWallMs, ...event }: JournalEvent): EventView => ({ ...event, at: iso(atWallMs) });

export const logLineView = (line: LogLine): LogLineView => ({
  bot: line.bot,
  incarnation: line.incarnation,
  stream: line.stream,
  at: iso(line.atWallMs),
  approx: line.approx,
  level: line.level,
  text: line.text,
  id: `${line.incarnation}.${line.stream}.${line.offset}`,
});

export const operationView = (operation: Operation, botState: OperationView['botState']): OperationView => ({
  id: operation.id,
  bot: operation.bot,
  kind: operation.kind,
  acceptedAt: iso(operation.acceptedAtWallMs),
  finishedAt: operation.finishedAtWallMs === null ? null : iso(operation.finishedAtWallMs),
  outcome: operation.outcome,
  changed: operation.changed,
  sentence: operation.sentence,
  botState,
});
