import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { Client, GatewayDispatchEvents, GatewayIntentBits } from '@discordjs/core';
import { REST } from '@discordjs/rest';
import type { SessionInfo } from '@discordjs/ws';
import { WebSocketManager, WebSocketShardEvents } from '@discordjs/ws';
import type { Application, Emulator } from '../../src/emulator/index.ts';
import { createEmulator } from '../../src/emulator/index.ts';
import { call, channelOf } from './call.ts';

/** An ordinary bot on the unmodified libraries. It answers every numbered message with the number. */
const bot = async (emulator: Emulator, application: Application) => {
  const rest = new REST({ api: emulator.url }).setToken(application.token);
  let session: SessionInfo | null = null;
  const gateway = new WebSocketManager({
    token: application.token,
    intents: GatewayIntentBits.Guilds | GatewayIntentBits.GuildMessages | GatewayIntentBits.DirectMessages,
    rest,
    // The library's default would wait five seconds of real time and share sessions between the bots of one process.
    buildIdentifyThrottler: () => ({ waitForIdentify: async () => {} }),
    retrieveSessionInfo: () => session,
    updateSessionInfo: (_shardId, info) => {
      session = info;
    },
  });
  const client = new Client({ rest, gateway });
  const heard: string[] = [];
  const guilds: string[] = [];
  const closes: number[] = [];
  const errors: string[] = [];
  client.on(GatewayDispatchEvents.GuildCreate, ({ data }) => guilds.push(data.id));
  client.on(GatewayDispatchEvents.MessageCreate, ({ data }) => {
    if (!data.author.bot) heard.push(data.content.replace(/^<@\d+> /, ''));
  });
  gateway.on(WebSocketShardEvents.Closed, (code) => closes.push(code));
  gateway.on(WebSocketShardEvents.Error, (error) => errors.push(error.message));
  await gateway.connect();
  const until = async (content: string) => {
    while (!heard.includes(content))
      await once(gateway, WebSocketShardEvents.Dispatch, { signal: AbortSignal.timeout(5_000) });
  };
  return { rest, gateway, client, heard, until, guilds, closes, errors };
};

const say = (emulator: Emulator, application: Application, content: string) =>
  emulator.say({ channelId: channelOf(application), content, mention: application.id });
const fast = { heartbeatIntervalMs: 150, identifyWindowMs: 1 };

