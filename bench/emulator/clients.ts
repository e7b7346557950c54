import { WebSocket } from 'ws';

/** The bots, in a process of their own: they identify, answer heartbeats, read everything, and time what they read. */
export type Request =
  | {
      readonly request: 'connect';
      readonly gatewayUrl: string;
      readonly tokens: readonly string[];
      /** How many each bot is told of at least. */
      readonly guilds: number;
    }
  /** Answered when so many messages were read. */
  | { readonly request: 'read'; readonly deliveries: number };

export type Report = { readonly tookMs: number; readonly latenciesMs: readonly number[] };

const intents = (1 << 0) | (1 << 1) | (1 << 8) | (1 << 9) | (1 << 15);
let latenciesMs: number[] = [];
let awaited = Number.POSITIVE_INFINITY;
let startedMs = 0;

function report(): void {
  const answer: Report = { tookMs: performance.now() - startedMs, latenciesMs };
  process.send?.(answer);
  latenciesMs = [];
  awaited = Number.POSITIVE_INFINITY;
}

function read(content: string): void {
  latenciesMs.push(performance.timeOrigin + performance.now() - Number.parseFloat(content));
  if (latenciesMs.length >= awaited) report();
}

function connect(gatewayUrl: string, token: string, guilds: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const socket = new WebSocket(`${gatewayUrl}?v=10&encoding=json`);
  let sequence: number | null = null;
  const known = new Set<string>();
  socket.on('message', (data: Buffer) => {
    const { op, s, t, d } = JSON.parse(data.toString());
    sequence = s ?? sequence;
    if (op === 10) {
      setInterval(() => socket.send(JSON.stringify({ op: 1, d: sequence })), d.heartbeat_interval).unref();
      socket.send(JSON.stringify({ op: 2, d: { token, intents, properties: {} } }));
    } else if (t === 'MESSAGE_CREATE') read(d.content);
    else if (t === 'GUILD_CREATE' && known.add(d.id).size === guilds) resolve();
  });
  socket.on('close', (code) => reject(new Error(`a bot was cut off with code ${code}`)));
  return promise;
}

async function obey(request: Request): Promise<void> {
  startedMs = performance.now();
  if (request.request === 'read') awaited = request.deliveries;
  else {
    const { gatewayUrl, tokens, guilds } = request;
    await Promise.all(tokens.map((token) => connect(gatewayUrl, token, guilds)));
    report();
  }
}

process.on('message', (request: Request) => void obey(request));
process.once('disconnect', () => process.exit());
