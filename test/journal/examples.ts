import { createClock } from '../../src/adapters/system/clock.ts';
import { newChild } from '../../src/core/lifecycle/state.ts';
import type { Clock } from '../../src/ports/clock.ts';
import type { NewEvent, StoredBot, StoredOperation } from '../../src/ports/journal.ts';

/** A clock whose times are set by the test. */
export function clockAt(wallMs: number): Clock & { at: number } {
  const { setTimer } = createClock();
  return {
    at: wallMs,
    wallMs() {
      return this.at;
    },
    monotonicMs() {
      return this.at;
    },
    setTimer,
  };
}

export const bot = (name: string, incarnation = 0): StoredBot => ({
  name,
  child: { ...newChild('running'), incarnation },
});

export const event = (sentence: string, rest: Partial<NewEvent> = {}): NewEvent => ({
  atWallMs: 1_790_000_000_000,
  bot: 'music',
  incarnation: 1,
  type: 'bot.ready',
  severity: 'info',
  sentence,
  detail: { sentence },
  ...rest,
});

export const operation = (id: string, rest: Partial<StoredOperation> = {}): StoredOperation => ({
  id,
  bot: 'music',
  kind: 'start',
  acceptedAtWallMs: 1_790_000_000_000,
  finishedAtWallMs: null,
  outcome: null,
  sentence: null,
  ...rest,
});
