import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { EventName } from '../../../src/core/lifecycle/event.ts';
import type { StateName } from '../../../src/core/lifecycle/state.ts';
import { timerOf } from '../../../src/core/lifecycle/timers.ts';
import { at, type Body, child, nowMs, policy, states, step, verdict, words } from './fixtures.ts';

/** The event in its plainest form, for the incarnation that the state (if any) holds. */
const events: { readonly [E in EventName]: Extract<Body, { type: E }> } = {
  start: { type: 'start', by: 'person' },
  stop: { type: 'stop' },
  restart: { type: 'restart' },
  delete: { type: 'delete' },
  reset: { type: 'reset' },
  drain: { type: 'drain' },
  'spawn-failed': { type: 'spawn-failed', incarnation: 3, verdict: verdict('crash') },
  ready: { type: 'ready', incarnation: 3 },
  exited: { type: 'exited', incarnation: 3, verdict: verdict('crash'), treeEmpty: true },
  'tree-empty': { type: 'tree-empty', incarnation: 3 },
  condemned: { type: 'condemned', incarnation: 3, verdict: verdict('hung') },
  health: { type: 'health', incarnation: 3, stability: 'pauses' },
  timer: { type: 'timer', timer: 'backoff' },
};

const begins = ['record bot.starting', 'spawn'];
const closesAndBegins = ['record circuit.closed', ...begins];
const asksToStop = ['record bot.stopping', 'ask-stop'];
const gone = ['record bot.deleted', 'forget'];
const crashed = ['record bot.exited', 'release', 'record bot.restart-scheduled'];
const stale = ['record event.ignored'];

type Row = readonly [next: StateName, ...effects: string[]];
/** What each state does with each event; `timer` means its own timer, at the moment it is due. */
const table: { readonly [S in StateName]: { readonly [E in EventName]: Row } } = {
  stopped: {
    start: ['starting', ...begins],
    stop: ['stopped'],
    restart: ['starting', ...begins],
    delete: ['stopped', ...gone],
    reset: ['stopped'],
    drain: ['stopped'],
    'spawn-failed': ['stopped', ...stale],
    ready: ['stopped', ...stale],
    exited: ['stopped', ...stale],
    'tree-empty': ['stopped', ...stale],
    condemned: ['stopped', ...stale],
    health: ['stopped', ...stale],
    timer: ['stopped'],
  },
  starting: {
    start: ['starting'],
    stop: ['stopping', ...asksToStop],
    restart: ['stopping', ...asksToStop],
    delete: ['stopping', ...asksToStop],
    reset: ['starting'],
    drain: ['stopping', ...asksToStop],
    'spawn-failed': ['backoff', 'record bot.exited', 'record bot.restart-scheduled'],
    ready: ['running', 'record bot.ready'],
    exited: ['backoff', ...crashed],
    'tree-empty': ['backoff', ...crashed],
    condemned: ['stopping', ...asksToStop],
    health: ['starting'],
    timer: ['stopping', ...asksToStop],
  },
  running: {
    start: ['running'],
    stop: ['stopping', ...asksToStop],
    restart: ['stopping', ...asksToStop],
    delete: ['stopping', ...asksToStop],
    reset: ['running'],
    drain: ['stopping', ...asksToStop],
    'spawn-failed': ['running'],
    ready: ['running'],
    exited: ['backoff', ...crashed],
    'tree-empty': ['backoff', ...crashed],
    condemned: ['stopping', ...asksToStop],
    health: ['running'],
    timer: ['running', 'record bot.stable'],
  },
  stopping: {
    start: ['stopping'],
    stop: ['stopping'],
    restart: ['stopping'],
    delete: ['stopping'],
    reset: ['stopping'],
    drain: ['stopping'],
    'spawn-failed': ['starting', ...begins],
    ready: ['stopping'],
    exited: ['starting', 'record bot.exited', 'release', ...begins],
    'tree-empty': ['starting', 'release', ...begins],
    condemned: ['stopping'],
    health: ['stopping'],
    timer: ['stopping', 'record bot.killed', 'kill-tree'],
  },
  backoff: {
    start: ['starting', ...begins],
    stop: ['stopped', 'record bot.stopped'],
    restart: ['starting', ...begins],
    delete: ['stopped', ...gone],
    reset: ['starting', ...begins],
    drain: ['backoff'],
    'spawn-failed': ['backoff', ...stale],
    ready: ['backoff', ...stale],
    exited: ['backoff', ...stale],
    'tree-empty': ['backoff', ...stale],
    condemned: ['backoff', ...stale],
    health: ['backoff', ...stale],
    timer: ['starting', ...begins],
  },
  suspended: {
    start: ['starting', ...closesAndBegins],
    stop: ['stopped', 'record bot.stopped'],
    restart: ['starting', ...closesAndBegins],
    delete: ['stopped', ...gone],
    reset: ['starting', ...closesAndBegins],
    drain: ['suspended'],
    'spawn-failed': ['suspended', ...stale],
    ready: ['suspended', ...stale],
    exited: ['suspended', ...stale],
    'tree-empty': ['suspended', ...stale],
    condemned: ['suspended', ...stale],
    health: ['suspended', ...stale],
    timer: ['starting', ...begins],
  },
  failed: {
    start: ['starting', ...begins],
    stop: ['stopped', 'record bot.stopped'],
    restart: ['starting', ...begins],
    delete: ['stopped', ...gone],
    reset: ['failed'],
    drain: ['failed'],
    'spawn-failed': ['failed', ...stale],
    ready: ['failed', ...stale],
    exited: ['failed', ...stale],
    'tree-empty': ['failed', ...stale],
    condemned: ['failed', ...stale],
    health: ['failed', ...stale],
    timer: ['failed'],
  },
};

