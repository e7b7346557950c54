import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import { WebSocket } from 'ws';
import type { Application, Emulator } from '../../src/emulator/index.ts';
import { createEmulator } from '../../src/emulator/index.ts';
import { adminUrl, channelOf } from './call.ts';
import { RawClient } from './raw-client.ts';

describe('garbage', () => {
  let emulator: Emulator;
  let bot: Application;
  let voiceId: string;
  before(async () => {
    emulator = await createEmulator({
      identifyWindowMs: 1,
      messageCalls: 1_000_000,
      routeCalls: 1_000_000,
      globalCalls: 1_000_000,
    });
    bot = emulator.createApplication({ privilegedIntents: (1 << 1) | (1 << 8) });
    const [guildId = ''] = bot.guildIds;
    voiceId = emulator.world.createChannel(emulator.world.guild(guildId), { name: 'voice', type: 2 }).id;
  });
  after(() => emulator.close());

  const stillWorks = async () => {
    const client = new RawClient(emulator);
    await client.login(emulator.createApplication().token);
    client.socket.terminate();
  };

  it('in gateway frames ends at worst that connection, with one of Discord’s codes', async () => {
    const data = fc.oneof(
      fc.jsonValue(),
      fc.record({
        token: fc.constantFrom('', 'x', bot.token),
        intents: fc.jsonValue(),
        properties: fc.jsonValue(),
        shard: fc.jsonValue(),
      }),
      fc.record({ token: fc.constant(bot.token), intents: fc.constant(0), properties: fc.constant({}) }),
      fc.record({ token: fc.constantFrom('x', bot.token), session_id: fc.jsonValue(), seq: fc.jsonValue() }),
    );
    const payload = fc.record({ op: fc.oneof(fc.integer({ min: -1, max: 50 }), fc.jsonValue()), d: data });
    const frame = fc.oneof(
      payload.map((value) => JSON.stringify(value)),
      fc.string({ maxLength: 5_000 }),
      fc.uint8Array({ maxLength: 5_000 }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(frame, { minLength: 1, maxLength: 10 }), async (frames) => {
        const socket = new WebSocket(`${emulator.gatewayUrl}?v=10`);
        await once(socket, 'open');
        const closed = once(socket, 'close');
        for (const one of frames) socket.send(one);
        socket.send('{"op":0}');
        const [code] = await closed;
        assert.ok([4001, 4002, 4003, 4004, 4005, 4007, 4010, 4013, 4014].includes(code), `closed with ${code}`);
      }),
      { numRuns: 100 },
    );
    await stillWorks();
  });

  it('in the requests of a session ends at worst that connection; the next one works as before', async () => {
    const [guildId = ''] = bot.guildIds;
    const id = fc.oneof(fc.constantFrom(guildId, voiceId, channelOf(bot), bot.id, '1'.repeat(18)), fc.jsonValue());
    const flag = fc.oneof(fc.boolean(), fc.jsonValue());
    const activity = fc.record(
      { name: fc.oneof(fc.string(), fc.jsonValue()), type: fc.oneof(fc.nat(6), fc.jsonValue()), url: fc.jsonValue() },
      { requiredKeys: [] },
    );
    const fields = {
      guild_id: id,
      channel_id: fc.oneof(fc.constant(null), id),
      self_mute: flag,
      self_deaf: flag,
      query: fc.oneof(fc.constantFrom('', 'y'), fc.string(), fc.jsonValue()),
      limit: fc.oneof(fc.nat(2), fc.double(), fc.jsonValue()),
      user_ids: fc.oneof(id, fc.array(id, { maxLength: 4 })),
      presences: flag,
      nonce: fc.oneof(fc.string(), fc.jsonValue()),
      since: fc.jsonValue(),
      activities: fc.oneof(fc.array(activity, { maxLength: 3 }), fc.jsonValue()),
      status: fc.oneof(fc.constantFrom('online', 'dnd', 'invisible'), fc.jsonValue()),
      afk: flag,
    };
    const data = fc.oneof({ weight: 9, arbitrary: fc.record(fields, { requiredKeys: [] }) }, fc.jsonValue());
    const request = fc.record({ op: fc.constantFrom(1, 3, 4, 8, 31, 43), d: data });
    const compress = fc.constantFrom('', '&compress=zlib-stream', '&compress=zstd-stream');
    await fc.assert(
      fc.asyncProperty(compress, fc.array(request, { minLength: 1, maxLength: 8 }), async (query, requests) => {
        const client = new RawClient(emulator, `?v=10&encoding=json${query}`);
        await client.login(bot.token, { intents: 1 | (1 << 1) | (1 << 7) | (1 << 8) });
        for (const { op, d } of requests) client.send(op, d);
        client.socket.send('{"op":0}');
        const code = await client.closed;
        assert.ok([4001, 4002].includes(code), `closed with ${code}`);
      }),
      { numRuns: 150 },
    );
    await stillWorks();
  });

  it('in HTTP bodies, queries and addresses is never answered with 5xx', async () => {
    const { url, llmUrl } = emulator;
    const channel = `${url}/v10/channels/${channelOf(bot)}`;
    const { id: messageId } = emulator.say({ channelId: channelOf(bot), content: 'x' });
    const places = [
      ['POST', `${channel}/messages`],
      ['PATCH', `${channel}/messages/${messageId}`],
      ['GET', `${channel}/messages?limit=`],
      ['GET', `${channel}/messages?before=`],
      ['GET', `${url}/v10/channels/`],
      ['POST', `${url}/v10/users/@me/channels`],
      ['PUT', `${url}/v10/applications/${bot.id}/commands`],
      ['POST', `${url}/v10/interactions/1/2/callback`],
      ['POST', `${url}/v10/webhooks/${bot.id}/x`],
      ['POST', `${llmUrl}/chat/completions`],
      ...['applications', 'say', 'direct-messages', 'interactions', 'faults'].map((path) => [
        'POST',
        `${adminUrl(emulator)}/${path}`,
      ]),
      ['GET', `${adminUrl(emulator)}/ledger?limit=`],
    ] as [string, string][];
    const message = fc.record(
      {
        content: fc.oneof(fc.string({ maxLength: 2_500 }), fc.jsonValue()),
        embeds: fc.jsonValue(),
        flags: fc.jsonValue(),
        nonce: fc.jsonValue(),
        allowed_mentions: fc.jsonValue(),
        message_reference: fc.oneof(fc.jsonValue(), fc.record({ message_id: fc.jsonValue() })),
        channelId: fc.constantFrom('1', channelOf(bot)),
        applicationId: fc.constantFrom('1', '*', bot.id),
        fault: fc.constantFrom('close', 'drop', 'freeze', 'thaw', 'reconnect', 'invalidate'),
        name: fc.jsonValue(),
        messages: fc.jsonValue(),
        model: fc.jsonValue(),
      },
      { requiredKeys: [] },
    );
    const body = fc.oneof(
      message.map((value) => JSON.stringify(value)),
      fc.array(message, { maxLength: 3 }).map((value) => JSON.stringify(value)),
      fc.jsonValue().map((value) => JSON.stringify(value)),
      fc.string(),
    );
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...places), body, async ([method, place], text) => {
        const isRead = method === 'GET';
        const response = await fetch(isRead ? place + encodeURIComponent(text) : place, {
          method,
          headers: {
            authorization: place.startsWith(llmUrl) ? 'Bearer x' : `Bot ${bot.token}`,
            'content-type': 'application/json',
          },
          ...(isRead ? {} : { body: text }),
        });
        await response.text();
        assert.ok(response.status < 500, `${method} ${place} ${text}: ${response.status}`);
      }),
      { numRuns: 300 },
    );
    emulator.faults.refuse('*', { count: 0 });
    await stillWorks();
  });

  it('instead of HTTP harms nobody', async () => {
    const { hostname, port } = new URL(emulator.url);
    const attempt = async (bytes: string | Uint8Array) => {
      const socket = connect(Number(port), hostname);
      const closed = once(socket, 'close');
      socket.on('error', () => {});
      socket.resume();
      socket.end(bytes);
      await closed;
    };
    await attempt('GET /api/%zz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n');
    await attempt('GET /gateway?v=10 HTTP/1.1\r\nhost: x\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n');
    await attempt('GET /elsewhere HTTP/1.1\r\nhost: x\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n');
    await fc.assert(fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 200 }), attempt), { numRuns: 30 });
    await stillWorks();
  });
});
