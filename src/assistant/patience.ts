export type Patience = {
  /** Aborts when it is over. */
  readonly signal: AbortSignal;
  /** It begins anew. */
  renew(): void;
  /** Nobody waits any more. */
  end(): void;
};

/** Unlike `AbortSignal.timeout` it can be renewed, and leaves no timer behind. */
export function patience(limitMs: number): Patience {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), limitMs);
  return { signal: controller.signal, renew: () => void timer.refresh(), end: () => clearTimeout(timer) };
}
