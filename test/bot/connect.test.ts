import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { connect, type Droas, type GatewayReport } from '../../src/bot/index.ts';
import type { gateway } from '../../src/protocol/child.ts';
import { OpenChannel } from '../socket/open-channel.ts';
import { refusingServer } from './refusing-server.ts';
import { environmentOf } from './supervised.ts';

const open: Droas[] = [];
const link = (...options: Parameters<typeof connect>) => {
  const droas = connect(...options);
  open.push(droas);
  return droas;
};
afterEach(async () => {
  for (const droas of open.splice(0)) await droas.close();
});

/** What the SDK may report is what the wire takes. */
const _assignable = (report: GatewayReport): ReturnType<(typeof gateway)['parse']> => report;

describe('a bot', () => {
  it('without a supervisor runs as if nothing were there', async () => {
    const droas = link({ env: { DISCORD_TOKEN: 'from the environment' } });
    droas.ready();
    droas.gateway({ state: 'ready' });
    droas.onStop(() => assert.fail());
    assert.equal(droas.supervised, false);
    assert.equal(droas.bot, null);
    assert.equal(droas.secret('DISCORD_TOKEN'), 'from the environment');
    assert.equal(droas.secret('OTHER'), undefined);
  });

  it('finds its secrets in the file, before the environment, and after the file is gone', async () => {
    await using channel = await OpenChannel.open();
    const env = environmentOf(channel, { DISCORD_TOKEN: 'from the file', odd: 7 });
    const droas = link({ env: { ...env, DISCORD_TOKEN: 'from the environment', LLM_KEY: 'x' } });
    rmSync(env['DROAS_SECRETS'] ?? '');
    assert.equal(droas.supervised, true);
    assert.equal(droas.bot, 'music');
    assert.equal(droas.secret('DISCORD_TOKEN'), 'from the file');
    assert.equal(droas.secret('LLM_KEY'), 'x');
    assert.equal(droas.secret('odd'), undefined);
  });

  it('with a secrets file that is missing or broken is not supervised, and lives', async () => {
    await using channel = await OpenChannel.open();
    const env = environmentOf(channel);
    for (const content of ['', 'null', '[', '"x"']) {
      writeFileSync(env['DROAS_SECRETS'] ?? '', content);
      assert.equal(link({ env }).supervised, false);
    }
    assert.equal(link({ env: { ...env, DROAS_SECRETS: join(channel.directory, 'nothing') } }).supervised, false);
  });

  it('says hello, then everything it has to say', async () => {
    await using channel = await OpenChannel.open();
    const droas = link({ env: environmentOf(channel) });
    droas.ready('3 guilds');
    droas.gateway({ state: 'ready', latencyMs: 40 });
    await channel.until(() => channel.messages.length === 2);
    droas.gateway({ state: 'disconnected', closeCode: 4000, latencyMs: -1, ackAgeMs: Number.NaN });
    await channel.until(() => channel.messages.length === 3);
    assert.deepEqual(channel.messages, [
      { method: 'ready', params: { detail: '3 guilds' } },
      { method: 'gateway', params: { state: 'ready', latencyMs: 40 } },
      { method: 'gateway', params: { state: 'disconnected', closeCode: 4000 } },
    ]);
  });

  it('sends heartbeats as often as it is told to, with its lag and its counters', async () => {
    await using channel = await OpenChannel.open({}, undefined, { heartbeatMs: 100 });
    const counters = { answers: 3, broken: Number.NaN, ['x'.repeat(65)]: 1 };
    link({ env: environmentOf(channel), counters: () => counters });
    await channel.until(() => channel.messages.length >= 2);
    const [first] = channel.messages;
    assert.ok(first?.method === 'heartbeat');
    assert.deepEqual(first.params.counters, { answers: 3 });
    assert.ok((first.params.loopLagMs ?? -1) >= 0);
  });

  it('answers a ping with a heartbeat at once, which tells how long its event loop was blocked', async () => {
    await using channel = await OpenChannel.open();
    link({ env: environmentOf(channel) });
    await channel.until(() => channel.types.includes('connected'));
    const untilMs = performance.now() + 900;
    while (performance.now() < untilMs);
    channel.channel.send({ method: 'ping', params: {} });
    await channel.until(() => channel.messages.length === 1);
    const [beat] = channel.messages;
    assert.ok(beat?.method === 'heartbeat' && (beat.params.loopLagMs ?? 0) >= 300);
  });

  it('survives counters that throw', async () => {
    await using channel = await OpenChannel.open();
    const warned = new Promise<Error>((resolve) => process.once('warning', resolve));
    link({
      env: environmentOf(channel),
      counters: () => {
        throw new Error('broken counters');
      },
    });
    await channel.until(() => channel.types.includes('connected'));
    channel.channel.send({ method: 'ping', params: {} });
    await channel.until(() => channel.messages.length === 1);
    assert.deepEqual(channel.messages[0]?.method, 'heartbeat');
    assert.match((await warned).message, /broken counters/);
  });

  it('hears of a stop once, also when it listens late', async () => {
    await using channel = await OpenChannel.open();
    const droas = link({ env: environmentOf(channel) });
    const heard: unknown[] = [];
    const stopped = new Promise<void>((resolve) => {
      droas.onStop((...stop) => {
        heard.push(stop);
        resolve();
      });
    });
    await channel.until(() => channel.types.includes('connected'));
    channel.channel.send({ method: 'stop', params: { intent: 'keep-session', graceMs: 5000 } });
    channel.channel.send({ method: 'stop', params: { intent: 'offline', graceMs: 1 } });
    await stopped;
    droas.onStop((...stop) => heard.push(stop));
    assert.deepEqual(heard, [
      ['keep-session', 5000],
      ['keep-session', 5000],
    ]);
  });

  it('finds the next supervisor within half a second and tells it the last state again', async () => {
    const first = await OpenChannel.open();
    const droas = link({ env: environmentOf(first) });
    droas.ready();
    droas.gateway({ state: 'identifying' });
    droas.gateway({ state: 'ready', ackAgeMs: 1000, shard: 0 });
    droas.gateway({ state: 'resuming', shard: 1 });
    await first.until(() => first.messages.length === 3);
    first.channel.close();
    const startedMs = performance.now();
    await using second = await OpenChannel.open({}, first);
    await second.until(() => second.messages.length === 3);
    assert.ok(performance.now() - startedMs < 500);
    const [ready, shard0, shard1] = second.messages;
    assert.equal(ready?.method, 'ready');
    assert.ok(shard0?.method === 'gateway' && shard1?.method === 'gateway');
    assert.equal(shard0.params.state, 'ready');
    assert.ok((shard0.params.ackAgeMs ?? 0) > 1000, 'the acknowledgement has grown older');
    assert.equal(shard1.params.state, 'resuming');
  });

  it('that is refused does not hammer the supervisor', async () => {
    await using channel = await OpenChannel.open();
    const DROAS_SOCKET = join(channel.directory, 'refusing');
    const server = await refusingServer(DROAS_SOCKET);
    const droas = link({ env: { ...environmentOf(channel), DROAS_SOCKET } });
    droas.ready();
    // As long as some forty attempts would take.
    await pause(1_000);
    await droas.close();
    await server.close();
    assert.equal(server.hellos(), 1);
  });

  it('gets its last word out before it ends', async () => {
    await using channel = await OpenChannel.open();
    const droas = connect({ env: environmentOf(channel) });
    droas.gateway({ state: 'fatal', closeCode: 4004 });
    await droas.close();
    await channel.until(() => channel.types.at(-1) === 'disconnected');
    assert.deepEqual(channel.messages, [{ method: 'gateway', params: { state: 'fatal', closeCode: 4004 } }]);
  });

  it('is not kept alive by the connection, nor by the lack of one', async () => {
    await using channel = await OpenChannel.open();
    const program = `import { connect } from '${new URL('../../src/bot/index.ts', import.meta.url)}';
      connect().ready(); setTimeout(() => {}, Number(process.argv[1]))`;
    const env = environmentOf(channel);
    for (const DROAS_SOCKET of [channel.channel.path, '/nonexistent/sock']) {
      const { stderr } = await promisify(execFile)(
        process.execPath,
        ['--input-type=module', '-e', program, DROAS_SOCKET === channel.channel.path ? '150' : '0'],
        { env: { ...env, DROAS_SOCKET }, timeout: 10_000 },
      );
      assert.equal(stderr, '');
    }
    await channel.until(() => channel.types.at(-1) === 'disconnected');
    assert.deepEqual(channel.types, ['connected', 'message', 'disconnected']);
  });
});
