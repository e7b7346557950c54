import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { adoption } from '../../src/core/lifecycle/adoption.ts';
import { type Child, newChild } from '../../src/core/lifecycle/state.ts';
import type { Verdict } from '../../src/core/restart/verdict.ts';
import { Executor } from '../../src/runtime/executor.ts';
import { Operations } from '../../src/runtime/operations.ts';
import { Problems } from '../../src/runtime/problems.ts';
import { Recorder } from '../../src/runtime/recorder.ts';
import { restartPolicy } from '../core/policies.ts';
import { MemoryJournal } from '../support/memory-journal.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

const crash: Verdict = { cause: 'crash', sentence: 'exited with code 1', remedy: null, exit: null, closeCode: null };
type Manners = 'obeys' | 'ignores SIGTERM' | 'leaves a child behind';

/**
 * The operating system as far as the executor can see it, and a supervisor that can be killed at any moment. A process is
 * here from its spawn until it dies, whoever supervises; a run directory until its release.
 */
class World {
  readonly clock = new VirtualClock();
  readonly journal = new MemoryJournal();
  readonly processes = new Map<number, { leader: boolean }>();
  readonly directories = new Set<number>();
  manners: Manners = 'obeys';
  /** The supervisor dies after the next durable step, before its effects. */
  dieBeforeEffects = false;
  /** The supervisor dies before the next step is durable. */
  dieBeforeDurable = false;
  spawns = 0;
  spent = 0;
  #dead = false;
  #recorder: Recorder | null = null;
  #executor: Executor;

  constructor() {
    this.#executor = this.#supervise(newChild('stopped'));
  }

  get child(): Child {
    return this.#executor.child;
  }

  post(event: Parameters<Executor['post']>[0]): void {
    this.#executor.post(event);
  }

  wish(type: 'start' | 'stop' | 'restart'): void {
    this.post(type === 'start' ? { type, by: 'person' } : { type });
    this.#endTurn();
  }

  ready(): void {
    const incarnation = this.child.incarnation;
    if (this.processes.get(incarnation)?.leader === true) this.post({ type: 'ready', incarnation });
    this.#endTurn();
  }

  crash(): void {
    const incarnation = this.child.incarnation;
    if (this.processes.get(incarnation)?.leader === true) this.#leaderDies(incarnation);
    this.#endTurn();
  }

  advance(ms: number): void {
    this.clock.advance(ms);
    this.#endTurn();
  }

  /** kill -9 of the supervisor, and the next one. */
  replaceSupervisor(): void {
    this.#executor.close();
    // What was not written yet is lost with it.
    const { full } = this.journal;
    this.journal.full = true;
    this.#recorder?.close();
    this.journal.full = full;
    this.#dead = false;
    this.dieBeforeEffects = false;
    const stored = this.journal.bots()[0]?.child ?? null;
    const plan = adoption(stored, 'running', [...this.directories], this.clock.monotonicMs());
    for (const number of plan.discard) {
      this.processes.delete(number);
      this.directories.delete(number);
    }
    this.#executor = this.#supervise(plan.child);
    const { attach } = plan;
    if (attach === null) {
      if (plan.lost) this.post({ type: 'tree-empty', incarnation: plan.child.incarnation });
    } else if (!this.processes.has(attach)) {
      this.post({ type: 'exited', incarnation: attach, verdict: crash, treeEmpty: true });
    } else if (this.processes.get(attach)?.leader === false) {
      this.post({ type: 'exited', incarnation: attach, verdict: crash, treeEmpty: false });
    }
    this.#executor.rearm();
    const { child } = this;
    if (child.desired === 'running' && child.state.name === 'stopped') this.post({ type: 'start', by: 'boot' });
  }

  check(): void {
    assert.ok(this.processes.size <= 1, `copies at once: ${[...this.processes.keys()]}`);
  }

  #supervise(child: Child): Executor {
    const operations = new Operations(this.clock);
    const recorder = new Recorder(this.journal, this.clock, operations, new Problems(() => {}));
    this.#recorder = recorder;
    const hand = (act: (incarnation: number) => void) => (incarnation: number) => {
      if (this.dieBeforeEffects) this.#dead = true;
      if (!this.#dead) act(incarnation);
    };
    return new Executor('bot', child, {
      clock: this.clock,
      random: { next: () => 0.5 },
      recorder,
      policy: () => restartPolicy,
      circumstances: () => ({ gates: { automatic: null, person: null }, outage: false }),
      presumed: (automatic) => ({ owner: 'owner', atWallMs: 0, automatic }),
      spend: () => {
        this.spent += 1;
      },
      enrich: () => ({}),
      onStep: () => {},
      hands: {
        launch: hand((incarnation) => {
          assert.equal(this.processes.size, 0, 'spawned beside a living copy');
          this.spawns += 1;
          this.processes.set(incarnation, { leader: true });
          this.directories.add(incarnation);
        }),
        askStop: hand((incarnation) => {
          if (this.manners !== 'ignores SIGTERM' && this.processes.get(incarnation)?.leader === true)
            this.#leaderDies(incarnation);
        }),
        killTree: hand((incarnation) => {
          const killed = this.processes.get(incarnation);
          this.processes.delete(incarnation);
          if (killed?.leader === true) this.post({ type: 'exited', incarnation, verdict: crash, treeEmpty: true });
          else if (killed !== undefined) this.post({ type: 'tree-empty', incarnation });
        }),
        release: hand((incarnation) => {
          assert.ok(!this.processes.has(incarnation), 'released although it lives');
          this.directories.delete(incarnation);
        }),
        forget: () => {},
      },
    });
  }

