import type { Clock } from '../../clock.ts';
import type { Limits } from '../../limits.ts';
import { Windows } from './windows.ts';

/**
 * Answers 401, 403 and 429 (but not those of shared limits) count against the address they went to; too many and it is
 * banned for a while, with every bot behind it.
 */
export class InvalidRequests {
  readonly #clock: Clock;
  readonly #limits: Limits;
  readonly #windows: Windows;
  readonly #bannedUntilMs = new Map<string, number>();

  constructor(clock: Clock, limits: Limits) {
    this.#clock = clock;
    this.#limits = limits;
    this.#windows = new Windows(clock);
  }

  /** How much longer the address is banned, in milliseconds; 0 when it is not. */
  bannedForMs(address: string): number {
    const leftMs = (this.#bannedUntilMs.get(address) ?? 0) - this.#clock.monotonicMs();
    if (leftMs > 0) return leftMs;
    this.#bannedUntilMs.delete(address);
    return 0;
  }

  count(address: string, status: number, scope: string | undefined): void {
    if (![401, 403, 429].includes(status) || scope === 'shared') return;
    const { invalidRequests, invalidRequestWindowMs, banMs } = this.#limits;
    const { remaining } = this.#windows.take(address, invalidRequests, invalidRequestWindowMs);
    if (remaining === 0) this.#bannedUntilMs.set(address, this.#clock.monotonicMs() + banMs);
  }
}

/** What stands before Discord answers then: no JSON, and no `via` header, by which libraries tell it from Discord. */
export const banPage = `<!doctype html>
<html lang="en">
<title>Access denied | emulated Discord used a ban like Cloudflare's to restrict access</title>
<h1>Error 1015</h1>
<h2>You are being rate limited</h2>
<p>The owner of this website has banned you temporarily from accessing this website: too many requests from your address
were answered with 401, 403 or 429.</p>
</html>
`;
