import { postponed } from '../core/lifecycle/after-end.ts';
import type { Step } from '../core/lifecycle/begin.ts';
import { describeFact } from '../core/lifecycle/describe.ts';
import type { Effect, Fact } from '../core/lifecycle/effect.ts';
import type { LifecycleEvent, Moment } from '../core/lifecycle/event.ts';
import type { Child } from '../core/lifecycle/state.ts';
import { timerOf } from '../core/lifecycle/timers.ts';
import { transition } from '../core/lifecycle/transition.ts';
import type { RestartPolicy } from '../core/restart/policy.ts';
import type { Clock, Timer } from '../ports/clock.ts';
import type { NewEvent, StoredIdentify } from '../ports/journal.ts';
import type { Random } from '../ports/random.ts';
import type { Change, Recorder } from './recorder.ts';

type WithoutMoment<E> = E extends unknown ? Omit<E, 'at'> : never;
/** An event as the world tells it; the executor adds the moment. */
export type Happening = WithoutMoment<LifecycleEvent>;

/** Runs effects in the world. None of them may throw or post synchronously into the same executor's past. */
export interface Hands {
  launch(incarnation: number): void;
  askStop(incarnation: number): void;
  killTree(incarnation: number): void;
  release(incarnation: number): void;
  forget(): void;
}

export type ExecutorPorts = {
  readonly clock: Clock;
  readonly random: Random;
  readonly recorder: Recorder;
  readonly hands: Hands;
  readonly policy: () => RestartPolicy;
  /** What else a decision at this moment depends on. */
  readonly circumstances: (nowMs: number) => Pick<Moment, 'gates' | 'outage'>;
  /** What a spawn is presumed to spend, to be stored with the step that decides it; null for nothing. */
  readonly presumed: (automatic: boolean) => StoredIdentify | null;
  /** That step is durable. */
  readonly spend: (spent: StoredIdentify | null) => void;
  /** What only the runtime knows about a fact: last lines, memory at death. */
  readonly enrich: (fact: Fact) => Readonly<Record<string, unknown>>;
  /** After each step that changed something, once it is durable. */
  readonly onStep: (before: Child, after: Child) => void;
};

/**
 * One mailbox for one bot: takes an event, asks `transition`, makes the answer durable, runs the effects. Events that
 * arrive meanwhile wait their turn, so nothing here runs twice at once.
 *
 * A step that spawns and cannot be made durable is taken without its spawn, which is asked for again a second later.
 */
export class Executor {
  readonly #name: string;
  readonly #ports: ExecutorPorts;
  readonly #mailbox: Happening[] = [];
  #child: Child;
  #busy = false;
  #timer: { readonly key: string; readonly timer: Timer } | null = null;
  #closed = false;

  constructor(name: string, child: Child, ports: ExecutorPorts) {
    this.#name = name;
    this.#child = child;
    this.#ports = ports;
  }

  /** As it is in the journal; what was posted in this turn is taken at its end. */
  get child(): Child {
    return this.#child;
  }

  /** Whether it has not yet taken what was posted. */
  get isBusy(): boolean {
    return this.#busy;
  }

  post(happening: Happening): void {
    if (this.#closed) return;
    this.#mailbox.push(happening);
    this.#work();
  }

  /** Sets the timer of the present state: after an adoption, or when the policy changed. */
  rearm(): void {
    const due = this.#closed ? null : timerOf(this.#child, this.#ports.policy());
    const key = due === null ? '' : `${due.name}@${due.atMs}@${this.#child.incarnation}`;
    if (this.#timer?.key === key) return;
    this.#timer?.timer.cancel();
    this.#timer = null;
    if (due === null) return;
    const timer = this.#ports.clock.setTimer(due.atMs, () => {
      this.#timer = null;
      this.post({ type: 'timer', timer: due.name });
    });
    this.#timer = { key, timer };
  }

  /** No further event is taken and no timer fires. */
  close(): void {
    this.#closed = true;
    this.#mailbox.length = 0;
    this.rearm();
  }

  #work(): void {
    if (this.#busy) return;
    const next = this.#mailbox.shift();
    if (next === undefined) {
      this.rearm();
      return;
    }
    this.#busy = true;
    this.#step(next, () => {
      this.#busy = false;
      this.#work();
    });
  }

  #step(happening: Happening, done: () => void): void {
    const { clock, random, recorder, policy, circumstances, presumed, spend } = this.#ports;
    const ms = clock.monotonicMs();
    const at: Moment = { ms, jitter: random.next(), ...circumstances(ms) };
    const before = this.#child;
    const decided = transition(before, { ...happening, at } as LifecycleEvent, policy());
    const [after, effects] = decided;
    if (after === before && effects.length === 0) {
      recorder.settle(this.#name, after);
      done();
      return;
    }
    const take = (step: Step): void => {
      if (!this.#closed) this.#take(before, step);
      done();
    };
    if (happening.type === 'health') {
      recorder.note(this.#change(decided, null));
      take(decided);
      return;
    }
    const spawn = effects.find((effect) => effect.type === 'spawn');
    if (spawn === undefined) {
      recorder.commit({ ...this.#change(decided, null), durable: 'now' }, () => take(decided));
      return;
    }
    const spent = presumed(spawn.automatic);
    recorder.commit({ ...this.#change(decided, spent), durable: 'first' }, (accepted) => {
      if (accepted) {
        spend(spent);
        take(decided);
      } else {
        const without = postponed(before, decided, at);
        recorder.commit({ ...this.#change(without, null), durable: 'now' }, () => take(without));
      }
    });
  }

  #change([after, effects]: Step, spent: StoredIdentify | null): Omit<Change, 'durable'> {
    return {
      bot: this.#name,
      child: effects.some((effect) => effect.type === 'forget') ? null : after,
      events: effects.flatMap((effect) => (effect.type === 'record' ? [this.#toEvent(effect.fact)] : [])),
      identifies: spent === null ? [] : [spent],
    };
  }

  #take(before: Child, [after, effects]: Step): void {
    this.#child = after;
    for (const effect of effects) this.#run(effect);
    this.#ports.onStep(before, after);
  }

  #toEvent(fact: Fact): NewEvent {
    const { type, ...detail } = fact;
    const incarnation = 'incarnation' in fact ? fact.incarnation : this.#child.incarnation;
    return {
      atWallMs: this.#ports.clock.wallMs(),
      bot: this.#name,
      incarnation,
      type,
      ...describeFact(fact),
      detail: { ...detail, ...this.#ports.enrich(fact) },
    };
  }

  #run(effect: Effect): void {
    const { hands } = this.#ports;
    switch (effect.type) {
      case 'record':
        return;
      case 'spawn':
        hands.launch(effect.incarnation);
        return;
      case 'ask-stop':
        hands.askStop(effect.incarnation);
        return;
      case 'kill-tree':
        hands.killTree(effect.incarnation);
        return;
      case 'release':
        hands.release(effect.incarnation);
        return;
      case 'forget':
        hands.forget();
        return;
      default:
        effect satisfies never;
    }
  }
}
