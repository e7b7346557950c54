/**
 * Hysteresis for measured values (event-loop lag, latency, memory): what is judged is the median of the last three
 * samples, so that a single outlier, good or bad, changes nothing. Silence needs none of this: its deadlines already
 * contain several misses.
 */
export type Settled = {
  /** The last three samples, oldest first. */
  readonly samples: readonly number[];
  /** What may be judged: null after a single sample; of two the smaller one, since one bad sample proves nothing. */
  readonly value: number | null;
};

export const unsettled: Settled = { samples: [], value: null };

export function settle(previous: Settled, sample: number): Settled {
  const samples = [...previous.samples, sample].slice(-3);
  const ordered = samples.toSorted((a, b) => a - b);
  return { samples, value: ordered[samples.length - 2] ?? null };
}
