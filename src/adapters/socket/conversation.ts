import type { Socket } from 'node:net';
import type { z } from 'zod';
import { childMethods, type FromChild, type hello, maxLineBytes, type ToChild } from '../../protocol/child.ts';
import type { Answer } from './admission.ts';
import { FloodGate } from './flood.ts';
import { LineReader, overflow } from './line-reader.ts';

/** Why a connection was closed by us. */
export type Offence = 'garbage' | 'long line' | 'flood' | 'credentials' | 'too soon' | 'version' | 'silence' | 'unread';

export type Limits = {
  /** From the connection to a valid hello. */
  readonly helloTimeoutMs: number;
  readonly linesPerSecond: number;
};

/** What one connection needs from the channel it belongs to. */
export type Host = {
  /** Says who may speak. */
  greet(hello: Hello): Answer;
  /** The welcome is on its way: from now on the connection is the child's. */
  greeted(own: Conversation): void;
  message(message: FromChild): void;
  refused(offence: Offence, reason: string): void;
  closed(own: Conversation): void;
};
export type Hello = z.infer<typeof hello>;

export type Conversation = {
  /** False when the child does not read; then the connection is closed. */
  send(message: ToChild): boolean;
  end(): void;
};

const maxUnsentBytes = 64 * 1024;
/** For the last answer to be read. */
const farewellMs = 1_000;
const parseError = -32700;
const invalidRequest = -32600;
const unknownMethod = -32601;
const invalidParams = -32602;
const notAllowed = -32001;

type Fault = { readonly code: number; readonly message: string };
type Request = {
  readonly jsonrpc: '2.0';
  readonly method: string;
  readonly id?: string | number;
  readonly params?: unknown;
};

/**
 * Speaks JSON-RPC with whoever connected, until either side ends it. Before a valid hello every fault ends it; after
 * that a message that cannot be used is answered with an error and skipped, and only what would harm the supervisor
 * (endless lines, floods, answers that nobody reads) ends it. Nothing is ever thrown.
 */
export function converse(socket: Socket, host: Host, limits: Limits): Conversation {
  const lines = new LineReader(maxLineBytes);
  const flood = new FloodGate(limits.linesPerSecond, performance.now());
  let greeted = false;
  let over = false;
  const patience = setTimeout(
    () => offend('silence', `connected, but did not say hello within ${limits.helloTimeoutMs / 1000} s`),
    limits.helloTimeoutMs,
  ).unref();

  const own: Conversation = {
    send: (message) => write({ jsonrpc: '2.0', ...message }),
    end() {
      if (over) return;
      over = true;
      clearTimeout(patience);
      socket.destroySoon();
      setTimeout(() => socket.destroy(), farewellMs).unref();
    },
  };

  socket.on('data', (chunk) => {
    if (over) return;
    for (const line of lines.push(chunk)) {
      if (line === overflow) offend('long line', `sent a line of more than ${maxLineBytes / 1024} KiB`);
      else if (!flood.admit(performance.now()))
        offend('flood', `sent more than ${limits.linesPerSecond} lines per second`);
      else receive(line);
      if (over) return;
    }
  });
  socket.on('error', () => {});
  socket.on('close', () => {
    over = true;
    clearTimeout(patience);
    host.closed(own);
  });

  function write(message: object): boolean {
    if (over) return false;
    if (socket.writableLength > maxUnsentBytes) {
      offend('unread', `left ${maxUnsentBytes / 1024} KiB of messages unread`);
      return false;
    }
    socket.write(`${JSON.stringify(message)}\n`);
    return true;
  }

  function offend(offence: Offence, reason: string): void {
    own.end();
    host.refused(offence, reason);
  }

  function reject({ code, message }: Fault, id: Request['id'] | null = null): void {
    write({ jsonrpc: '2.0', id, error: { code, message } });
  }

  function receive(line: string): void {
    const request = parse(line);
    if ('code' in request) {
      reject(request);
      if (!greeted) offend('garbage', `did not say hello, but something that is ${request.message}`);
    } else if (greeted) serve(request);
    else greet(request);
  }

  function serve({ id, method, params }: Request): void {
    const message = understand(method, params);
    if ('code' in message) {
      reject(message, id);
      return;
    }
    if (id !== undefined) write({ jsonrpc: '2.0', id, result: {} });
    host.message(message);
  }

  function greet({ id, method, params }: Request): void {
    const said = method === 'hello' && id !== undefined ? childMethods.hello.safeParse(params) : null;
    if (!said?.success) {
      const message = said ? describe(said.error) : 'the first message must be the request hello';
      reject({ code: said ? invalidParams : invalidRequest, message }, id);
      offend('garbage', `did not say a valid hello (${message})`);
      return;
    }
    const answer = host.greet(said.data);
    if ('offence' in answer) {
      reject({ code: notAllowed, message: answer.reason }, id);
      offend(answer.offence, answer.reason);
      return;
    }
    greeted = true;
    clearTimeout(patience);
    write({ jsonrpc: '2.0', id, result: answer.welcome });
    host.greeted(own);
  }

  return own;
}

function parse(line: string): Request | Fault {
  let value: Partial<Record<keyof Request, unknown>> | null;
  try {
    value = JSON.parse(line);
  } catch {
    return { code: parseError, message: 'not JSON' };
  }
  const isId = (id: unknown) => id === undefined || typeof id === 'string' || typeof id === 'number';
  if (value?.jsonrpc !== '2.0' || typeof value.method !== 'string' || !isId(value.id)) {
    return { code: invalidRequest, message: 'not a JSON-RPC 2.0 request' };
  }
  return value as Request;
}

function understand(method: string, params: unknown): FromChild | Fault {
  if (!isMethod(method)) return { code: unknownMethod, message: `unknown method ${method.slice(0, 64)}` };
  if (method === 'hello') return { code: invalidRequest, message: 'hello was said already' };
  const parsed = childMethods[method].safeParse(params ?? {});
  return parsed.success
    ? ({ method, params: parsed.data } as FromChild)
    : { code: invalidParams, message: describe(parsed.error) };
}

const isMethod = (name: string): name is keyof typeof childMethods => Object.hasOwn(childMethods, name);

/** Names the first field that is wrong, without its value: that could be a secret. */
function describe({ issues: [first] }: z.ZodError): string {
  return `${first?.path.join('.') || 'params'}: ${first?.message}`;
}
