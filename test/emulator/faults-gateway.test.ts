import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, describe, it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { constants, inflateSync } from 'node:zlib';
import { WebSocket } from 'ws';
import type { Application, Emulator, FaultSpec } from '../../src/emulator/index.ts';
import { createEmulator } from '../../src/emulator/index.ts';
import { call, channelOf } from './call.ts';
import { RawClient } from './raw-client.ts';
import { VirtualClock } from './virtual-clock.ts';

/** What was sent to the client before has arrived when this comes back: control frames wait for no fault. */
const echo = async (client: RawClient): Promise<void> => {
  client.socket.ping();
  await once(client.socket, 'pong', { signal: AbortSignal.timeout(5_000) });
};

/** Whether these messages are the beginning of a sound zlib stream. */
const inflates = (messages: readonly Buffer[]): boolean => {
  try {
    inflateSync(Buffer.concat(messages), { finishFlush: constants.Z_SYNC_FLUSH });
    return true;
  } catch {
    return false;
  }
};

describe('a fault that stands', () => {
  let emulator: Emulator;
  let clock: VirtualClock;
  before(async () => {
    clock = new VirtualClock();
    emulator = await createEmulator({ clock, identifyWindowMs: 1, heartbeatIntervalMs: 1_000_000, seed: 1 });
  });
  after(() => emulator.close());

  const serving = async (bot: Application) => {
    clock.advance(1);
    const client = new RawClient(emulator);
    const { session_id: sessionId } = await client.login(bot.token);
    await client.event('GUILD_CREATE');
    return { client, sessionId: String(sessionId) };
  };
  const heard = (bot: Application) => emulator.ledger.count('send', bot.id);
  /** Once the emulator has read what the client sent last. */
  const read = (bot: Application, before: number) =>
    emulator.ledger.waitFor({ type: 'send', applicationId: bot.id }, { count: before + 1 });

  it('hits what serves now and, with a count, what serves later', async () => {
    const bot = emulator.createApplication();
    const { client } = await serving(bot);
    const { id, connections } = emulator.faults.set({ fault: 'close', target: bot.id, code: 4014, count: 2 });
    assert.equal(connections, 1);
    assert.equal(await client.closed, 4014);
    clock.advance(1);
    const second = new RawClient(emulator);
    await second.login(bot.token);
    assert.equal(await second.closed, 4014);
    assert.ok(!emulator.faults.list().some((active) => active.id === id));
    await serving(bot);
    assert.equal(emulator.ledger.count('fault-hit', bot.id), 2);
  });

  it('hits only what serves now without a count and a duration, and does not stand', async () => {
    const bot = emulator.createApplication();
    const { client } = await serving(bot);
    assert.deepEqual(emulator.faults.set({ fault: 'drop', target: bot.id }), { id: null, connections: 1 });
    assert.equal(await client.closed, 1006);
    const { client: next } = await serving(bot);
    next.send(1, 2);
    await next.op(11);
  });

  it('closes instead of READY, and the IDENTIFY is counted', async () => {
    const bot = emulator.createApplication();
    const { id } = emulator.faults.set({ fault: 'close', target: bot.id, code: 4002, on: 'identify', count: 1 });
    assert.notEqual(id, null);
    clock.advance(1);
    const client = new RawClient(emulator);
    await client.identify(bot.token);
    assert.equal(await client.closed, 4002);
    assert.deepEqual(
      ['identify', 'identify-refused', 'ready'].map((type) => emulator.ledger.count(type as 'ready', bot.id)),
      [1, 1, 0],
    );
    await serving(bot);
  });

  it('answers IDENTIFY with op 9, and RESUME with op 9', async () => {
    const bot = emulator.createApplication();
    emulator.faults.set({ fault: 'invalidate', target: bot.id, on: 'identify', count: 1 });
    clock.advance(1);
    const first = new RawClient(emulator);
    await first.identify(bot.token);
    assert.equal((await first.op(9)).d, false);
    const { client, sessionId } = await serving(bot);
    emulator.faults.set({ fault: 'invalidate', target: bot.id, on: 'resume', resumable: true, count: 1 });
    emulator.faults.set({ fault: 'invalidate', target: bot.id, on: 'resume', count: 1 });
    client.socket.terminate();
    const next = new RawClient(emulator);
    await next.resume(bot.token, sessionId, client.sequence);
    assert.equal((await next.op(9)).d, true);
    next.send(6, { token: bot.token, session_id: sessionId, seq: client.sequence });
    assert.equal((await next.op(9)).d, false);
    assert.equal(emulator.isOnline(bot.id), false);
  });

  it('acts in place of HELLO, on everybody only', async () => {
    const { id: target } = emulator.createApplication();
    const early: FaultSpec[] = [
      { fault: 'reconnect', target, on: 'hello' },
      { fault: 'delay', target, frame: 'hello', delayMs: 1 },
    ];
    for (const fault of early) assert.throws(() => emulator.faults.set(fault), /before HELLO/);
    emulator.faults.set({ fault: 'reconnect', on: 'hello', count: 1 });
    const client = new RawClient(emulator);
    await client.op(7);
    assert.equal(client.received.length, 1);
    client.socket.terminate();
  });

  it('delays HELLO', async () => {
    emulator.faults.set({ fault: 'delay', frame: 'hello', delayMs: 5_000, count: 1 });
    const client = new RawClient(emulator);
    await once(client.socket, 'open');
    clock.advance(4_999);
    assert.deepEqual(client.received, []);
    clock.advance(1);
    await client.op(10);
    client.socket.terminate();
  });

  it('delays READY and what follows, but not acknowledgements', async () => {
    const bot = emulator.createApplication();
    emulator.faults.set({ fault: 'delay', target: bot.id, frame: 'ready', delayMs: 5_000, count: 1 });
    const client = new RawClient(emulator);
    await client.identify(bot.token);
    client.send(1, null);
    await client.op(11);
    assert.equal(client.events('READY').length, 0);
    clock.advance(5_000);
    await client.event('READY');
    await client.event('GUILD_CREATE');
  });

  it('stops acknowledgements only, for so long', async () => {
    const bot = emulator.createApplication();
    const { client } = await serving(bot);
    emulator.faults.set({ fault: 'freeze', target: bot.id, part: 'acks', forMs: 30_000 });
    client.send(1, 2);
    emulator.say({ channelId: channelOf(bot), content: 'still here?', mention: bot.id });
    await client.event('MESSAGE_CREATE');
    await read(bot, 0);
    assert.ok(!client.received.some(({ op }) => op === 11));
    clock.advance(30_000);
    await client.op(11);
  });

  it('stops dispatches only, until it is cleared; then they arrive in order', async () => {
    const bot = emulator.createApplication();
    const { client } = await serving(bot);
    const { id } = emulator.faults.set({ fault: 'freeze', target: bot.id, part: 'dispatches' });
    for (const content of ['one', 'two']) emulator.say({ channelId: channelOf(bot), content, mention: bot.id });
    client.send(1, 2);
    await client.op(11);
    assert.equal(client.events('MESSAGE_CREATE').length, 0);
    emulator.faults.clear(id ?? 0);
    assert.match((await client.event('MESSAGE_CREATE')).d.content, /one/);
    assert.match((await client.event('MESSAGE_CREATE')).d.content, /two/);
    assert.throws(() => emulator.faults.clear(id ?? 0), /no fault/);
  });

  it('is over when the connection that it froze has ended', async () => {
    const bot = emulator.createApplication();
    const { client } = await serving(bot);
    const { id } = emulator.faults.set({ fault: 'freeze', target: bot.id });
    const isListed = () => emulator.faults.list().some((active) => active.id === id);
    assert.ok(isListed());
    client.socket.terminate();
    await emulator.ledger.waitFor({ type: 'close', applicationId: bot.id });
    assert.ok(!isListed());
    const { client: next } = await serving(bot);
    next.send(1, 2);
    await next.op(11);
  });

  it('asks for a heartbeat', async () => {
    const bot = emulator.createApplication();
    const { client } = await serving(bot);
    assert.equal(emulator.faults.set({ fault: 'request-heartbeat', target: bot.id }).connections, 1);
    assert.equal((await client.op(1)).d, null);
  });

  it('makes a session expire, or forget what it sent', async () => {
    const bot = emulator.createApplication();
    const { client, sessionId } = await serving(bot);
    client.socket.terminate();
    emulator.say({ channelId: channelOf(bot), content: 'missed', mention: bot.id });
    emulator.faults.set({ fault: 'forget-replay', target: bot.id });
    const next = new RawClient(emulator);
    await next.resume(bot.token, sessionId, client.sequence);
    assert.equal((await next.op(9)).d, false);
    const { client: other } = await serving(bot);
    emulator.faults.set({ fault: 'expire-session', target: bot.id });
    assert.equal(await other.closed, 4000);
    assert.equal(emulator.isOnline(bot.id), false);
  });

  it('makes frames late both ways, in order', async () => {
    const bot = emulator.createApplication();
    const { client } = await serving(bot);
    const { id } = emulator.faults.set({ fault: 'latency', target: bot.id, delayMs: 100, jitterMs: 50 });
    const before = heard(bot);
    for (const content of ['one', 'two', 'three'])
      emulator.say({ channelId: channelOf(bot), content, mention: bot.id });
    client.send(1, 2);
    await echo(client);
    assert.equal(heard(bot), before);
    assert.equal(client.events('MESSAGE_CREATE').length, 0);
    clock.advance(150);
    await read(bot, before);
    for (const content of ['one', 'two', 'three'])
      assert.equal((await client.event('MESSAGE_CREATE')).d.content.split(' ').at(-1), content);
    clock.advance(150);
    await client.op(11);
    emulator.faults.clear(id ?? 0);
    client.send(1, 2);
    await client.op(11);
    assert.equal(emulator.ledger.count('fault-hit', bot.id), 0);
  });

  it('closes a late connection behind what was sent before', async () => {
    const bot = emulator.createApplication();
    const { client } = await serving(bot);
    emulator.faults.set({ fault: 'latency', target: bot.id, delayMs: 100, direction: 'down', forMs: 1_000 });
    emulator.say({ channelId: channelOf(bot), content: 'last words', mention: bot.id });
    emulator.faults.close(bot.id, 4001);
    assert.equal(client.socket.readyState, 1);
    clock.advance(100);
    await client.event('MESSAGE_CREATE');
    assert.equal(await client.closed, 4001);
  });

  it('writes in small pieces', async () => {
    const bot = emulator.createApplication();
    const { client } = await serving(bot);
    emulator.faults.set({ fault: 'slow', target: bot.id, bytesPerSecond: 1_000, direction: 'down', forMs: 60_000 });
    emulator.say({ channelId: channelOf(bot), content: `${'é'.repeat(500)} end`, mention: bot.id });
    clock.advance(500);
    await echo(client);
    assert.equal(client.events('MESSAGE_CREATE').length, 0);
    clock.advance(5_000);
    assert.match((await client.event('MESSAGE_CREATE')).d.content, /é end$/);
  });

  it('reads slowly', async () => {
    const bot = emulator.createApplication();
    const { client } = await serving(bot);
    emulator.faults.set({ fault: 'slow', target: bot.id, bytesPerSecond: 100, direction: 'up', forMs: 60_000 });
    const before = heard(bot);
    client.send(1, 2);
    emulator.say({ channelId: channelOf(bot), content: 'out is fast', mention: bot.id });
    await client.event('MESSAGE_CREATE');
    assert.equal(heard(bot), before);
    for (const acknowledged = client.op(11); !(await Promise.race([acknowledged, turn()])); ) clock.advance(100);
  });

  it('reads so slowly that the client’s own buffers fill', async () => {
    const bot = emulator.createApplication();
    const { client } = await serving(bot);
    emulator.faults.set({ fault: 'slow', target: bot.id, bytesPerSecond: 1, direction: 'up', forMs: 60_000 });
    for (let frame = 0; frame < 4_000; frame++) client.send(3, 'x'.repeat(4_000));
    let unsent = -1;
    while (client.socket.bufferedAmount !== unsent) {
      unsent = client.socket.bufferedAmount;
      for (const _ of [1, 2, 3, 4, 5]) await call(`${emulator.url}/gateway`);
    }
    assert.ok(unsent > 0);
    client.socket.terminate();
  });

  it('corrupts a dispatch: bad JSON, bad compression, a frame that is cut', async () => {
    const bot = emulator.createApplication();
    const say = () => emulator.say({ channelId: channelOf(bot), content: 'x', mention: bot.id });
    const raw = async (how: 'bad-json' | 'bad-compression') => {
      const { client } = await serving(bot);
      const { length } = client.received;
      client.socket.removeAllListeners('message');
      emulator.faults.set({ fault: 'corrupt', target: bot.id, how, count: 1 });
      const message = once(client.socket, 'message');
      say();
      const [data] = await message;
      assert.equal(client.received.length, length);
      client.socket.terminate();
      return data as Buffer;
    };
    const text = String(await raw('bad-json'));
    assert.match(text, /^\{"t":"MESSAGE_CREATE"/);
    assert.throws(() => JSON.parse(text), SyntaxError);
    assert.equal((await raw('bad-compression')).subarray(-4).toString('hex'), '0000ffff');
    const { client, sessionId } = await serving(bot);
    emulator.faults.set({ fault: 'corrupt', target: bot.id, how: 'cut', count: 1 });
    say();
    assert.equal(await client.closed, 1006);
    assert.equal(client.events('MESSAGE_CREATE').length, 0);
    const next = new RawClient(emulator);
    await next.resume(bot.token, sessionId, client.sequence);
    await next.event('MESSAGE_CREATE');
  });

  it('corrupts a compressed connection: bytes that do not inflate, or half a message', async () => {
    for (const how of ['bad-compression', 'cut'] as const) {
      const bot = emulator.createApplication();
      clock.advance(1);
      const socket = new WebSocket(`${emulator.gatewayUrl}?v=10&encoding=json&compress=zlib-stream`);
      const received: Buffer[] = [];
      socket.on('message', (data) => received.push(data as Buffer));
      socket.on('error', () => {});
      await once(socket, 'open');
      socket.send(JSON.stringify({ op: 2, d: { token: bot.token, intents: 1 << 9, properties: {} } }));
      // HELLO and READY: guilds were not asked for.
      while (received.length < 2) await once(socket, 'message');
      assert.ok(inflates(received));
      emulator.faults.set({ fault: 'corrupt', target: bot.id, how, count: 1 });
      const next = how === 'cut' ? once(socket, 'close') : once(socket, 'message');
      emulator.say({ channelId: channelOf(bot), content: 'x', mention: bot.id });
      await next;
      assert.equal(inflates(received), how === 'cut');
      assert.equal(received.length, how === 'cut' ? 2 : 3);
      socket.terminate();
    }
  });

  it('sets what is left of the IDENTIFY budget, and shifts its clock', async () => {
    const bot = emulator.createApplication();
    const limit = async () =>
      (await call(`${emulator.url}/gateway/bot`, 'GET', { token: bot.token })).body.session_start_limit;
    emulator.faults.set({ fault: 'set-remaining', target: bot.id, remaining: 2 });
    assert.deepEqual([(await limit()).remaining, (await limit()).reset_after], [2, 86_400_000]);
    emulator.faults.set({ fault: 'clock-offset', target: bot.id, offsetMs: -3_600_000, count: 1 });
    assert.equal((await limit()).reset_after, 82_800_000);
    await serving(bot);
    const { client } = await serving(bot);
    clock.advance(1);
    const overspending = new RawClient(emulator);
    await overspending.identify(bot.token);
    assert.equal(await overspending.closed, 4004);
    assert.equal(await client.closed, 4004);
  });

  it('resets a token', async () => {
    const bot = emulator.createApplication();
    const { token } = bot;
    const { client } = await serving(bot);
    emulator.faults.set({ fault: 'reset-token', target: bot.id });
    assert.equal(await client.closed, 4004);
    assert.equal((await call(`${emulator.url}/users/@me`, 'GET', { token })).status, 401);
    await serving(bot);
  });

  it('switches privileged intents off: 4014 at the next IDENTIFY, not before', async () => {
    const bot = emulator.createApplication({ privilegedIntents: 32_768 });
    clock.advance(1);
    const client = new RawClient(emulator);
    await client.login(bot.token, { intents: 32_768 });
    emulator.faults.set({ fault: 'privileged-intents', target: bot.id, allowed: 0 });
    client.send(1, null);
    await client.op(11);
    clock.advance(1);
    const next = new RawClient(emulator);
    await next.identify(bot.token, { intents: 32_768 });
    assert.equal(await next.closed, 4014);
    client.socket.terminate();
  });

  it('turns away with a probability that the seed decides', async () => {
    const outcomes = async () => {
      await using other = await createEmulator({ seed: 7, clock, identifyWindowMs: 1 });
      const bot = other.createApplication();
      other.faults.set({ fault: 'refuse', target: bot.id, probability: 0.5 });
      const refused: boolean[] = [];
      for (let attempt = 0; attempt < 8; attempt++) {
        clock.advance(1);
        const client = new RawClient(other);
        await client.identify(bot.token);
        refused.push(
          await Promise.race([client.closed.then(() => true), client.event('READY').then(() => false)]).catch(
            () => true,
          ),
        );
        client.socket.terminate();
      }
      return refused;
    };
    const first = await outcomes();
    assert.ok(first.includes(true) && first.includes(false), String(first));
    assert.deepEqual(await outcomes(), first);
  });

  it('is listed with its hits, and ends when all are cleared', async () => {
    assert.ok(emulator.faults.clearAll() >= 0);
    emulator.faults.set({ fault: 'rest-error', status: 503 });
    await call(`${emulator.url}/gateway`);
    const [active] = emulator.faults.list();
    assert.deepEqual([active?.fault, active?.hits, active?.target], ['rest-error', 1, '*']);
    assert.equal(emulator.faults.clearAll(), 1);
    assert.deepEqual(emulator.faults.list(), []);
    assert.equal((await call(`${emulator.url}/gateway`)).status, 200);
  });

  it('is refused when it makes no sense, with what is wrong', () => {
    const wrong = (spec: object, message: RegExp) =>
      assert.throws(() => emulator.faults.set(spec as FaultSpec), message);
    wrong({ fault: 'earthquake' }, /fault: /);
    wrong({ fault: 'drop', tagret: '*' }, /tagret/);
    wrong({ fault: 'drop', probability: 2 }, /probability: /);
    wrong({ fault: 'drop', count: 0 }, /count: /);
    wrong({ fault: 'rest-error', route: 'post messages' }, /route: /);
    wrong({ fault: 'node-down', node: 2 }, /no node 2/);
    wrong({ fault: 'drop', target: '1' }, /no application 1/);
    wrong({ fault: 'thaw', count: 1 }, /count/);
  });
});

describe('a gateway of several nodes', () => {
  it('spreads connections, and READY names the node to resume at', async () => {
    await using emulator = await createEmulator({ gatewayNodes: 3, identifyWindowMs: 1 });
    const urls = new Set<string>();
    for (const _ of [1, 2, 3]) {
      const client = new RawClient(emulator);
      urls.add((await client.login(emulator.createApplication().token)).resume_gateway_url);
    }
    assert.deepEqual(
      [...urls].sort(),
      [1, 2, 3].map((node) => `${emulator.gatewayUrl}/node-${node}`),
    );
    assert.deepEqual(
      emulator.ledger.entries({ type: 'connect' }).map(({ node }) => node),
      ['node-1', 'node-2', 'node-3'],
    );
    assert.equal(await new RawClient(emulator, '/node-4?v=10').closed, 1006);
  });

  for (const sessions of ['kept', 'lost'] as const)
    it(`loses a node: its connections end, it takes none until it is back, its sessions are ${sessions}`, async () => {
      const clock = new VirtualClock();
      await using emulator = await createEmulator({ clock, gatewayNodes: 2, identifyWindowMs: 1 });
      const bots = [emulator.createApplication(), emulator.createApplication()] as const;
      const clients = [new RawClient(emulator), new RawClient(emulator, '/node-2?v=10&encoding=json')] as const;
      const ready = await clients[0].login(bots[0].token);
      await clients[1].login(bots[1].token);
      assert.equal(emulator.faults.set({ fault: 'node-down', node: 1, sessions, forMs: 10_000 }).connections, 1);
      assert.equal(await clients[0].closed, 1006);
      clients[1].send(1, null);
      await clients[1].op(11);
      const resumeAt = () => new RawClient(emulator, `/node-1?v=10&encoding=json`);
      assert.equal(await resumeAt().closed, 1006);
      assert.equal((await new RawClient(emulator).op(10)).op, 10);
      assert.equal(emulator.ledger.entries({ type: 'connect' }).at(-1)?.node, 'node-2');
      clock.advance(10_000);
      const next = resumeAt();
      await next.resume(bots[0].token, ready.session_id, clients[0].sequence);
      if (sessions === 'kept') await next.event('RESUMED');
      else assert.equal((await next.op(9)).d, false);
    });

  it('has a whole number of them', async () => {
    for (const gatewayNodes of [0, 1.5, Number.NaN])
      await assert.rejects(createEmulator({ gatewayNodes }), /gatewayNodes must be/);
  });

  it('refuses everybody when no node is up', async () => {
    await using emulator = await createEmulator();
    emulator.faults.set({ fault: 'node-down', node: 1 });
    assert.equal(await new RawClient(emulator).closed, 1006);
    assert.equal(emulator.faults.clearAll(), 1);
    await new RawClient(emulator).op(10);
  });
});