describe('an unmodified @discordjs bot', () => {
  it('connects, sees its guilds, and answers a message with a reply and a command', async () => {
    await using emulator = await createEmulator();
    const application = emulator.createApplication({ guilds: 2 });
    const { client, gateway, guilds } = await bot(emulator, application);
    client.on(GatewayDispatchEvents.MessageCreate, ({ data, api }) => {
      if (!data.author.bot)
        void api.channels.createMessage(data.channel_id, {
          content: 'hello',
          message_reference: { message_id: data.id },
        });
    });
    client.on(GatewayDispatchEvents.InteractionCreate, ({ data, api }) => {
      void api.interactions.reply(data.id, data.token, { content: 'pong' });
    });
    const commands = [{ name: 'ping', description: 'Answers' }];
    await client.api.applicationCommands.bulkOverwriteGlobalCommands(application.id, commands);
    const asked = say(emulator, application, 'hi');
    const answer = await emulator.ledger.waitFor({ type: 'message', applicationId: application.id });
    assert.equal(answer.replyTo, asked.id);
    emulator.interact({ applicationId: application.id, channelId: channelOf(application), command: 'ping' });
    await emulator.ledger.waitFor({ type: 'message', applicationId: application.id }, { count: 2 });
    assert.deepEqual(
      emulator.messages(channelOf(application)).map(({ content }) => content),
      [`<@${application.id}> hi`, 'hello', 'pong'],
    );
    assert.deepEqual(guilds, application.guildIds);
    await gateway.destroy();
    const ended = await emulator.ledger.waitFor({ type: 'session-ended', applicationId: application.id });
    assert.equal(ended.reason, 'closed with 1000');
  });

  it('waits as a 429 tells it, and delivers everything', async () => {
    await using emulator = await createEmulator({ messageCalls: 2, messageWindowMs: 200 });
    const application = emulator.createApplication();
    const rest = new REST({ api: emulator.url }).setToken(application.token);
    const messages = `/channels/${channelOf(application)}/messages` as const;
    // A client that shares the bot's bucket, so that the library cannot know and has to be told.
    for (const _ of [1, 2])
      await call(`${emulator.url}/v10${messages}`, 'POST', { token: application.token, body: { content: 'other' } });
    let limited = 0;
    rest.on('rateLimited', () => limited++);
    await rest.post(messages, { body: { content: 'mine' } });
    assert.equal(limited, 1);
    assert.deepEqual(
      emulator.ledger.entries({ type: 'rest', applicationId: application.id }).map(({ status }) => status),
      [200, 200, 429, 200],
    );
  });

  const faults: Record<string, (emulator: Emulator, id: string) => unknown> = {
    'a dropped connection': (emulator, id) => emulator.faults.drop(id),
    'op 7': (emulator, id) => emulator.faults.reconnect(id),
    'op 9 true': (emulator, id) => emulator.faults.invalidate(id, true),
    'close code 4000': (emulator, id) => emulator.faults.close(id, 4000),
    'close code 4009': (emulator, id) => emulator.faults.close(id, 4009),
    'a zombie connection': (emulator, id) => emulator.faults.freeze(id),
  };
  for (const [name, fault] of Object.entries(faults))
    it(`resumes after ${name}: nothing lost, nothing doubled, no IDENTIFY`, async () => {
      await using emulator = await createEmulator(fast);
      const application = emulator.createApplication();
      const { gateway, heard, until } = await bot(emulator, application);
      say(emulator, application, 'before');
      await until('before');
      fault(emulator, application.id);
      say(emulator, application, 'during 1');
      say(emulator, application, 'during 2');
      await emulator.ledger.waitFor({ type: 'resumed', applicationId: application.id });
      say(emulator, application, 'after');
      await until('after');
      assert.deepEqual(heard, ['before', 'during 1', 'during 2', 'after']);
      assert.equal(emulator.ledger.count('identify', application.id), 1);
      assert.equal(emulator.ledger.owners(application.id).max, 1);
      await gateway.destroy();
    });

  for (const [name, fault] of Object.entries<(emulator: Emulator, id: string) => unknown>({
    'op 9 false': (emulator, id) => emulator.faults.invalidate(id, false),
    'close code 1000': (emulator, id) => emulator.faults.close(id, 1000),
    'close code 4007': (emulator, id) => emulator.faults.close(id, 4007),
  }))
    it(`identifies anew after ${name}`, async () => {
      await using emulator = await createEmulator(fast);
      const application = emulator.createApplication();
      const { gateway } = await bot(emulator, application);
      const ready = once(gateway, WebSocketShardEvents.Ready, { signal: AbortSignal.timeout(5_000) });
      fault(emulator, application.id);
      await ready;
      assert.equal(emulator.ledger.count('ready', application.id), 2);
      assert.equal(emulator.ledger.count('resume', application.id), 0);
      assert.equal(emulator.ledger.owners(application.id).max, 1);
      await gateway.destroy();
    });

  it('gives up after close code 4004', async () => {
    await using emulator = await createEmulator(fast);
    const application = emulator.createApplication();
    const { gateway, errors, closes } = await bot(emulator, application);
    const closed = once(gateway, WebSocketShardEvents.Closed);
    emulator.faults.close(application.id, 4004);
    await closed;
    assert.deepEqual([errors, closes], [['Authentication failed'], [4004]]);
  });

  it('outlives a gateway that refuses it for a while', async () => {
    await using emulator = await createEmulator(fast);
    const application = emulator.createApplication();
    const { gateway } = await bot(emulator, application);
    const resumed = once(gateway, WebSocketShardEvents.Resumed, { signal: AbortSignal.timeout(5_000) });
    emulator.faults.refuse(application.id, { count: 2 });
    emulator.faults.drop(application.id);
    await resumed;
    assert.equal(emulator.ledger.count('refused', application.id), 2);
    await gateway.destroy();
  });

  it('keeps its session while it beats, over many heartbeats', async () => {
    await using emulator = await createEmulator({ heartbeatIntervalMs: 200 });
    const application = emulator.createApplication();
    const { gateway } = await bot(emulator, application);
    await emulator.ledger.waitFor({ type: 'send', applicationId: application.id }, { count: 5 });
    assert.equal(emulator.ledger.count('close'), 0);
    await gateway.destroy();
  });

  it('is told why its token is refused', async () => {
    await using emulator = await createEmulator();
    const token = ['MTA0NTY3ODkwMTIzNDU2Nzg5MA', 'Gab1cd', 'z'.repeat(38)].join('.');
    const rest = new REST({ api: emulator.url }).setToken(token);
    await assert.rejects(rest.get('/gateway/bot'), /401: Unauthorized\. Not a token of this emulator/);
  });
});
