import type { Clock, Timer } from '../../ports/clock.ts';

/** The longest delay that Node's timers take; a longer one would fire at once. */
const longestDelayMs = 2 ** 31 - 1;

/** CLOCK_MONOTONIC, which every process of one boot shares: `performance.now()` would count from our own start. */
function monotonicMs(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1e3 + nanoseconds / 1e6;
}

/** Node rounds delays down to whole milliseconds; the look at the clock on arrival keeps the promise "at or after". */
function setTimer(atMs: number, fire: () => void): Timer {
  let cancel = (): void => {};
  const arm = (): void => {
    const leftMs = Math.ceil(atMs - monotonicMs());
    if (leftMs <= 0) {
      const immediate = setImmediate(fire);
      cancel = () => clearImmediate(immediate);
      return;
    }
    const timeout = setTimeout(() => (monotonicMs() >= atMs ? fire() : arm()), Math.min(leftMs, longestDelayMs));
    cancel = () => clearTimeout(timeout);
  };
  arm();
  return { cancel: () => cancel() };
}

export const createClock = (): Clock => ({ wallMs: () => Date.now(), monotonicMs, setTimer });
