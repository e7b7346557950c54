import { EmulatorError } from '../errors.ts';
import type { Connection } from '../gateway/connection.ts';
import type { Gateway } from '../gateway/gateway.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Application } from '../world/model.ts';
import type { World } from '../world/world.ts';
import type { Fault, FaultSpec } from './fault.ts';
import { everyone, faultSchema, impossible, isStroke } from './fault.ts';
import type { Injector } from './injector.ts';
import type { Rule } from './rules.ts';

/** A fault that stands, or whose doing lasts. */
export type ActiveFault = Fault & {
  readonly id: number;
  /** How often it has acted. */
  readonly hits: number;
};

/** What setting a fault did at once. */
export type FaultSet = {
  /** To clear it by; null when nothing stands. */
  readonly id: number | null;
  /** How many connections it hit. */
  readonly connections: number;
};

export type Refusal = { readonly count: number } | { readonly ms: number };

/**
 * What goes wrong on Discord and at the model, on demand. `set` takes every fault that there is; the other methods are
 * the common ones in short. The target is an application id, or `'*'` for all.
 */
export class Faults {
  readonly #injector: Injector;
  readonly #gateway: Gateway;
  readonly #ledger: Ledger;
  readonly #world: World;

  constructor(injector: Injector, gateway: Gateway, ledger: Ledger, world: World) {
    this.#injector = injector;
    this.#gateway = gateway;
    this.#ledger = ledger;
    this.#world = world;
  }

