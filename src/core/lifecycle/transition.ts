/**
 * The life of one child, decided: `transition(child, event, policy) → [child, effects]`. It starts nothing, waits for
 * nothing and reads no clock; the executor runs the effects and turns each outcome into the next event.
 *
 * The table has a cell for every state and event; the compiler counts them. `docs/lifecycle.md` shows it in prose.
 * Two guards stand before it: an event of another incarnation is recorded and ignored, and a timer that fires early (or
 * after its state was left and entered again) is ignored, since `timerOf` knows the moment.
 */
import type { RestartPolicy } from '../restart/policy.ts';
import type { Verdict } from '../restart/verdict.ts';
import { afterEnd, restarted } from './after-end.ts';
import { beginWhenAllowed, forgiven, record, type Step, settleStopped, startByPerson, stay } from './begin.ts';
import type { EventName, LifecycleEvent, TimerName } from './event.ts';
import { becomeStable, closeByPerson, condemn, countHealth, exited, kill, over, stop } from './moves.ts';
import type { Child, LifecycleState, Running, Starting, StateName } from './state.ts';
import { liveIncarnation } from './state.ts';
import { timerOf } from './timers.ts';

type StateOf<S extends StateName> = Extract<LifecycleState, { name: S }>;
type EventOf<E extends EventName> = Extract<LifecycleEvent, { type: E }>;
type Cell<S extends StateName, E extends EventName> = (
  c: Child,
  s: StateOf<S>,
  e: EventOf<E>,
  p: RestartPolicy,
) => Step;
type Table = { readonly [S in StateName]: { readonly [E in EventName]: Cell<S, E> } };

const wish = (child: Child, desired: Child['desired']): Child => ({ ...child, desired });
const ignore = (child: Child): Step => stay(child);
const stopByPerson = (c: Child, s: Starting | Running, e: LifecycleEvent, p: RestartPolicy, why: string): Step =>
  stop(c, s, e.at, p.graceMs, null, why);

const notReady = (state: Starting, outage: boolean): Verdict => ({
  cause: outage ? 'outage' : 'hung',
  sentence: `not ready within ${Math.round((state.deadlineMs - state.sinceMs) / 1000)} s of its start${outage ? ', while Discord was out of reach for the fleet' : ''}`,
  remedy: null,
  exit: null,
  closeCode: null,
});

const vanished: Verdict = {
  cause: 'crash',
  sentence: 'every process is gone and nobody recorded how',
  remedy: null,
  exit: { kind: 'unknown' },
  closeCode: null,
};

function restartByPerson(c: Child, s: Starting | Running, e: LifecycleEvent, p: RestartPolicy): Step {
  const [forgivenChild, closed] = closeByPerson(wish(c, 'running'), s);
  const [next, effects] = stopByPerson(forgivenChild, { ...s, trial: 0 }, e, p, 'asked to restart');
  return [next, [...closed, ...effects]];
}

/** States without a process that wait for nothing or for a timer share how they take a person's wishes. */
const idle = {
  stop: (c: Child): Step => settleStopped(wish(c, 'stopped'), c.incarnation),
  delete: (c: Child): Step => settleStopped(wish(c, 'absent'), c.incarnation),
  drain: (c: Child): Step => stay({ ...c, draining: true }),
  'spawn-failed': ignore,
  ready: ignore,
  exited: ignore,
  'tree-empty': ignore,
  condemned: ignore,
  health: ignore,
};

