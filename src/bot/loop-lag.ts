/** The longest time for which the event loop did not get to run a due timer. */
export type LoopLag = {
  /** Milliseconds since the last call; then starts again from zero. */
  take(): number;
  stop(): void;
};

const everyMs = 500;

/** A timer that looks how late it is. Coarse on purpose: two wake-ups a second cost nothing. */
export function watchLoopLag(): LoopLag {
  let worstMs = 0;
  let dueMs = performance.now() + everyMs;
  const observe = () => {
    worstMs = Math.max(worstMs, performance.now() - dueMs);
  };
  const timer = setInterval(() => {
    observe();
    dueMs = performance.now() + everyMs;
  }, everyMs);
  timer.unref();
  return {
    take() {
      observe();
      const lagMs = Math.round(worstMs);
      worstMs = 0;
      return lagMs;
    },
    stop: () => clearInterval(timer),
  };
}
