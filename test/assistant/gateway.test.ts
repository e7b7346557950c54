import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, describe, it } from 'node:test';
import type { Application, Emulator } from '../../src/emulator/index.ts';
import { LiveAssistant } from './live-assistant.ts';

describe('the assistant on the gateway', () => {
  let live: LiveAssistant;
  const reported = (state: string) => live.reports.filter((report) => report.state === state).length;

  before(async () => {
    live = await LiveAssistant.serving({ fromSource: true, emulator: { heartbeatIntervalMs: 800 } });
  });
  after(() => live[Symbol.asyncDispose]());

  it('reports how it connects, what it may still spend, and that it serves', async () => {
    const states = live.reports.map(({ state }) => state);
    assert.deepEqual(states.slice(0, 4), ['connecting', 'connecting', 'identifying', 'ready']);
    const limits = live.reports.find(({ identifiesLeft }) => identifiesLeft !== undefined);
    assert.equal(limits?.identifiesLeft, 1000);
    const ready = live.supervisor.messages.find(({ method }) => method === 'ready');
    assert.deepEqual(ready?.params, { detail: 'helper, 2 guilds' });
    assert.equal(live.reports.find(({ state }) => state === 'ready')?.guilds, 2);
  });

  it('reports every acknowledgement, with latency and interval', async () => {
    await live.supervisor.until(() => live.reports.some(({ intervalMs }) => intervalMs === 800));
    await live.supervisor.until(() => (live.reports.at(-1)?.latencyMs ?? -1) >= 0);
    const last = live.reports.at(-1);
    assert.equal(last?.state, 'ready');
    assert.ok((last.ackAgeMs ?? -1) >= 0 && (last.ackAgeMs ?? 0) < 1000);
  });

  it('resumes after a lost connection, and still answers', async () => {
    const served = reported('ready');
    live.emulator.faults.drop(live.application.id);
    await live.supervisor.until(() => reported('resuming') === 1);
    await live.until(() => live.count('resumed') === 1);
    await live.supervisor.until(() => reported('ready') > served);
    assert.equal(live.reports.find(({ state }) => state === 'disconnected')?.closeCode, 1006);
    const channel = live.nextChannel();
    await live.ask(channel, 'still there?');
    assert.equal(live.count('identify'), 1);
  });

  it('resumes when Discord asks it to reconnect, which is nobody’s close code', async () => {
    const before = live.reports.length;
    live.emulator.faults.reconnect(live.application.id);
    await live.until(() => live.count('resumed') === 2);
    const since = () => live.reports.slice(before);
    await live.supervisor.until(() => since().some(({ state }) => state === 'resuming'));
    const disconnected = since().find(({ state }) => state === 'disconnected');
    assert.ok(disconnected);
    assert.equal(disconnected.closeCode, undefined);
  });

  it('was never two owners', () => {
    assert.equal(live.emulator.ledger.owners(live.application.id).max, 1);
  });
});

async function spendAnIdentify(emulator: Emulator, { token }: Application): Promise<void> {
  const socket = new WebSocket(`${emulator.gatewayUrl}/?v=10&encoding=json`);
  await once(socket, 'open');
  const properties = { os: 'linux', browser: 'test', device: 'test' };
  socket.send(JSON.stringify({ op: 2, d: { token, intents: 0, properties } }));
  await new Promise<void>((resolve) => {
    socket.addEventListener('message', ({ data }) => {
      if (JSON.parse(String(data)).t === 'READY') resolve();
    });
  });
  socket.close();
  await once(socket, 'close');
}

describe('an assistant that Discord will not have', { concurrency: 2 }, () => {
  for (const [code, sentence] of [
    [4004, 'it does not accept the token'],
    [4014, 'these intents are not enabled for the bot in the Developer Portal'],
  ] as const) {
    it(`reports the fatal close code ${code}, then exits with 1 and one line`, async () => {
      await using live = await LiveAssistant.serving({ fromSource: code === 4004 });
      live.emulator.faults.close(live.application.id, code);
      assert.equal(await live.exit(), 1);
      assert.deepEqual([live.reports.at(-1)?.state, live.reports.at(-1)?.closeCode], ['fatal', code]);
      assert.match(live.output, new RegExp(`^ERROR Discord closed the connection with ${code}: ${sentence}$`, 'm'));
      assert.equal(live.output.includes('    at '), false);
    });
  }

  it('reports a token that is refused over HTTP, then exits with 1 and one line', async () => {
    await using live = await LiveAssistant.start({ token: 'not.a.token' });
    assert.equal(await live.exit(), 1);
    assert.deepEqual(live.reports.at(-1), { state: 'fatal', unauthorized: true });
    assert.equal(live.output, 'ERROR Discord refused the token (HTTP 401)\n');
    assert.equal(live.count('connect'), 0);
  });

  it('says when no IDENTIFY is left, reports it, and spends none', async () => {
    await using live = await LiveAssistant.start({ emulator: { identifyBudget: 1 }, prepare: spendAnIdentify });
    assert.equal(await live.exit(), 1);
    assert.match(live.output, /^ERROR Discord allows 0 more IDENTIFYs for this token, 1 needed; reset in \d+ min$/m);
    const limits = live.reports.find(({ identifiesLeft }) => identifiesLeft !== undefined);
    assert.equal(limits?.identifiesLeft, 0);
    assert.ok((limits.identifiesResetMs ?? 0) > 0);
    assert.equal(live.count('identify'), 1);
  });
});

describe('an assistant that cannot reach Discord', () => {
  it('keeps trying, says so, and can be stopped', async () => {
    await using live = await LiveAssistant.start({ settings: { discordApi: 'http://127.0.0.1:9/api' } });
    await live.supervisor.until(() => live.reports.filter(({ state }) => state === 'connecting').length === 2);
    assert.match(live.output, /WARN Discord cannot be reached retryMs=1000/);
    live.process.kill('SIGTERM');
    assert.equal(await live.exit(), 0);
  });
});

it('an assistant without settings says what is missing, and exits with 1', async () => {
  await using live = await LiveAssistant.start({ token: '' });
  assert.equal(await live.exit(), 1);
  assert.match(
    live.output,
    /^ERROR no Discord token: DISCORD_TOKEN is neither in the secrets file nor in the environment$/m,
  );
});

it('an assistant with a bug says where, but not what, because that may quote people, and exits with 1', async () => {
  const bug = `setTimeout(function bug() { throw new TypeError('said in confidence') }, 100)`;
  const nodeOptions = ['--import', `data:text/javascript;base64,${btoa(bug)}`];
  await using live = await LiveAssistant.start({ fromSource: true, nodeOptions });
  assert.equal(await live.exit(), 1);
  assert.match(live.output, /^ERROR crashed error=TypeError$/m);
  assert.match(live.output, /^ {4}at .*bug/m);
  assert.equal(live.output.includes('confidence'), false);
});
