/**
 * Numbers in [0, 1), always the same for the same seed (mulberry32). Each fault has a series of its own, so that what
 * happens elsewhere never changes its decisions.
 */
export function randomFrom(seed: number, series: number): () => number {
  let state = (Math.imul(seed, 0x9e3779b1) ^ Math.imul(series, 0x85ebca6b)) >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
