/**
 * `npm run test:live`: the built-in assistant under a supervisor on real Discord. It connects, is killed, comes back and
 * is stopped; nothing here is emulated but, unless a model is named, the model. It spends two IDENTIFYs of the token and
 * writes one message. For whoever has a token, never part of continuous integration.
 *
 * DROAS_LIVE_API points it at something else than Discord, such as `droas emulator`.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { stringify } from 'yaml';
import type { Home } from '../../src/demo/home.ts';
import { SupervisorProcess } from '../../src/demo/supervisor-process.ts';
import { createEmulator } from '../../src/emulator/index.ts';
import type { BotView } from '../../src/protocol/api.ts';

const name = 'live';
/** Discord's heartbeat interval is 41 s, the first one comes at any time within it, and latency is known from the second. */
const patienceMs = 120_000;
const lookEveryMs = 100;

type Surroundings = {
  readonly token: string;
  readonly channel: string;
  /** Base of Discord's REST interface. */
  readonly api: string;
  readonly model: { readonly baseUrl: string; readonly key: string | undefined; readonly name: string } | null;
};

const surroundings = surroundingsFrom(process.env);
if (surroundings === null) {
  console.error(
    'npm run test:live needs DROAS_LIVE_TOKEN, the token of a Discord bot, and DROAS_LIVE_CHANNEL, the id of a channel in which it may write.',
  );
  process.exit(2);
}
const stack = new AsyncDisposableStack();
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => void stack.disposeAsync().finally(() => process.exit(130)));
try {
  await story(surroundings, stack);
} catch (error) {
  console.log(`FAIL  ${(error as Error).message}`);
  process.exitCode = 1;
} finally {
  await stack.disposeAsync();
}

function surroundingsFrom(env: NodeJS.ProcessEnv): Surroundings | null {
  const {
    DROAS_LIVE_TOKEN: token,
    DROAS_LIVE_CHANNEL: channel,
    DROAS_LIVE_API: api = 'https://discord.com/api',
    DROAS_LIVE_LLM_URL: baseUrl,
    DROAS_LIVE_LLM_KEY: key,
    DROAS_LIVE_LLM_MODEL: model = 'gpt-4o-mini',
  } = env;
  if (!token || !channel) return null;
  return { token, channel, api, model: baseUrl ? { baseUrl, key, name: model } : null };
}

async function story(live: Surroundings, stack: AsyncDisposableStack): Promise<void> {
  await told('the token may see the channel', async () => void (await discord(live, 'GET', '')));
  const home = await makeHome(live, stack);
  const supervisor = await SupervisorProcess.start(home);
  stack.defer(async () => void (await supervisor.drain()));
  const first = await told('the assistant is READY', () => reaches(supervisor, 1, isConnected));

  await supervisor.client.ask('POST', `/api/v1/bots/${name}/kill`, { signal: 'SIGKILL' });
  await told('killed with SIGKILL, it is READY again', () => reaches(supervisor, 2, isConnected));
  const [restart] = await supervisor.events('&type=bot.restart-scheduled');
  const { cause } = (restart?.detail['verdict'] ?? {}) as { cause?: string };
  claim('the journal says why', cause === 'crash', cause ?? 'no restart is recorded');
  const back = await told('two heartbeats are acknowledged', () => reaches(supervisor, 2, isAcknowledged));
  claim('it is healthy', back.health === 'healthy', back.healthReasons.join('; '));
  claim('another process serves', back.pid !== first.pid, `pid ${first.pid} → ${back.pid}`);
  const spent = back.identifies?.last24h ?? 0;
  claim('one IDENTIFY a start', spent === 2, `${spent} for 2 starts`);
  await told('it may write in the channel', async () => {
    const content = 'Test of DROAS: I was killed, and am back.';
    await discord(live, 'POST', '/messages', { content, allowed_mentions: { parse: [] } });
  });
  await told('all is stopped, exit 0', async () => {
    const code = await supervisor.drain();
    if (code !== 0) throw new Error(`the supervisor ended with ${code}`);
  });
}

async function makeHome({ token, api, model }: Surroundings, stack: AsyncDisposableStack): Promise<Home> {
  const directory = mkdtempSync(join(tmpdir(), 'droas-live-'));
  stack.defer(() => rmSync(directory, { recursive: true, force: true }));
  const configPath = join(directory, 'droas.yaml');
  const environment = {
    LIVE_TOKEN: token,
    LIVE_KEY: model?.key ?? 'not-needed',
    XDG_CACHE_HOME: join(directory, 'cache'),
  };
  const baseUrl = model?.baseUrl ?? stack.use(await createEmulator()).llmUrl;
  const assistant = {
    builtin: 'assistant',
    token: '${LIVE_TOKEN}',
    discordApi: api,
    llm: { baseUrl, key: '${LIVE_KEY}', model: model?.name ?? 'emulated' },
  };
  mkdirSync(join(directory, 'bots.d'), { mode: 0o700 });
  writeFileSync(configPath, stringify({ version: 1, bots: { [name]: assistant } }), { mode: 0o600 });
  return { directory, configPath, environment, stateDirectory: join(directory, 'state'), bots: [], remove: () => {} };
}

/** A request about the channel, beside the bot: what Discord answers does not depend on what the bot says of it. */
async function discord({ token, channel, api }: Surroundings, method: string, path: string, body?: object) {
  const answer = await fetch(`${api}/v10/channels/${channel}${path}`, {
    method,
    headers: {
      authorization: `Bot ${token}`,
      'content-type': 'application/json',
      'user-agent': 'DiscordBot (https://discord.com, 0)',
    },
    signal: AbortSignal.timeout(patienceMs),
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} of channel ${channel}${path}: ${answer.status} ${text.slice(0, 200)}`);
}

function isConnected({ state, gateway }: BotView): boolean {
  return state === 'running' && gateway?.state === 'ready';
}

function isAcknowledged(bot: BotView): boolean {
  return isConnected(bot) && bot.gateway?.latencySeconds != null;
}

async function reaches(
  supervisor: SupervisorProcess,
  incarnation: number,
  holds: (bot: BotView) => boolean,
): Promise<BotView> {
  const deadlineMs = performance.now() + patienceMs;
  for (;;) {
    const bot = await supervisor.bot(name);
    if (bot.incarnation === incarnation && holds(bot)) return bot;
    const hopeless = bot.state === 'failed' || performance.now() > deadlineMs;
    if (hopeless) throw new Error(`${bot.state}: ${[bot.reason, bot.remedy].filter(Boolean).join(' ')}`);
    await pause(lookEveryMs);
  }
}

/** Says how long it took; whatever it throws ends the story. */
async function told<T>(text: string, act: () => Promise<T>): Promise<T> {
  const startedMs = performance.now();
  try {
    const result = await act();
    claim(text, true, `${((performance.now() - startedMs) / 1000).toFixed(1)} s`);
    return result;
  } catch (error) {
    const { message, cause } = error as Error;
    throw new Error(`${text}: ${[message, (cause as Error | undefined)?.message].filter(Boolean).join(': ')}`);
  }
}

function claim(text: string, ok: boolean, measured: string): void {
  console.log(`${ok ? 'ok  ' : 'FAIL'}  ${text.padEnd(42)}  ${measured}`);
  if (!ok) process.exitCode = 1;
}
