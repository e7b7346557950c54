import type { Verdict } from '../restart/verdict.ts';
import type { Milliseconds, WaitReason } from './state.ts';

/** A fact for the journal, in the past tense. The runtime adds bot, time and what only it knows (last lines, memory). */
export type Fact =
  | { readonly type: 'bot.starting'; readonly incarnation: number; readonly trial: number; readonly attempt: number }
  | { readonly type: 'bot.ready'; readonly incarnation: number; readonly tookMs: Milliseconds }
  | { readonly type: 'bot.stopping'; readonly incarnation: number; readonly why: string }
  | { readonly type: 'bot.exited'; readonly incarnation: number; readonly verdict: Verdict | null }
  | { readonly type: 'bot.killed'; readonly incarnation: number; readonly kills: number }
  | { readonly type: 'bot.stopped'; readonly incarnation: number }
  | {
      readonly type: 'bot.restart-scheduled';
      readonly incarnation: number;
      readonly attempt: number;
      readonly maxAttempts: number;
      readonly delayMs: Milliseconds;
      readonly reason: WaitReason;
      readonly verdict: Verdict;
    }
  | { readonly type: 'bot.waiting'; readonly delayMs: Milliseconds; readonly reason: WaitReason }
  | { readonly type: 'bot.failed'; readonly verdict: Verdict }
  | { readonly type: 'bot.stable'; readonly incarnation: number }
  | { readonly type: 'bot.deleted' }
  /** An event of an incarnation that is not the present one. */
  | { readonly type: 'event.ignored'; readonly incarnation: number; readonly event: string }
  | {
      readonly type: 'circuit.opened';
      readonly attempts: number;
      readonly trialInMs: Milliseconds;
      readonly verdict: Verdict;
    }
  | {
      readonly type: 'circuit.trial-failed';
      readonly trial: number;
      readonly trialInMs: Milliseconds;
      readonly verdict: Verdict;
    }
  | { readonly type: 'circuit.closed'; readonly by: 'health' | 'person' }
  | { readonly type: 'alert.fired'; readonly alert: 'restart-storm' | 'unkillable'; readonly sentence: string };

export type Effect =
  | { readonly type: 'record'; readonly fact: Fact }
  /** `automatic`: nobody asked for this start just now, so it debits the automatic IDENTIFY allowance. */
  | { readonly type: 'spawn'; readonly incarnation: number; readonly automatic: boolean }
  /** SIGTERM, then SIGCONT, to the main process — or to what is left of the tree when the main process is gone. */
  | { readonly type: 'ask-stop'; readonly incarnation: number }
  | { readonly type: 'kill-tree'; readonly incarnation: number }
  /** The incarnation is over: let its shim go, finish its logs, remove its run directory. */
  | { readonly type: 'release'; readonly incarnation: number }
  /** The bot is gone for good: forget it. */
  | { readonly type: 'forget' };
