import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Application, Emulator } from '../../../src/emulator/index.ts';
import { createEmulator } from '../../../src/emulator/index.ts';
import { call, channelOf } from '../../emulator/call.ts';
import { RawClient } from '../../emulator/raw-client.ts';
import { Bot, type Told } from './bot.ts';
import { libraries } from './libraries.ts';
import { measured } from './table.ts';

/** Members 2, message content 32768: switched on, as in Discord's developer portal. */
const privilegedIntents = 0b1000_0000_0000_0010;
const guildVoice = (1 << 0) | (1 << 7);
const voiceChannel = 2;

/** What happens in a guild, by Discord's own API, and what a bot says that it heard of it. */
async function happenings(emulator: Emulator, application: Application, bot: Bot): Promise<Told[]> {
  const { token, guildIds } = application;
  const channelId = channelOf(application);
  const rest = async (method: string, path: string, body?: unknown) => {
    const answer = await call(`${emulator.url}/v10${path}`, method, { token, ...(body === undefined ? {} : { body }) });
    assert.ok(answer.status < 300, `${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  };
  const heard: Told[] = [];
  const hears = async (event: string) => heard.push(await bot.tells(event));

  emulator.say({ channelId, author: 'newcomer', content: 'hello' });
  await hears('member');
  await hears('message');
  const { id } = await rest('POST', `/channels/${channelId}/messages`, { content: 'first' });
  await rest('PATCH', `/channels/${channelId}/messages/${id}`, { content: 'second' });
  await hears('message-updated');
  await rest('PUT', `/channels/${channelId}/messages/${id}/reactions/${encodeURIComponent('👍')}/@me`);
  await hears('reaction');
  await rest('DELETE', `/channels/${channelId}/messages/${id}`);
  await hears('message-deleted');
  await rest('POST', `/channels/${channelId}/typing`);
  await hears('typing');
  const voice = await rest('POST', `/guilds/${guildIds[0]}/channels`, { name: 'talk', type: voiceChannel });
  const joining = new RawClient(emulator);
  await joining.login(token, { intents: guildVoice });
  joining.send(4, { guild_id: guildIds[0], channel_id: voice.id, self_mute: false, self_deaf: false });
  await hears('voice');
  joining.socket.terminate();
  assert.deepEqual(heard, [
    { event: 'member', name: 'newcomer' },
    { event: 'message', content: 'hello' },
    { event: 'message-updated', content: 'second' },
    { event: 'reaction', emoji: '👍' },
    { event: 'message-deleted', id },
    { event: 'typing', id: application.id },
    { event: 'voice', channelId: voice.id },
  ]);
  return heard;
}

describe('events of a guild', { concurrency: 4 }, () => {
  for (const library of libraries)
    it(`${library} hears of members, messages, reactions, typing and voice`, async () => {
      await using emulator = await createEmulator({ identifyWindowMs: 1 });
      const application = emulator.createApplication({ privilegedIntents });
      await using bot = new Bot(library, emulator, application, { privileged: true });
      await bot.serves();
      const heard = await happenings(emulator, application, bot);
      measured('events', library, `${heard.length} of 7 kinds heard`);
    });
});
