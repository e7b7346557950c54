import { createHash, timingSafeEqual } from 'node:crypto';
import type { ChannelAddress } from '../../ports/channel.ts';
import { protocolVersions, type Welcome } from '../../protocol/child.ts';
import type { Hello, Offence } from './conversation.ts';

export type Refusal = { readonly offence: Offence; readonly reason: string };
export type Answer = { readonly welcome: Welcome } | Refusal;

const firstBanMs = 1_000;
const lastBanMs = 60_000;

/** Decides who may speak for one incarnation: whoever knows its one-time key, and did not flood us just now. */
export class Admission {
  readonly #address: ChannelAddress;
  /** The run that the first child named; all processes of an incarnation share it. */
  #run: string | null = null;
  #banMs = firstBanMs;
  #bannedUntilMs = 0;

  constructor(address: ChannelAddress) {
    this.#address = address;
  }

  judge(hello: Hello, nowMs: number): Answer {
    if (!this.#isKey(hello.key) || (this.#run ?? hello.run) !== hello.run) {
      return { offence: 'credentials', reason: 'showed a key or a run that is not of this incarnation' };
    }
    if (nowMs < this.#bannedUntilMs) return { offence: 'too soon', reason: 'came back too soon after a flood' };
    const protocol = protocolVersions.filter((version) => hello.protocol.includes(version)).at(-1);
    if (protocol === undefined) {
      return { offence: 'version', reason: `speaks none of the protocol versions ${protocolVersions.join(', ')}` };
    }
    this.#run = hello.run;
    const { bot, incarnation, heartbeatMs } = this.#address;
    return { welcome: { protocol, bot, incarnation, heartbeatMs } };
  }

  /** Keeps the child out for a second, and twice as long each time it floods again. */
  banForFlood(nowMs: number): void {
    this.#bannedUntilMs = nowMs + this.#banMs;
    this.#banMs = Math.min(this.#banMs * 2, lastBanMs);
  }

  #isKey(key: string): boolean {
    const shown = createHash('sha256').update(key).digest();
    const expected = Buffer.from(this.#address.keyHash, 'hex');
    return expected.length === shown.length && timingSafeEqual(shown, expected);
  }
}
