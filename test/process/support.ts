import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { createSpawner, inspectMachine, type SpawnerOptions } from '../../src/adapters/process/index.ts';
import { allPids, startedWith } from '../../src/adapters/process/proc.ts';
import { createClock } from '../../src/adapters/system/clock.ts';
import type { Exit } from '../../src/core/restart/verdict.ts';
import type { ChildProcess, ProcessWatcher, Spawner, SpawnOrder } from '../../src/ports/spawner.ts';

export const clock = createClock();
/** Time that runs twenty times faster: slow looks become quick ones. */
export const fastClock: typeof clock = {
  ...clock,
  monotonicMs: () => clock.monotonicMs() * 20,
  setTimer: (atMs, fire) => clock.setTimer(atMs / 20, fire),
};
export const machine = inspectMachine();
/** With the subreaper where this machine offers it, and always without. */
export const machines = [
  { name: 'reaper shim', machine },
  { name: 'plain shim', machine: { ...machine, perl: null } },
];

export const path = process.env['PATH'] ?? '/usr/bin:/bin';

/** Waits for a fact, looking every 5 ms; fails loudly after five seconds. */
export async function until<T>(what: string, fact: () => T | null | undefined | false): Promise<T> {
  const deadline = performance.now() + 5_000;
  for (;;) {
    const value = fact();
    if (value !== null && value !== undefined && value !== false) return value;
    assert.ok(performance.now() < deadline, `waited in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

export function temporaryDirectory(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'droas-process-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

export function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
/** A complete first line, as a number. */
export const readPid = (file: string): number | null => Number(/^(\d+)\n/.exec(read(file))?.[1] ?? 0) || null;

export const isLiving = (pid: number): boolean => {
  const state = read(`/proc/${pid}/stat`).split(') ')[1]?.[0];
  return state !== undefined && state !== 'Z' && state !== 'X';
};

/** A watcher whose calls can be awaited. */
export function observe(): ProcessWatcher & {
  readonly calls: string[];
  readonly end: Promise<{ exit: Exit; treeEmpty: boolean }>;
  readonly empty: Promise<void>;
} {
  const end = Promise.withResolvers<{ exit: Exit; treeEmpty: boolean }>();
  const empty = Promise.withResolvers<void>();
  const calls: string[] = [];
  return {
    calls,
    end: end.promise,
    empty: empty.promise,
    exited(exit, treeEmpty) {
      calls.push(treeEmpty ? 'exited' : 'exited, not empty');
      end.resolve({ exit, treeEmpty });
    },
    treeEmpty() {
      calls.push('empty');
      empty.resolve();
    },
  };
}

/** A state directory with a spawner on it. After the test nothing that it started lives, or the test fails. */
export class Stage {
  readonly state: string;
  readonly spawner: Spawner;
  readonly oddities: string[] = [];
  readonly #options: SpawnerOptions;
  readonly #children: ChildProcess[] = [];
  readonly #spawners: Spawner[] = [];
  #incarnation = 0;

  constructor(t: TestContext, options: Partial<SpawnerOptions> = {}) {
    this.state = temporaryDirectory(t);
    this.#options = { stateDirectory: this.state, clock, onOddity: (text) => this.oddities.push(text), ...options };
    this.spawner = this.successor();
    t.after(() => this.#strike());
  }

  /** Another spawner on the same directory, as after a restart of the supervisor. */
  successor(): Spawner {
    const spawner = createSpawner(this.#options);
    this.#spawners.push(spawner);
    return spawner;
  }

  /** Pid of the shim, as it recorded it. */
  shim(incarnation: number): number {
    return Number(/\d+/.exec(read(this.run(incarnation, 'shim')))?.[0]);
  }

  order(command: readonly [string, ...string[]], extra: Partial<SpawnOrder> = {}): SpawnOrder {
    this.#incarnation += 1;
    return {
      bot: 'music',
      incarnation: this.#incarnation,
      command,
      cwd: this.state,
      env: { PATH: path },
      specHash: '5bec',
      keyHash: 'ce4',
      oomScoreAdj: 300,
      ...extra,
    };
  }

  async spawn(command: readonly [string, ...string[]], extra: Partial<SpawnOrder> = {}) {
    const watcher = observe();
    const child = await this.spawner.spawn(this.order(command, extra), watcher);
    return { watcher, child: this.keep(child) };
  }

  sh(script: string, extra: Partial<SpawnOrder> = {}) {
    return this.spawn(['sh', '-c', script], extra);
  }

  keep(child: ChildProcess): ChildProcess {
    this.#children.push(child);
    return child;
  }

  file(name: string): string {
    return join(this.state, name);
  }

  run(incarnation: number, ...names: string[]): string {
    return join(this.state, 'run', 'music', `${incarnation}`, ...names);
  }

  async #strike(): Promise<void> {
    for (const spawner of this.#spawners) spawner.close();
    for (const child of this.#children) {
      const mark = `DROAS_RUN=${child.intent.run}`;
      const marked = () => allPids().filter((pid) => startedWith(pid, mark) && isLiving(pid));
      child.killTree();
      await child.release();
      await until(`nothing of run ${child.intent.incarnation} lives`, () => marked().length === 0);
    }
  }
}
