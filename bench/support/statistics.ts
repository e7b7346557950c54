export type Summary = {
  readonly n: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
};
export type Statistic = Exclude<keyof Summary, 'n'>;

/**
 * Every sample counts: nothing is removed, interpolated or averaged. Quantiles are nearest-rank, so each is a value that
 * really occurred; below 100 samples p99 is the maximum.
 * @throws RangeError when there is no sample
 */
export function summarize(samples: readonly number[]): Summary {
  const sorted = samples.toSorted((a, b) => a - b);
  const quantile = (share: number): number => {
    const value = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
    if (value === undefined) throw new RangeError('nothing was measured');
    return value;
  };
  return { n: sorted.length, p50: quantile(0.5), p95: quantile(0.95), p99: quantile(0.99), max: quantile(1) };
}
