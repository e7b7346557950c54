import type { Clock, Timer } from '../clock.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { World } from '../world/world.ts';
import { everyone } from './fault.ts';
import type { Faults } from './faults.ts';
import type { FaultScript, ScriptStep } from './script.ts';

export type Playing = {
  /** No further step is taken; faults that stand go on. */
  stop(): void;
};

type Stage = { readonly clock: Clock; readonly ledger: Ledger; readonly world: World; readonly faults: Faults };

/** Takes the steps of a script, each at its time. */
export function playScript({ steps }: FaultScript, stage: Stage): Playing {
  const ends = steps.map((step, index) => playStep(step, index, stage));
  return {
    stop() {
      for (const end of ends) end();
    },
  };
}

function playStep(step: ScriptStep, index: number, { clock, ledger, world, faults }: Stage): () => void {
  const timers = new Set<Timer>();
  let ignore = () => {};
  const wait = (delayMs: number, act: () => void): void => {
    const timer = clock.setTimer(clock.monotonicMs() + delayMs, () => {
      timers.delete(timer);
      act();
    });
    timers.add(timer);
  };
  /** An application may come and go while the script runs: the ledger tells of a step that could not be taken. */
  const take = (): void => {
    const { fault } = step;
    const named = world.applications().find(({ id, name }) => [id, name].includes(fault.target));
    try {
      faults.set({ ...fault, target: named?.id ?? fault.target } as typeof fault);
    } catch (error) {
      ledger.record({ type: 'fault', reason: `step ${index + 1} of the script: ${(error as Error).message}` });
    }
  };
  const repeat = (left: number): void => {
    take();
    if (step.everyMs !== null && left > 1) wait(step.everyMs, () => repeat(left - 1));
  };
  const isMeant = (applicationId: string | undefined): boolean => {
    const { target } = step.fault;
    if (target === everyone || target === 'llm') return true;
    return world.applications().some(({ id, name }) => id === applicationId && [id, name].includes(target));
  };

  if (step.after === null) wait(step.atMs, () => repeat(step.times));
  else {
    let seen = 0;
    ignore = ledger.onEntry(({ type, applicationId }) => {
      if (type !== step.after || !isMeant(applicationId)) return;
      const mostSeen = step.everyMs === null ? step.times : 1;
      if (++seen >= mostSeen) ignore();
      wait(step.atMs, () => (step.everyMs === null ? take() : repeat(step.times)));
    });
  }
  return () => {
    ignore();
    for (const timer of timers) timer.cancel();
  };
}
