import type { Exit } from '../../core/restart/verdict.ts';
import type { Clock, Timer } from '../../ports/clock.ts';
import type { ChildProcess, Intent, ProcessWatcher } from '../../ports/spawner.ts';
import { killTree, send } from './kill.ts';
import { notice } from './notice.ts';
import { exists, findAlive, type ProcessId, startedWith } from './proc.ts';
import type { Pulse } from './pulse.ts';
import type { PidRecord, Shim } from './records.ts';
import type { RunDirectory } from './run-directory.ts';
import { ProcessTree } from './tree.ts';

/** What all incarnations of one spawner share. */
export type Surroundings = {
  readonly clock: Clock;
  readonly pulse: Pulse;
  readonly bootId: string;
  /** Told what is not as we left it, in a sentence for people. */
  readonly onOddity: (sentence: string) => void;
};

/** Pause between two looks whether the tree is empty, after the main process ended. */
const firstPauseMs = 10;
const longestPauseMs = 500;

/** A full look every thirty seconds: it also finds a dead shim, an unreaped bot, a pid that is in use again. */
const pulsesPerFullLook = 120;

const unknown: Exit = { kind: 'unknown' };
const notStarted: Exit = { kind: 'not-started' };

/**
 * One incarnation, watched through its run directory. Whether we spawned it or found it makes no difference, because
 * nothing here depends on being its parent.
 *
 * `watched`: the main process lives, as far as is known; inotify tells of the exit record, and a slow pulse looks whether
 * inotify failed or the shim was killed. `emptying`: it ended and left descendants; looked after at growing intervals.
 * `over`: nothing lives, and the watcher was told. `left`: released or abandoned, nobody is told any more.
 */
export class Incarnation implements ChildProcess {
  readonly intent: Intent;
  readonly spools: { readonly out: string; readonly err: string };
  readonly #directory: RunDirectory;
  readonly #watcher: ProcessWatcher;
  readonly #around: Surroundings;
  #phase: 'watched' | 'emptying' | 'over' | 'left' = 'watched';
  #record: PidRecord | null = null;
  #shim: Shim | null = null;
  #main: ProcessId | null = null;
  #tree: ProcessTree;
  #pulses = 0;
  #endings: (() => void)[] = [];
  #timer: Timer | null = null;
  readonly #reported = new Set<string>();