  #leaderDies(incarnation: number): void {
    const treeEmpty = this.manners !== 'leaves a child behind';
    if (treeEmpty) this.processes.delete(incarnation);
    else this.processes.set(incarnation, { leader: false });
    this.post({ type: 'exited', incarnation, verdict: crash, treeEmpty });
  }

  #endTurn(): void {
    if (this.dieBeforeDurable) {
      this.dieBeforeDurable = false;
      this.replaceSupervisor();
    }
    this.clock.advance(0);
    if (!this.#dead) return;
    this.replaceSupervisor();
    this.clock.advance(0);
  }
}

type Command = fc.Command<Record<string, never>, World>;
const command = (name: string, run: (world: World) => void): Command => ({
  check: () => true,
  run: (_model, world) => {
    run(world);
    world.check();
  },
  toString: () => name,
});

const commands = [
  fc.constantFrom('start', 'stop', 'restart').map((type) => command(type, (world) => world.wish(type as 'start'))),
  fc.constant(command('crash', (world) => world.crash())),
  fc.constant(command('ready', (world) => world.ready())),
  fc.constantFrom<Manners>('obeys', 'ignores SIGTERM', 'leaves a child behind').map((manners) =>
    command(`from now on it ${manners}`, (world) => {
      world.manners = manners;
    }),
  ),
  fc.integer({ min: 1, max: 700_000 }).map((ms) => command(`wait ${ms}`, (world) => world.advance(ms))),
  fc.constant(command('kill -9 the supervisor', (world) => world.replaceSupervisor())),
  fc.constant(
    command('the supervisor will die between two durable steps', (world) => {
      world.dieBeforeEffects = true;
    }),
  ),
  fc.constant(
    command('the supervisor will die before its next step is durable', (world) => {
      world.dieBeforeDurable = true;
    }),
  ),
  fc.boolean().map((full) =>
    command(full ? 'the disk is full' : 'the disk has space', (world) => {
      world.journal.full = full;
    }),
  ),
];

const isWaiting = (world: World): boolean => world.child.state.name !== 'suspended';

describe('executor, virtual clock and a supervisor that dies', () => {
  test('never two copies; a stop always ends; a wanted bot always comes back', () => {
    let spawns = 0;
    fc.assert(
      fc.property(fc.commands(commands, { maxCommands: 60 }), (story) => {
        const world = new World();
        fc.modelRun(() => ({ model: {}, real: world }), story);
        world.journal.full = false;
        world.manners = 'obeys';
        world.advance(60_000);
        world.wish('stop');
        world.advance(120_000);
        assert.equal(world.child.state.name, 'stopped');
        assert.equal(world.processes.size, 0, 'a stopped bot has a process');
        world.replaceSupervisor();
        world.advance(7_200_000);
        assert.equal(world.processes.size, 0, 'a bot that a person stopped was started by nobody');
        world.wish('start');
        world.advance(120_000);
        assert.ok(world.spawns > 0 && world.processes.size <= 1);
        spawns += world.spawns;
        world.wish('stop');
        world.advance(120_000);
        assert.equal(world.clock.pending, 0, 'a stopped bot has a timer');
      }),
      { numRuns: 2_000 },
    );
    assert.ok(spawns > 4_000, `the stories were too quiet: ${spawns} spawns`);
  });

  test('restart history survives the supervisor: killed after every step, the circuit still opens at the same attempt', () => {
    const world = new World();
    world.wish('start');
    for (let round = 0; round < 50 && isWaiting(world); round++) {
      world.crash();
      world.replaceSupervisor();
      world.advance(isWaiting(world) ? 10_000 : 0);
    }
    assert.equal(world.child.state.name, 'suspended');
    assert.equal(world.child.restarts, restartPolicy.maxAttempts);
  });

  test('a full disk keeps nobody from stopping a bot, and starts nothing that could not be remembered', () => {
    const world = new World();
    world.wish('start');
    world.journal.full = true;
    world.wish('restart');
    assert.equal(world.processes.size, 0, 'the old incarnation was asked to stop');
    world.advance(30_000);
    assert.equal(world.spawns, 1, 'nothing was started that the journal does not know');
    assert.equal(world.spent, 1, 'what was not started was not spent');
    world.journal.full = false;
    world.advance(2_000);
    assert.equal(world.spawns, 2);
  });

  test('a stop while the start waits for the disk is a stop, also when there is space again', () => {
    const world = new World();
    world.wish('start');
    world.journal.full = true;
    world.wish('restart');
    world.wish('stop');
    assert.equal(world.child.state.name, 'stopped');
    world.journal.full = false;
    world.advance(60_000);
    assert.equal(world.spawns, 1);
    world.replaceSupervisor();
    world.advance(60_000);
    assert.equal(world.spawns, 1);
  });
});
