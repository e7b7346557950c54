export type Admission = 'accepted' | 'full' | 'closed';

const maxWaitingPerChannel = 3;
const maxPending = 100;

/** One job at a time per channel, in order; channels do not wait for each other. */
export class ChannelQueues {
  /** Jobs of each channel that are running or waiting. */
  readonly #pending = new Map<string, number>();
  readonly #tails = new Map<string, Promise<void>>();
  #closed = false;

  get pending(): number {
    return [...this.#pending.values()].reduce((sum, count) => sum + count, 0);
  }

  /** `job` must not reject. */
  offer(channel: string, job: () => Promise<void>): Admission {
    if (this.#closed) return 'closed';
    const ahead = this.#pending.get(channel) ?? 0;
    if (ahead > maxWaitingPerChannel || this.pending >= maxPending) return 'full';
    this.#pending.set(channel, ahead + 1);
    const tail = (this.#tails.get(channel) ?? Promise.resolve()).then(job).finally(() => this.#done(channel));
    this.#tails.set(channel, tail);
    return 'accepted';
  }

  /** Takes no more jobs. */
  close(): void {
    this.#closed = true;
  }

  /** Resolves when every job accepted so far is done. */
  async idle(): Promise<void> {
    await Promise.all(this.#tails.values());
  }

  #done(channel: string): void {
    const left = (this.#pending.get(channel) ?? 1) - 1;
    if (left > 0) {
      this.#pending.set(channel, left);
    } else {
      this.#pending.delete(channel);
      this.#tails.delete(channel);
    }
  }
}
