import { setTimeout as delay } from 'node:timers/promises';

/** Waits for a fact, and fails with its name when it does not become true. */
export async function until(fact: string, holds: () => boolean | Promise<boolean>, timeoutMs = 10_000): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`not within ${timeoutMs} ms: ${fact}`);
    await delay(5);
  }
}
