import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Ground } from '../support/ground.ts';
import type { Report, Request } from './clients.ts';
import type { Answer, Order } from './host.ts';

const silenceMs = 180_000;

/** The emulator in one process and its bots in another; whoever measures is in a third. */
export class Stage {
  readonly #host: ChildProcess;
  readonly #clients: ChildProcess;
  readonly #end: () => Promise<void>;

  private constructor(host: ChildProcess, clients: ChildProcess, end: () => Promise<void>) {
    this.#host = host;
    this.#clients = clients;
    this.#end = end;
  }

  static open(ground: Ground): Stage {
    // The name of the ground in their arguments: whatever is left of them is found by it.
    const [host, clients] = ['host.ts', 'clients.ts'].map((program) =>
      fork(join(import.meta.dirname, program), [ground.directory], {
        execArgv: ['--expose-gc'],
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      }),
    ) as [ChildProcess, ChildProcess];
    const end = ground.defer(() => Promise.all([host, clients].map(leave)));
    return new Stage(host, clients, end);
  }

  /** What the emulator did, and what it took. @throws Error when it has died, or says nothing for minutes */
  order(order: Order): Promise<Answer> {
    return exchange<Answer>(this.#host, `the emulator (${order.order})`, order);
  }

  /** @throws Error when the bots have died, or say nothing for minutes */
  ask(request: Request): Promise<Report> {
    return exchange<Report>(this.#clients, `the bots (${request.request})`, request);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#end();
  }
}

async function exchange<Reply>(child: ChildProcess, who: string, message: Order | Request): Promise<Reply> {
  const over = new AbortController();
  try {
    const signal = AbortSignal.any([over.signal, AbortSignal.timeout(silenceMs)]);
    const replied = once(child, 'message', { signal });
    const ended = once(child, 'exit', { signal }).then(([code]) => {
      throw new Error(`${who} ended with code ${code}`);
    });
    child.send(message);
    const [reply] = await Promise.race([replied, ended]);
    return reply;
  } catch (error) {
    if ((error as Error).name !== 'AbortError') throw error;
    throw new Error(`${who} did not answer within ${silenceMs / 1e3} s`);
  } finally {
    over.abort();
  }
}

/** They end when nobody listens any more. */
async function leave(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  if (child.connected) child.disconnect();
  await ended;
}
