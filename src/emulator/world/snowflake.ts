import type { Clock } from '../clock.ts';

const discordEpochMs = 1_420_070_400_000;
const toId = (wallMs: number, increment: number): string =>
  String((BigInt(Math.floor(wallMs) - discordEpochMs) << 22n) | BigInt(increment & 0x3fffff));

/** Discord's ids: time of creation above, a counter below. Unique within one emulator. */
export class Snowflakes {
  readonly #clock: Clock;
  #increment = 0;
  #foundedMs: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#foundedMs = clock.wallMs();
  }

  next(): string {
    return toId(this.#clock.wallMs(), this.#increment++);
  }

  /**
   * Each guild is a prime number of milliseconds older than the one before: shards are chosen by `id >> 22`, the time, so
   * that guilds founded in the same millisecond would all fall on one shard.
   */
  nextGuild(): string {
    this.#foundedMs -= 1_009;
    return toId(this.#foundedMs, this.#increment++);
  }
}

/** When the thing with this id came to be, in wall-clock milliseconds. */
export const createdMs = (id: string): number => Number(BigInt(id) >> 22n) + discordEpochMs;
export const isSnowflake = (id: string): boolean => /^\d{15,20}$/.test(id);
