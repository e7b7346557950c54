import { randomBytes } from 'node:crypto';
import type { Timer } from '../clock.ts';
import type { Shard } from '../ledger/entry.ts';
import type { Limits } from '../limits.ts';
import type { Application, Presence } from '../world/model.ts';
import type { Connection } from './connection.ts';
import type { Delivery } from './delivery.ts';
import { intent } from './intents.ts';
import { RateWindow } from './rate-window.ts';
import type { NumberedDispatch } from './replay-buffer.ts';
import { ReplayBuffer } from './replay-buffer.ts';

export type SessionOptions = {
  readonly application: Application;
  readonly shard: Shard;
  readonly intents: number;
  /** Members beyond which GUILD_CREATE leaves out those who are offline. */
  readonly largeThreshold: number;
  /** Whether single payloads may come compressed. */
  readonly compress: boolean;
  readonly presence: Presence;
};

/** One gateway session: it has its own sequence, outlives its connections, and remembers what it sent for replay. */
export class Session {
  readonly id = randomBytes(16).toString('hex');
  readonly application: Application;
  readonly shard: Shard;
  readonly intents: number;
  readonly largeThreshold: number;
  readonly compress: boolean;
  readonly sent: ReplayBuffer;
  readonly presenceWindow: RateWindow;
  /** Guilds that READY named and GUILD_CREATE has not brought yet. */
  readonly awaited = new Set<string>();
  #sequence = 0;
  connection: Connection | null = null;
  /** The gateway node that served it last. */
  node = 0;
  /** Runs while no connection serves it. */
  expiry: Timer | null = null;
  /** As the client set it last. */
  presence: Presence;

  constructor(options: SessionOptions, limits: Limits) {
    this.application = options.application;
    this.shard = options.shard;
    this.intents = options.intents;
    this.largeThreshold = options.largeThreshold;
    this.compress = options.compress;
    this.presence = options.presence;
    this.sent = new ReplayBuffer(limits.replayEvents, limits.replayBytes);
    this.presenceWindow = new RateWindow(limits.presenceUpdates, limits.presenceWindowMs);
  }

  get sequence(): number {
    return this.#sequence;
  }

  /** Numbers a dispatch. READY and RESUMED are not replayed: they belong to one connection. */
  next(event: string, data: string, options: { replayable: boolean } = { replayable: true }): NumberedDispatch {
    const numbered = { sequence: ++this.#sequence, event, data };
    if (options.replayable) this.sent.add(numbered);
    return numbered;
  }

  /** Nothing that was sent so far can be replayed any more. */
  forget(): void {
    this.sent.forgetUpTo(this.#sequence);
  }

  get readsContent(): boolean {
    return (this.intents & intent.messageContent) !== 0;
  }

  get seesPresences(): boolean {
    return (this.intents & intent.guildPresences) !== 0;
  }

  /** Whether people see it. */
  get isVisible(): boolean {
    return this.presence.status !== 'invisible' && this.presence.status !== 'offline';
  }

  /** Guild events go to `(guild_id >> 22) % count`, all others to shard 0. */
  serves(guildId: string | null): boolean {
    const [id, count] = this.shard;
    if (count === 1) return true;
    return guildId === null ? id === 0 : Number((BigInt(guildId) >> 22n) % BigInt(count)) === id;
  }

  wants({ intent: wanted, guildId, sessionId }: Delivery): boolean {
    if (sessionId !== undefined && sessionId !== this.id) return false;
    return (wanted === 0 || (this.intents & wanted) !== 0) && this.serves(guildId);
  }
}