const table = {
  stopped: {
    ...idle,
    start: (c, _s, e, p) =>
      e.by === 'person'
        ? startByPerson(c, e.at, p, 0)
        : beginWhenAllowed(wish(c, 'running'), e.at, p, { trial: 0, attempt: 0, automatic: true }),
    restart: (c, _s, e, p) => startByPerson(c, e.at, p, 0),
    stop: (c) => stay(wish(c, 'stopped')),
    reset: (c) => stay(forgiven(c)),
    timer: ignore,
  },
  backoff: {
    ...idle,
    start: (c, s, e, p) => (e.by === 'person' ? startByPerson(c, e.at, p, s.trial) : stay(wish(c, 'running'))),
    restart: (c, s, e, p) => startByPerson(c, e.at, p, s.trial),
    reset: (c, s, e, p) => startByPerson(c, e.at, p, s.trial),
    timer: (c, s, e, p) => beginWhenAllowed(c, e.at, p, { trial: s.trial, attempt: s.attempt, automatic: s.automatic }),
  },
  suspended: {
    ...idle,
    start: (c, s, e, p) => (e.by === 'person' ? startByPerson(c, e.at, p, s.trial) : stay(wish(c, 'running'))),
    restart: (c, s, e, p) => startByPerson(c, e.at, p, s.trial),
    reset: (c, s, e, p) => startByPerson(c, e.at, p, s.trial),
    timer: (c, s, e, p) =>
      beginWhenAllowed(restarted(c, e.at, p), e.at, p, { trial: s.trial, attempt: 0, automatic: true }),
  },
  failed: {
    ...idle,
    start: (c, _s, e, p) => (e.by === 'person' ? startByPerson(c, e.at, p, 0) : stay(wish(c, 'running'))),
    restart: (c, _s, e, p) => startByPerson(c, e.at, p, 0),
    reset: (c) => stay(forgiven(c)),
    timer: ignore,
  },
  starting: {
    start: (c) => stay(wish(c, 'running')),
    stop: (c, s, e, p) => stopByPerson(wish(c, 'stopped'), s, e, p, 'asked to stop'),
    restart: (c, s, e, p) => restartByPerson(c, s, e, p),
    delete: (c, s, e, p) => stopByPerson(wish(c, 'absent'), s, e, p, 'deleted'),
    reset: (c, s) => closeByPerson(c, s),
    drain: (c, s, e, p) => stopByPerson({ ...c, draining: true }, s, e, p, 'the supervisor is going away'),
    'spawn-failed': (c, s, e, p) => {
      const [next, effects] = afterEnd({ ...c, lastVerdict: e.verdict }, s.incarnation, s.trial, e.at, p, e.verdict);
      return [next, [record({ type: 'bot.exited', incarnation: s.incarnation, verdict: e.verdict }), ...effects]];
    },
    ready: (c, s, e) => [
      {
        ...c,
        state: {
          name: 'running',
          incarnation: s.incarnation,
          trial: s.trial,
          sinceMs: e.at.ms,
          stability: { collectedMs: 0, countingSinceMs: null, reached: false },
        },
      },
      [record({ type: 'bot.ready', incarnation: s.incarnation, tookMs: e.at.ms - s.sinceMs })],
    ],
    exited: (c, s, e, p) => exited(c, s, e.at, p, e.verdict, e.treeEmpty),
    'tree-empty': (c, s, e, p) => exited(c, s, e.at, p, vanished, true),
    condemned: (c, s, e, p) => condemn(c, s, e.at, p, e.verdict),
    health: ignore,
    timer: (c, s, e, p) => condemn(c, s, e.at, p, notReady(s, e.at.outage)),
  },
  running: {
    start: (c) => stay(wish(c, 'running')),
    stop: (c, s, e, p) => stopByPerson(wish(c, 'stopped'), s, e, p, 'asked to stop'),
    restart: (c, s, e, p) => restartByPerson(c, s, e, p),
    delete: (c, s, e, p) => stopByPerson(wish(c, 'absent'), s, e, p, 'deleted'),
    reset: (c, s) => closeByPerson(c, s),
    drain: (c, s, e, p) => stopByPerson({ ...c, draining: true }, s, e, p, 'the supervisor is going away'),
    'spawn-failed': ignore,
    ready: ignore,
    exited: (c, s, e, p) => exited(c, s, e.at, p, e.verdict, e.treeEmpty),
    'tree-empty': (c, s, e, p) => exited(c, s, e.at, p, vanished, true),
    condemned: (c, s, e, p) => condemn(c, s, e.at, p, e.verdict),
    health: (c, s, e) => countHealth(c, s, e.at, e.stability),
    timer: (c, s, e) => becomeStable(c, s, e.at),
  },
  stopping: {
    start: (c, s, e) =>
      e.by === 'person' ? closeByPerson(wish(c, 'running'), { ...s, verdict: null }) : stay(wish(c, 'running')),
    stop: (c) => stay(wish(c, 'stopped')),
    restart: (c, s) => closeByPerson(wish(c, 'running'), { ...s, verdict: null }),
    delete: (c) => stay(wish(c, 'absent')),
    reset: (c, s) => closeByPerson(c, s),
    drain: (c) => stay({ ...c, draining: true }),
    'spawn-failed': (c, s, e, p) => afterEnd(c, s.incarnation, s.trial, e.at, p, s.verdict === null ? null : e.verdict),
    ready: ignore,
    exited: (c, s, e, p) => {
      const verdict = s.verdict === null ? null : { ...s.verdict, exit: e.verdict.exit };
      const known: Child = verdict === null ? c : { ...c, lastVerdict: verdict };
      const fact = record({ type: 'bot.exited', incarnation: s.incarnation, verdict: verdict ?? e.verdict });
      if (!e.treeEmpty) {
        return [{ ...known, state: { ...s, verdict } }, [fact, { type: 'ask-stop', incarnation: s.incarnation }]];
      }
      const [next, effects] = over(known, s, e.at, p, verdict);
      return [next, [fact, ...effects]];
    },
    'tree-empty': (c, s, e, p) => over(c, s, e.at, p, s.verdict),
    condemned: ignore,
    health: ignore,
    timer: (c, s, e) => kill(c, s, e.at),
  },
} as const satisfies Table;

export function transition(child: Child, event: LifecycleEvent, policy: RestartPolicy): Step {
  if ('incarnation' in event && event.incarnation !== liveIncarnation(child.state)) {
    return [child, [record({ type: 'event.ignored', incarnation: event.incarnation, event: event.type })]];
  }
  if (event.type === 'timer' && !isDue(child, event.timer, event.at.ms, policy)) return stay(child);
  const wantsToRun = event.type === 'start' || event.type === 'restart' || event.type === 'reset';
  if (child.draining && wantsToRun) return stay(child);
  if (child.desired === 'absent' && (event.type === 'start' || event.type === 'stop' || event.type === 'restart'))
    return stay(child);
  const cell = (table as Table)[child.state.name][event.type] as (
    c: Child,
    s: LifecycleState,
    e: LifecycleEvent,
    p: RestartPolicy,
  ) => Step;
  return cell(child, child.state, event, policy);
}

function isDue(child: Child, name: TimerName, nowMs: number, policy: RestartPolicy): boolean {
  const due = timerOf(child, policy);
  return due !== null && due.name === name && nowMs >= due.atMs;
}
