import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Application, Emulator } from '../../src/emulator/index.ts';
import { createEmulator } from '../../src/emulator/index.ts';
import { channelOf } from './call.ts';
import { RawClient } from './raw-client.ts';
import { VirtualClock } from './virtual-clock.ts';

describe('a fault', () => {
  let emulator: Emulator;
  let clock: VirtualClock;
  before(async () => {
    clock = new VirtualClock();
    emulator = await createEmulator({ clock, identifyWindowMs: 1, replayEvents: 100 });
  });
  after(() => emulator.close());

  const serving = async (bot: Application) => {
    clock.advance(1);
    const client = new RawClient(emulator);
    const { session_id: sessionId } = await client.login(bot.token);
    return { client, sessionId: String(sessionId) };
  };

  it('closes the connections of one application with a code, and leaves the others alone', async () => {
    const [bot, other] = [emulator.createApplication(), emulator.createApplication()];
    const { client } = await serving(bot);
    const { client: bystander } = await serving(other);
    assert.equal(emulator.faults.close(bot.id, 4_009), 1);
    assert.equal(await client.closed, 4_009);
    bystander.send(1, null);
    await bystander.op(11);
    const close = emulator.ledger.entries({ type: 'close', applicationId: bot.id })[0];
    assert.equal(close?.by, 'server');
  });

  it('ends the session when the code forbids to come back', async () => {
    for (const code of [1_000, 1_001, 4_004, 4_010, 4_011, 4_012, 4_013, 4_014]) {
      const bot = emulator.createApplication();
      const { client } = await serving(bot);
      emulator.faults.close(bot.id, code);
      assert.equal(await client.closed, code);
      assert.equal(emulator.isOnline(bot.id), false, String(code));
    }
  });

  it('refuses codes that no close frame carries, and applications that do not exist', () => {
    for (const code of [0, 999, 1_004, 1_005, 1_006, 1_015, 2_000, 5_000, 1_000.5])
      assert.throws(() => emulator.faults.close('*', code), /cannot carry/, String(code));
    assert.throws(() => emulator.faults.drop('1'), /no application 1/);
    assert.throws(() => emulator.faults.refuse('1', { count: 1 }), /no application 1/);
  });

  it('drops TCP without a close frame', async () => {
    const bot = emulator.createApplication();
    const { client, sessionId } = await serving(bot);
    emulator.faults.drop(bot.id);
    assert.equal(await client.closed, 1_006);
    const [close] = emulator.ledger.entries({ type: 'close', applicationId: bot.id });
    assert.deepEqual([close?.by, close?.closeCode], ['server', 1_006]);
    const next = new RawClient(emulator);
    await next.resume(bot.token, sessionId, client.sequence);
    await next.event('RESUMED');
  });

  it('freezes what is connected: no acknowledgement, no event; new connections are fine and get everything', async () => {
    const bot = emulator.createApplication();
    const { client, sessionId } = await serving(bot);
    await client.event('GUILD_CREATE');
    assert.equal(emulator.faults.freeze(bot.id), 1);
    const { length } = client.received;
    client.send(1, 2);
    emulator.say({ channelId: channelOf(bot), content: 'anybody?', mention: bot.id });
    await emulator.ledger.waitFor({ type: 'send', applicationId: bot.id });
    assert.equal(emulator.ledger.entries({ type: 'dispatch', applicationId: bot.id }).at(-1)?.delivery, 'withheld');
    const next = new RawClient(emulator);
    await next.resume(bot.token, sessionId, 2);
    assert.equal((await next.event('MESSAGE_CREATE')).s, 3);
    await next.event('RESUMED');
    await client.closed;
    assert.equal(client.received.length, length);
    assert.equal(emulator.ledger.owners(bot.id).max, 1);
  });

  it('thaws: what was withheld arrives in order', async () => {
    const bot = emulator.createApplication();
    const { client } = await serving(bot);
    await client.event('GUILD_CREATE');
    emulator.faults.freeze(bot.id);
    client.send(1, 2);
    await emulator.ledger.waitFor({ type: 'send', applicationId: bot.id });
    for (const content of ['one', 'two']) emulator.say({ channelId: channelOf(bot), content, mention: bot.id });
    emulator.faults.thaw(bot.id);
    await client.op(11);
    assert.equal((await client.event('MESSAGE_CREATE')).s, 3);
    assert.equal((await client.event('MESSAGE_CREATE')).s, 4);
    assert.deepEqual(
      emulator.ledger.entries({ type: 'replay', applicationId: bot.id }).map(({ sequence }) => sequence),
      [3, 4],
    );
  });

  it('drops a frozen connection before it withholds without bound', async () => {
    const bot = emulator.createApplication();
    const { client } = await serving(bot);
    emulator.faults.freeze(bot.id);
    for (let said = 0; said <= 100; said++) emulator.say({ channelId: channelOf(bot), content: 'x', mention: bot.id });
    assert.equal(await client.closed, 1_006);
    assert.equal(emulator.ledger.entries({ type: 'dispatch', applicationId: bot.id }).at(-1)?.delivery, 'buffered');
  });

  it('invalidates for good: op 9 false, the connection owns nothing and may IDENTIFY', async () => {
    const bot = emulator.createApplication();
    const { client } = await serving(bot);
    emulator.faults.invalidate(bot.id);
    assert.equal((await client.op(9)).d, false);
    assert.equal(emulator.ledger.owners(bot.id).now, 0);
    assert.equal(emulator.isOnline(bot.id), false);
    clock.advance(1);
    client.send(2, { token: bot.token, intents: 0, properties: {} });
    await client.event('READY');
    assert.equal(emulator.ledger.owners(bot.id).max, 1);
    emulator.faults.invalidate(bot.id);
    await client.op(9);
    client.send(3, { status: 'online' });
    assert.equal(await client.closed, 4_003);
  });

  it('invalidates resumably: op 9 true, and RESUME on the same connection goes on', async () => {
    const bot = emulator.createApplication();
    const { client, sessionId } = await serving(bot);
    emulator.faults.invalidate(bot.id, true);
    assert.equal((await client.op(9)).d, true);
    emulator.say({ channelId: channelOf(bot), content: 'missed?', mention: bot.id });
    client.send(6, { token: bot.token, session_id: sessionId, seq: 2 });
    assert.equal((await client.event('MESSAGE_CREATE')).s, 3);
    await client.event('RESUMED');
    assert.equal(emulator.ledger.count('identify', bot.id), 1);
  });

  it('asks to reconnect with op 7, and closes some seconds later when nobody did', async () => {
    const bot = emulator.createApplication();
    const { client, sessionId } = await serving(bot);
    emulator.faults.reconnect(bot.id);
    assert.equal((await client.op(7)).d, null);
    clock.advance(5_000);
    assert.equal(await client.closed, 4_000);
    const next = new RawClient(emulator);
    await next.resume(bot.token, sessionId, client.sequence);
    await next.event('RESUMED');
  });

  it('refuses the next connections of one application, so many, without counting an IDENTIFY', async () => {
    const [bot, other] = [emulator.createApplication(), emulator.createApplication()];
    emulator.faults.refuse(bot.id, { count: 2 });
    await serving(other);
    for (const _ of [1, 2]) {
      const client = new RawClient(emulator);
      await client.identify(bot.token);
      assert.equal(await client.closed, 1_006);
    }
    await serving(bot);
    assert.equal(emulator.ledger.count('refused', bot.id), 2);
    assert.equal(emulator.ledger.count('identify', bot.id), 1);
  });

  it('refuses a RESUME too, and the session stays', async () => {
    const bot = emulator.createApplication();
    const { client, sessionId } = await serving(bot);
    emulator.faults.drop(bot.id);
    await client.closed;
    emulator.faults.refuse(bot.id, { count: 1 });
    const refused = new RawClient(emulator);
    await refused.resume(bot.token, sessionId, client.sequence);
    assert.equal(await refused.closed, 1_006);
    const next = new RawClient(emulator);
    await next.resume(bot.token, sessionId, client.sequence);
    await next.event('RESUMED');
  });

  it('refuses everybody for a while, before the WebSocket opens', async () => {
    emulator.faults.refuse('*', { ms: 1_000 });
    clock.advance(999);
    const refused = new RawClient(emulator);
    assert.equal(await refused.closed, 1_006);
    assert.deepEqual(refused.received, []);
    clock.advance(1);
    await new RawClient(emulator).op(10);
    emulator.faults.refuse('*', { count: 1_000 });
    assert.equal(await new RawClient(emulator).closed, 1_006);
    emulator.faults.refuse('*', { count: 0 });
    await serving(emulator.createApplication());
  });

  it('may hit everybody', async () => {
    const bots = [emulator.createApplication(), emulator.createApplication()];
    const clients = await Promise.all(bots.map(serving));
    assert.ok(emulator.faults.drop('*') >= 2);
    for (const { client } of clients) assert.equal(await client.closed, 1_006);
  });
});

describe('a client that never reads', () => {
  it('is dropped when too much waits for it, and finds it in its session', async () => {
    await using emulator = await createEmulator({ unreadBytes: 200_000 });
    const bot = emulator.createApplication();
    const client = new RawClient(emulator);
    const { session_id: sessionId } = await client.login(bot.token);
    (client.socket as unknown as { _socket: { pause(): void } })._socket.pause();
    const say = () => emulator.directMessage({ applicationId: bot.id, content: 'x'.repeat(2_000) });
    for (let said = 0; said < 5_000 && emulator.ledger.count('close', bot.id) === 0; said++) say();
    const [close] = emulator.ledger.entries({ type: 'close', applicationId: bot.id });
    assert.equal(close?.by, 'server');
    assert.match(close?.reason ?? '', /more than 200000 bytes unread/);
    client.socket.terminate();
    const next = new RawClient(emulator);
    await next.resume(bot.token, sessionId, 2);
    await next.event('RESUMED');
    assert.equal(next.events('MESSAGE_CREATE').length, emulator.ledger.count('message'));
  });
});