  constructor(directory: RunDirectory, intent: Intent, watcher: ProcessWatcher, around: Surroundings) {
    this.intent = intent;
    this.spools = directory.spools;
    this.#directory = directory;
    this.#watcher = watcher;
    this.#around = around;
    this.#tree = new ProcessTree(intent.run, null, null, () => false);
    this.#learn();
    const first = setImmediate(() => this.#look());
    this.#endings = [
      () => clearImmediate(first),
      notice(directory.exitFile, () => this.#look()),
      around.pulse.add(() => this.#slowLook()),
    ];
  }

  get pid(): number | null {
    return this.#main?.pid ?? null;
  }

  askStop(): void {
    const main = this.#main !== null && findAlive(this.#main);
    for (const target of main ? [main] : this.#members()) {
      send(target, 'SIGTERM');
      send(target, 'SIGCONT');
    }
    this.#wakeShim();
  }

  signal(name: NodeJS.Signals): boolean {
    return this.#main !== null && send(this.#main, name);
  }

  killTree(): void {
    if (this.#isBygone()) return;
    this.#learn();
    killTree(this.#tree);
    this.#wakeShim();
    if (this.#phase === 'emptying') this.#lookForEmptiness(firstPauseMs);
  }

  tree(): readonly number[] {
    return this.#members().map(({ pid }) => pid);
  }

  async release(): Promise<void> {
    this.abandon();
    if (this.#shim !== null) send(this.#shim, 'SIGKILL');
    try {
      await this.#directory.remove();
    } catch (error) {
      this.#report(`${this.#directory.path} could not be removed: ${(error as Error).message}`);
    }
  }

  abandon(): void {
    this.#phase = 'left';
    this.#stopWatching();
    this.#timer?.cancel();
  }

  /** Of another boot: whatever has its pids now is somebody else. */
  #isBygone(): boolean {
    return this.intent.bootId !== this.#around.bootId;
  }

  #members(): readonly ProcessId[] {
    return this.#isBygone() || this.#phase === 'over' ? [] : this.#tree.members();
  }

  /** A shim that was stopped together with the bot's whole group could not record the exit. */
  #wakeShim(): void {
    if (this.#shim !== null) send(this.#shim, 'SIGCONT');
  }

  /** Reads what the shim has recorded by now. */
  #learn(): void {
    if (this.#record !== null) return;
    this.#record = this.#read(() => this.#directory.pid());
    if (this.#isBygone()) return;
    this.#shim ??= this.#read(() => this.#directory.shim());
    if (this.#record?.kind === 'started' && this.#isOurs(this.#record.main)) this.#main = this.#record.main;
    this.#tree = new ProcessTree(this.intent.run, this.#shim, this.#main, () => this.#directory.emptied());
  }

  /** A pid and a start time could be anybody's; a child of the shim, of its session or with our mark is the bot. */
  #isOurs(main: ProcessId): boolean {
    const stat = findAlive(main);
    if (stat === null) return false;
    const led = this.#shim !== null && (stat.parent === this.#shim.pid || stat.session === this.#shim.pid);
    return led || startedWith(main.pid, `DROAS_RUN=${this.intent.run}`);
  }

  /** At most pulses the cheapest question (2 µs) is enough, so that a hundred bots cost nothing to speak of. */
  #slowLook(): void {
    this.#pulses += 1;
    if (this.#main !== null && this.#pulses % pulsesPerFullLook !== 0 && exists(this.#main.pid)) return;
    this.#look();
  }

  #look(): void {
    if (this.#phase !== 'watched') return;
    this.#learn();
    const exit = this.#ending();
    if (exit === null) return;
    this.#stopWatching();
    const isEmpty = this.#members().length === 0;
    this.#phase = isEmpty ? 'over' : 'emptying';
    if (!isEmpty) this.#lookForEmptiness(firstPauseMs);
    this.#watcher.exited(exit, isEmpty);
  }

  #lookForEmptiness(pauseMs: number): void {
    this.#timer?.cancel();
    this.#timer = this.#around.clock.setTimer(this.#around.clock.monotonicMs() + pauseMs, () => {
      if (this.#members().length > 0) return this.#lookForEmptiness(Math.min(2 * pauseMs, longestPauseMs));
      this.#phase = 'over';
      this.#watcher.treeEmpty();
    });
  }

  /** How the main process ended; null while it lives or may yet be started. */
  #ending(): Exit | null {
    if (this.#isBygone()) return this.#recorded() ?? unknown;
    const recorded = this.#recorded();
    if (recorded !== null) return recorded;
    if (this.#shim !== null && findAlive(this.#shim)) return null;
    if (this.#main !== null && findAlive(this.#main)) {
      this.#report(
        `${this.intent.bot}: the shim of incarnation ${this.intent.incarnation} was killed; how the bot ends will be unknown`,
      );
      return null;
    }
    if (this.#record === null) return this.#givenUp();
    return this.#recorded() ?? (this.#record.kind === 'given-up' ? notStarted : unknown);
  }

  #recorded(): Exit | null {
    const exit = this.#read(() => this.#directory.exit());
    if (exit === null) return null;
    // The bot runs only after `pid` was recorded, so this exit is the shim's own.
    const record = this.#read(() => this.#directory.pid());
    if (record?.kind === 'given-up') return notStarted;
    if (record?.kind !== 'started') return unknown;
    return record.refused === null ? exit : { kind: 'not-executed', code: record.refused };
  }

  /**
   * Neither pid nor shim: a supervisor died in the middle of the spawn. Now the shim will not start the bot any more; if
   * it made its `pid` and died before writing it, the processes tell. Null while it may yet be started.
   */
  #givenUp(): Exit | null {
    try {
      if (this.#directory.giveUp()) return notStarted;
      // The shim's last act may have been to record it, after the first look.
      return this.#tree.everyMember().length === 0 ? (this.#recorded() ?? unknown) : null;
    } catch (error) {
      this.#report(
        `${this.intent.bot}: incarnation ${this.intent.incarnation} cannot be given up: ${(error as Error).message}`,
      );
      return null;
    }
  }

  #stopWatching(): void {
    for (const end of this.#endings.splice(0)) end();
  }

  /** A record that is not ours counts as none. */
  #read<T>(read: () => T | null): T | null {
    try {
      return read();
    } catch (error) {
      this.#report((error as Error).message);
      return null;
    }
  }

  #report(sentence: string): void {
    if (this.#reported.has(sentence)) return;
    this.#reported.add(sentence);
    this.#around.onOddity(sentence);
  }
}
