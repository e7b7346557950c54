import { EmulatorError } from './errors.ts';
import type { Connection } from './gateway/connection.ts';
import type { Gateway } from './gateway/gateway.ts';
import type { Refusal } from './gateway/refusals.ts';
import { everyone } from './gateway/refusals.ts';
import type { Ledger } from './ledger/ledger.ts';
import type { World } from './world/world.ts';

/**
 * What goes wrong on Discord, on demand. The target is an application id, or `'*'` for all. Each switch acts on the
 * connections that serve the target now, and says how many those were.
 */
export class Faults {
  readonly #gateway: Gateway;
  readonly #ledger: Ledger;
  readonly #world: World;

  constructor(gateway: Gateway, ledger: Ledger, world: World) {
    this.#gateway = gateway;
    this.#ledger = ledger;
    this.#world = world;
  }

  /** Closes with a code: 1000–1014 as far as WebSocket allows them, 3000–4999. */
  close(target: string, code = 4000, reason = 'Closed by a fault.'): number {
    if (!isSendable(code)) throw new EmulatorError(400, `a close frame cannot carry the code ${code}`);
    return this.#each(target, `close ${code}`, (connection) => connection.close(code, reason));
  }

  /** Ends TCP without a close frame. */
  drop(target: string): number {
    return this.#each(target, 'drop', (connection) => connection.drop('dropped by a fault'));
  }

  /** Makes zombie connections: sockets stay open, nothing leaves any more, not even acknowledgements. New ones are fine. */
  freeze(target: string): number {
    return this.#each(target, 'freeze', (connection) => connection.freeze());
  }

  /** Lets out what a freeze kept back. */
  thaw(target: string): number {
    return this.#each(target, 'thaw', (connection) => connection.thaw());
  }

  /** Op 9. */
  invalidate(target: string, resumable = false): number {
    return this.#each(target, `invalidate ${resumable ? 'resumable' : 'for good'}`, (connection) =>
      this.#gateway.invalidate(connection, resumable),
    );
  }

  /** Op 7. */
  reconnect(target: string): number {
    return this.#each(target, 'reconnect', (connection) => connection.askToReconnect());
  }

  /**
   * Turns the next connections away, so many or for so long; `{ count: 0 }` ends it. All connections (`'*'`) are cut off
   * before the WebSocket opens; those of one application when IDENTIFY or RESUME reveals whose they are, uncounted.
   */
  refuse(target: string, refusal: Refusal): void {
    this.#check(target);
    this.#gateway.refusals.set(target, refusal);
    this.#record(target, `refuse ${'ms' in refusal ? `for ${refusal.ms} ms` : refusal.count}`);
  }

  #each(target: string, name: string, act: (connection: Connection) => void): number {
    this.#check(target);
    const connections = this.#gateway.connections(target);
    this.#record(target, name);
    for (const connection of connections) act(connection);
    return connections.length;
  }

  #check(target: string): void {
    if (target !== everyone) this.#world.application(target);
  }

  #record(target: string, reason: string): void {
    this.#ledger.record({ type: 'fault', applicationId: target === everyone ? undefined : target, reason });
  }
}

/** RFC 6455 §7.4: 1004–1006 and 1015 never travel. */
const isSendable = (code: number): boolean =>
  Number.isInteger(code) &&
  ((code >= 1000 && code <= 1014 && ![1004, 1005, 1006].includes(code)) || (code >= 3000 && code <= 4999));
