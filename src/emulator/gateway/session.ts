import { randomBytes } from 'node:crypto';
import type { Timer } from '../clock.ts';
import type { Shard } from '../ledger/entry.ts';
import type { Application } from '../world/model.ts';
import type { Connection } from './connection.ts';
import type { Delivery } from './delivery.ts';
import { intent } from './intents.ts';

export type NumberedFrame = { readonly sequence: number; readonly event: string; readonly frame: string };

/** One gateway session: it has its own sequence, outlives its connections, and remembers what it sent for replay. */
export class Session {
  readonly id = randomBytes(16).toString('hex');
  readonly application: Application;
  readonly shard: Shard;
  readonly intents: number;
  readonly #capacity: number;
  readonly #sent: NumberedFrame[] = [];
  /** Highest sequence that was forgotten. */
  #forgotten = 0;
  #sequence = 0;
  connection: Connection | null = null;
  /** Runs while no connection serves it. */
  expiry: Timer | null = null;
  /** As the client set it last. */
  status: string;

  constructor(application: Application, shard: Shard, intents: number, status: string, capacity: number) {
    this.application = application;
    this.shard = shard;
    this.intents = intents;
    this.status = status;
    this.#capacity = capacity;
  }

  get sequence(): number {
    return this.#sequence;
  }

  /** Numbers a dispatch. READY and RESUMED are not replayed: they belong to one connection. */
  next(event: string, data: string, options: { replayable: boolean } = { replayable: true }): NumberedFrame {
    const sequence = ++this.#sequence;
    const numbered = { sequence, event, frame: `{"t":"${event}","s":${sequence},"op":0,"d":${data}}` };
    if (!options.replayable) return numbered;
    this.#sent.push(numbered);
    if (this.#sent.length > this.#capacity) this.#forgotten = this.#sent.shift()?.sequence ?? 0;
    return numbered;
  }

  /** What followed `sequence`; null when some of it is forgotten. */
  since(sequence: number): readonly NumberedFrame[] | null {
    if (sequence < this.#forgotten) return null;
    return this.#sent.filter((numbered) => numbered.sequence > sequence);
  }

  get readsContent(): boolean {
    return (this.intents & intent.messageContent) !== 0;
  }

  /** Guild events go to `(guild_id >> 22) % count`, all others to shard 0. */
  serves(guildId: string | null): boolean {
    const [id, count] = this.shard;
    return guildId === null ? id === 0 : Number((BigInt(guildId) >> 22n) % BigInt(count)) === id;
  }

  wants(delivery: Delivery): boolean {
    const isAsked = delivery.intent === 0 || (this.intents & delivery.intent) !== 0;
    return isAsked && this.serves(delivery.guildId);
  }
}