describe('every cell of the lifecycle', () => {
  for (const [state, row] of Object.entries(table) as [StateName, (typeof table)[StateName]][]) {
    for (const [event, [next, ...effects]] of Object.entries(row) as [EventName, Row][]) {
      test(`${state} × ${event} → ${next}`, () => {
        const before = child(states[state]);
        const due = timerOf(before, policy);
        const ownTimer = event === 'timer' && due !== null;
        const body: Body = ownTimer ? { type: 'timer', timer: due.name } : events[event];
        const after = step(before, body, at(ownTimer ? due.atMs : nowMs));
        assert.equal(after.child.state.name, next);
        assert.deepEqual(words(after.effects), effects);
      });
    }
  }

  for (const state of ['starting', 'running', 'stopping', 'backoff', 'suspended'] as const) {
    test(`${state} ignores its own timer a millisecond early, and a timer of another state`, () => {
      const before = child(states[state]);
      const due = timerOf(before, policy);
      assert.ok(due);
      assert.equal(step(before, { type: 'timer', timer: due.name }, at(due.atMs - 1)).child, before);
      const foreign = due.name === 'kill' ? 'trial' : 'kill';
      assert.equal(step(before, { type: 'timer', timer: foreign }, at(due.atMs + 1e9)).child, before);
    });

    test(`${state} records and ignores an event of an older incarnation`, () => {
      const before = child(states[state]);
      const { child: after, effects } = step(before, {
        type: 'exited',
        incarnation: 2,
        verdict: verdict('crash'),
        treeEmpty: true,
      });
      assert.equal(after, before);
      assert.deepEqual(effects, [{ type: 'record', fact: { type: 'event.ignored', incarnation: 2, event: 'exited' } }]);
    });
  }

  for (const state of Object.keys(states) as StateName[]) {
    test(`a ${state} bot that is being deleted cannot be started, stopped or restarted`, () => {
      const before = child(states[state], { desired: 'absent' });
      for (const type of ['start', 'stop', 'restart'] as const) {
        assert.equal(step(before, events[type]).child, before);
      }
    });
  }
});
