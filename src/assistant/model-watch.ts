import { setTimeout as sleep } from 'node:timers/promises';
import { log } from './log.ts';
import type { Model } from './model.ts';
import { ModelFault } from './model-fault.ts';
import type { ModelHealth } from './model-health.ts';

export type ModelWatch = {
  /** Looks whether the model is there, again and again until it is. Does nothing while it is looking already. */
  look(): void;
  end(): void;
};

const firstAgainMs = 5_000;
const lastAgainMs = 300_000;

/** Asks the endpoint whether it is there, at the start and after a failure: the operator learns it before people do. */
export function watchModel(model: Pick<Model, 'check'>, health: ModelHealth, againMs = firstAgainMs): ModelWatch {
  const end = new AbortController();
  let looking = false;

  async function untilThere(): Promise<void> {
    for (let delayMs = againMs; !end.signal.aborted; delayMs = Math.min(delayMs * 2, lastAgainMs)) {
      const fault = await outcome();
      if (end.signal.aborted) return;
      health.checked(fault);
      if (fault === null && delayMs > againMs) log('INFO', 'model can be used again');
      if (fault === null) return;
      log('WARN', 'model cannot be used', { kind: fault.kind, ...(fault.status ? { status: fault.status } : {}) });
      await sleep(delayMs, undefined, { signal: end.signal, ref: false }).catch(() => {});
    }
  }

  async function outcome(): Promise<ModelFault | null> {
    try {
      await model.check();
      return null;
    } catch (error) {
      return error instanceof ModelFault ? error : new ModelFault('garbled', { cause: error });
    }
  }

  return {
    look() {
      if (looking) return;
      looking = true;
      void untilThere().finally(() => {
        looking = false;
      });
    },
    end: () => end.abort(),
  };
}
