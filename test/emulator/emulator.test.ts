import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, it } from 'node:test';
import { systemClock } from '../../src/emulator/clock.ts';
import { createEmulator } from '../../src/emulator/index.ts';
import { isMarkedToken } from '../../src/emulator/world/token.ts';
import { call, channelOf } from './call.ts';
import { RawClient } from './raw-client.ts';
import { VirtualClock } from './virtual-clock.ts';

describe('the emulator', () => {
  it('listens on this machine only, unless told otherwise', async () => {
    for (const host of [
      '0.0.0.0',
      '::',
      '192.0.2.1',
      'example.org',
      '127.example.org',
      '127.999.0.1',
      '[::1',
      '1270.0.0.1',
    ])
      await assert.rejects(createEmulator({ host }), /this machine only.*allowRemote/, host);
    const remote = await createEmulator({ host: '0.0.0.0', allowRemote: true });
    await remote.close();
    for (const host of ['localhost', 'LOCALHOST', '127.0.0.2', '::1', '[::1]']) {
      await using emulator = await createEmulator({ host });
      assert.equal((await call(`${emulator.url}/gateway`)).body.url, emulator.gatewayUrl);
    }
  });

  it('says which port is taken', async () => {
    await using first = await createEmulator();
    const port = Number(new URL(first.url).port);
    await assert.rejects(createEmulator({ port }), (error: Error) => {
      assert.match(error.message, new RegExp(`port ${port} .* in use`));
      assert.equal((error.cause as { code?: string }).code, 'EADDRINUSE');
      return true;
    });
  });

  it('says that a host is not known', async () => {
    await assert.rejects(createEmulator({ host: '127.999.0.1', allowRemote: true }), (error: Error) => {
      assert.match(error.message, /^port 0 of 127\.999\.0\.1 .* no such host/);
      return true;
    });
  });

  it('waits longer than one timer of the runtime can', (t) => {
    const hourMs = 3_600_000;
    let nowMs = 5 * hourMs;
    const delays: number[] = [];
    t.mock.method(process.hrtime, 'bigint', () => BigInt(nowMs) * 1_000_000n);
    t.mock.method(globalThis, 'setTimeout', (fire: () => void, delayMs: number) => {
      delays.push(delayMs);
      // A runtime that is asked for more fires at once, and the storm of that would never end.
      if (delayMs > 2 ** 31 - 1) return fire();
      nowMs += delayMs;
      fire();
    });
    const atMs = nowMs + 1_500 * hourMs;
    let firedAtMs = 0;
    systemClock.setTimer(atMs, () => {
      firedAtMs = nowMs;
    });
    assert.equal(firedAtMs, atMs);
    assert.ok(delays.length === 3 && delays.every((delayMs) => delayMs <= 2 ** 31 - 1), String(delays));
  });

  it('can call off a timer that was armed anew', (t) => {
    const armed: (() => void)[] = [];
    t.mock.method(globalThis, 'setTimeout', (fire: () => void) => armed.push(fire));
    const disarm = t.mock.method(globalThis, 'clearTimeout', () => {});
    const timer = systemClock.setTimer(systemClock.monotonicMs() + 2 ** 33, () => assert.fail('it was called off'));
    armed[0]?.();
    timer.cancel();
    assert.deepEqual(
      disarm.mock.calls.map(({ arguments: [handle] }) => handle),
      [2],
    );
  });

  it('says why it takes no foreign token, with the word Bot in front of it or without', async () => {
    await using emulator = await createEmulator();
    const { token } = emulator.createApplication();
    const foreign = [token.split('.')[0], 'Gab1cd', 'x'.repeat(38)].join('.');
    const answer = async (authorization: string) => {
      const response = await fetch(`${emulator.url}/users/@me`, { headers: { authorization } });
      const { message } = (await response.json()) as { message: string };
      return `${response.status} ${message}`;
    };
    for (const authorization of [`Bot ${foreign}`, foreign, `Bearer ${foreign}`])
      assert.match(await answer(authorization), /^401 401: Unauthorized\. Not a token of this emulator/);
    for (const authorization of [token, 'Bot', '']) assert.equal(await answer(authorization), '401 401: Unauthorized');
  });

  it('refuses limits that no timer and no counter can hold', async () => {
    await assert.rejects(createEmulator({ heartbeatIntervalMs: 0 }), /heartbeatIntervalMs must be a whole number/);
    await assert.rejects(createEmulator({ resumeWindowMs: 2 ** 31 }), /resumeWindowMs/);
    await assert.rejects(createEmulator({ maxConcurrency: 1.5 }), /maxConcurrency/);
    await assert.rejects(createEmulator({ sends: Number.NaN }), /sends/);
  });

  it('makes tokens of Discord’s form with a mark that no real one has', async () => {
    await using emulator = await createEmulator();
    const { id, token } = emulator.createApplication();
    const [first = '', second = '', third = ''] = token.split('.');
    assert.equal(Buffer.from(first, 'base64url').toString(), id);
    assert.match(second, /^EMU[\w-]{3}$/);
    assert.match(third, /^droas-emulator-not-real-[\w-]{14}$/);
    assert.match(token, /^[\w-]{23,28}\.[\w-]{6}\.[\w-]{38}$/);
    assert.ok(isMarkedToken(token));
    assert.ok(!isMarkedToken([first, second, 'x'.repeat(38)].join('.')));
    assert.ok(!isMarkedToken([first, 'Gab1cd', third].join('.')));
    assert.notEqual(emulator.createApplication().token, token);
  });

  it('gives ids that tell their time, to guilds distinct milliseconds', async () => {
    await using emulator = await createEmulator();
    const { guildIds, id } = emulator.createApplication({ guilds: 20 });
    const bornMs = (snowflake: string) => Number(BigInt(snowflake) >> 22n) + 1_420_070_400_000;
    assert.ok(Math.abs(bornMs(id) - Date.now()) < 10_000);
    assert.equal(new Set(guildIds.map(bornMs)).size, 20);
  });

  it('closes once, drops every client, leaves no timer', async () => {
    const clock = new VirtualClock();
    const emulator = await createEmulator({ clock });
    const bot = emulator.createApplication();
    const [served, idle] = [new RawClient(emulator), new RawClient(emulator)];
    await served.login(bot.token);
    await idle.op(10);
    emulator.faults.reconnect(bot.id);
    await Promise.all([emulator.close(), emulator.close()]);
    assert.deepEqual(await Promise.all([served.closed, idle.closed]), [1006, 1006]);
    assert.equal(clock.pending, 0);
    await assert.rejects(fetch(`${emulator.url}/gateway`));
  });

  it('lets its process end after close, also with a client that was told to go and did not answer', () => {
    const index = new URL('../../src/emulator/index.ts', import.meta.url).href;
    const script = `
      import { createEmulator } from ${JSON.stringify(index)};
      import { connect } from 'node:net';
      const emulator = await createEmulator();
      const { hostname, port } = new URL(emulator.url);
      const socket = connect(Number(port), hostname);
      const key = Buffer.alloc(16).toString('base64');
      socket.write('GET /gateway?v=9 HTTP/1.1\\r\\nhost: x\\r\\nupgrade: websocket\\r\\nconnection: upgrade\\r\\nsec-websocket-version: 13\\r\\nsec-websocket-key: ' + key + '\\r\\n\\r\\n');
      socket.on('error', () => {});
      await emulator.ledger.waitFor({ type: 'close' });
      await emulator.close();
      console.log('closed');
    `;
    const { stdout, status } = spawnSync(process.execPath, ['--input-type=module', '--eval', script], {
      timeout: 10_000,
    });
    assert.deepEqual([String(stdout), status], ['closed\n', 0]);
  });

  it('closes with a client that asked for the wrong address and never hangs up', async () => {
    const emulator = await createEmulator();
    const { hostname, port } = new URL(emulator.url);
    const socket = connect({ port: Number(port), host: hostname, allowHalfOpen: true });
    socket.write('GET /elsewhere HTTP/1.1\r\nhost: x\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n');
    const [answer] = await once(socket, 'data');
    assert.match(String(answer), /^HTTP\/1\.1 404 /);
    await emulator.close();
    socket.destroy();
  });

  it('forgets the oldest messages of a channel beyond its bound', async () => {
    await using emulator = await createEmulator({ messagesPerChannel: 3 });
    const channelId = channelOf(emulator.createApplication());
    for (const content of ['1', '2', '3', '4']) emulator.say({ channelId, content });
    assert.deepEqual(
      emulator.messages(channelId).map(({ content }) => content),
      ['2', '3', '4'],
    );
  });
});
