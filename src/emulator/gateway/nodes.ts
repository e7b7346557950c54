import type { Injector } from '../faults/injector.ts';

/**
 * The machines that the gateway runs on. Connections are spread over those that are up; a session is resumed at the node
 * that its `resume_gateway_url` names.
 */
export class Nodes {
  readonly #count: number;
  readonly #injector: Injector;
  #last = 0;

  constructor(count: number, injector: Injector) {
    this.#count = count;
    this.#injector = injector;
  }

  /** Below `gatewayUrl`: with one node only, that address itself. */
  pathOf(node: number): string {
    return this.#count === 1 ? '' : `/node-${node}`;
  }

  /** The node that a connection to this path arrives at; null when there is none, or it is down. */
  arrivalAt(path: string): number | null | undefined {
    const named = /^(?:\/gateway)?(?:\/node-(\d+))?\/?$/.exec(path);
    if (!named) return undefined;
    const nodes = named[1] === undefined ? this.#inTurn() : [Number(named[1])];
    if (nodes.some((node) => node < 1 || node > this.#count)) return undefined;
    const node = nodes.find((one) => !this.#injector.take('node-down', { node: one }));
    if (node === undefined) return null;
    this.#last = node;
    return node;
  }

  #inTurn(): readonly number[] {
    return Array.from({ length: this.#count }, (_, index) => ((this.#last + index) % this.#count) + 1);
  }

  has(node: number): boolean {
    return node <= this.#count;
  }
}
