import type { Spent } from './assistant.ts';

/**
 * Counters of a heartbeat that the supervisor understands; any bot may send them. All others it only shows. Without
 * dependencies, because the built-in bot reads this too.
 */
export type KnownCounters = {
  /** How the bot's own work ended within the last five minutes. */
  readonly recentDone?: number;
  readonly recentFailed?: number;
  /** Median time that what was done took, milliseconds. */
  readonly recentP50Ms?: number;
  /** Whether the language model answers: 1 or 0. */
  readonly modelReachable?: number;
  /** The HTTP status with which the model refuses this bot for good (key, model or address are wrong, nothing is paid); 0: it does not. */
  readonly modelRefusal?: number;
  /** When the model last answered, and last failed: milliseconds since 1970; 0: never. */
  readonly modelAnsweredAtMs?: number;
  readonly modelFailedAtMs?: number;
  /** `Spent` */
  readonly spentDay?: number;
  readonly spentRequests?: number;
  readonly spentTokens?: number;
};

const names = {
  recentDone: true,
  recentFailed: true,
  recentP50Ms: true,
  modelReachable: true,
  modelRefusal: true,
  modelAnsweredAtMs: true,
  modelFailedAtMs: true,
  spentDay: true,
  spentRequests: true,
  spentTokens: true,
} as const satisfies Record<keyof KnownCounters, true>;

type Counters = Readonly<Record<string, number>>;

export type Understood = {
  readonly work: { readonly done: number; readonly failed: number; readonly p50Ms: number | null } | null;
  readonly model: {
    readonly reachable: boolean;
    readonly refusal: number | null;
    readonly answeredAtMs: number | null;
    readonly failedAtMs: number | null;
  } | null;
  readonly spent: Spent | null;
  /** By names of the bot's own. */
  readonly others: Counters;
};

/** Wider than anything true, and exact in sums. */
const mostBelieved = 1e15;

/** What a heartbeat's counters say. A number that cannot be true, such as a negative one, counts as not said. */
export function understand(counters: Counters): Understood {
  const natural = (name: keyof KnownCounters): number | null => {
    const value = counters[name];
    return value !== undefined && value >= 0 && value <= mostBelieved ? Math.round(value) : null;
  };
  const [done, failed, reachable] = [natural('recentDone'), natural('recentFailed'), natural('modelReachable')];
  const [day, requests, tokens] = [natural('spentDay'), natural('spentRequests'), natural('spentTokens')];
  return {
    work: done === null || failed === null ? null : { done, failed, p50Ms: natural('recentP50Ms') },
    model:
      reachable === null
        ? null
        : {
            reachable: reachable > 0,
            refusal: natural('modelRefusal') || null,
            answeredAtMs: natural('modelAnsweredAtMs') || null,
            failedAtMs: natural('modelFailedAtMs') || null,
          },
    spent: day === null || requests === null || tokens === null ? null : { day, requests, tokens },
    others: Object.fromEntries(Object.entries(counters).filter(([name]) => !Object.hasOwn(names, name))),
  };
}