  /** @throws EmulatorError when there is no such fault, application or gateway node, or it cannot act as asked */
  set(spec: FaultSpec): FaultSet {
    const { data: fault, error } = faultSchema.safeParse(spec);
    if (!fault) {
      const problems = error.issues.map(({ path, message }) => `${path.join('.') || 'fault'}: ${message}`);
      throw new EmulatorError(400, problems.join('; '));
    }
    this.#check(fault);
    this.#record(fault);
    if (!('probability' in fault)) return { id: null, connections: this.#act(fault) };
    const rule = this.#injector.add(fault);
    const connections = this.#hit(rule);
    const isOnce = isStroke(fault) && isServing(fault) && fault.count === undefined && fault.forMs === undefined;
    if (isOnce) rule.left = 0;
    return { id: this.#injector.stands(rule) ? rule.id : null, connections };
  }

  /** Oldest first. */
  list(): readonly ActiveFault[] {
    return this.#injector.list().map(({ id, fault, hits }) => ({ id, hits, ...fault }));
  }

  /** Ends a fault, and what it still does to connections. @throws EmulatorError when it does not stand */
  clear(id: number): void {
    if (!this.#injector.end(id)) throw new EmulatorError(404, `there is no fault ${id}, or it is over`);
    this.#ledger.record({ type: 'fault', fault: id, reason: 'cleared' });
  }

  /** Ends all of them, and says how many those were. */
  clearAll(): number {
    const standing = this.#injector.list();
    for (const { id } of standing) this.clear(id);
    return standing.length;
  }

  /** Closes what serves now with a code: 1000–1014 as far as WebSocket allows them, 3000–4999. */
  close(target: string, code = 4000, reason?: string): number {
    return this.set({ fault: 'close', target, code, reason }).connections;
  }

  /** Ends TCP without a close frame. */
  drop(target: string): number {
    return this.set({ fault: 'drop', target }).connections;
  }

  /** Makes zombie connections: sockets stay open, nothing leaves any more, not even acknowledgements. New ones are fine. */
  freeze(target: string, part?: 'all' | 'acks' | 'dispatches'): number {
    return this.set({ fault: 'freeze', target, part }).connections;
  }

  /** Lets out what a freeze kept back. */
  thaw(target: string): number {
    return this.set({ fault: 'thaw', target }).connections;
  }

  /** Op 9. */
  invalidate(target: string, resumable = false): number {
    return this.set({ fault: 'invalidate', target, resumable }).connections;
  }

  /** Op 7. */
  reconnect(target: string): number {
    return this.set({ fault: 'reconnect', target }).connections;
  }

  /**
   * Turns the next connections away, so many or for so long; `{ count: 0 }` ends it. All connections (`'*'`) are cut off
   * before the WebSocket opens; those of one application when IDENTIFY or RESUME reveals whose they are, uncounted.
   */
  refuse(target: string, refusal: Refusal): void {
    this.#application(target);
    for (const { id, fault } of this.#injector.list())
      if (fault.fault === 'refuse' && fault.target === target) this.clear(id);
    const limit = 'ms' in refusal ? { forMs: refusal.ms } : { count: refusal.count };
    if (limit.forMs !== 0 && limit.count !== 0) this.set({ fault: 'refuse', target, ...limit });
  }

  #check(fault: Fault): void {
    if ('target' in fault && fault.target !== 'llm') this.#application(fault.target);
    const wrong = impossible(fault, (node) => this.#gateway.nodes.has(node));
    if (wrong !== null) throw new EmulatorError(wrong.status, wrong.what);
  }

  /** @throws EmulatorError when there is none */
  #application(target: string): Application | null {
    return target === everyone ? null : this.#world.application(target);
  }

  #record({ fault, target, ...more }: Fault): void {
    const { key: _, ...shown } = more as { readonly key?: string };
    const words = Object.entries(shown).map(([name, value]) => `${name} ${value}`);
    const applicationId = target === everyone || target === 'llm' ? undefined : target;
    this.#ledger.record({ type: 'fault', applicationId, reason: [fault, ...words].join(' ') });
  }

  /** What a fault that stands does to what is there already. */
  #hit(rule: Rule): number {
    const { fault } = rule;
    if (fault.fault === 'node-down') return this.#takeDown(fault.node, fault.sessions);
    if (!isStroke(fault) || !isServing(fault)) return 0;
    const served = this.#gateway.connections(fault.target);
    const hit = served.filter((connection) =>
      this.#injector.acts(rule, { moment: 'serving', applicationId: connection.session?.application.id }),
    );
    for (const connection of hit) this.#gateway.strikes.strike(connection, { ...rule, fault });
    return hit.length;
  }

  #takeDown(node: number, sessions: 'kept' | 'lost'): number {
    const there = this.#gateway.connections(everyone).filter((connection) => connection.node === node);
    for (const connection of there) connection.drop(`gateway node ${node} went down`);
    if (sessions === 'lost')
      for (const session of this.#gateway.sessions(everyone))
        if (session.node === node) this.#gateway.endSession(session, `gateway node ${node} went down`);
    return there.length;
  }

  #act(fault: Exclude<Fault, { readonly probability: number }>): number {
    const connections = this.#gateway.connections(fault.target);
    const each = (act: (connection: Connection) => void): number => {
      for (const connection of connections) act(connection);
      return connections.length;
    };
    const applications = this.#world.applications().filter(({ id }) => [id, everyone].includes(fault.target));
    switch (fault.fault) {
      case 'thaw':
        for (const { id, fault: other } of this.#injector.list())
          if (other.fault === 'freeze' && [everyone, other.target].includes(fault.target)) this.#injector.end(id);
        return each((connection) => connection.thaw());
      case 'request-heartbeat':
        return each((connection) => connection.requestHeartbeat());
      case 'expire-session':
        for (const session of this.#gateway.sessions(fault.target)) this.#gateway.endSession(session, 'expired');
        return connections.length;
      case 'forget-replay':
        for (const session of this.#gateway.sessions(fault.target)) session.forget();
        return 0;
      case 'set-remaining':
        for (const application of applications) this.#gateway.setRemaining(application, fault.remaining);
        return 0;
      case 'reset-token':
        for (const application of applications) this.#gateway.resetToken(application);
        return connections.length;
      case 'privileged-intents':
        for (const application of applications) application.privilegedIntents = fault.allowed;
        return 0;
    }
  }
}

const isServing = (fault: Fault): boolean => !('on' in fault) || fault.on === 'serving';
