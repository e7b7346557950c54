import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createEmulator } from '../../../src/emulator/index.ts';
import { channelOf } from '../../emulator/call.ts';
import { Bot } from './bot.ts';
import { libraries } from './libraries.ts';
import { measured } from './table.ts';

describe('slash commands and buttons', { concurrency: 4 }, () => {
  for (const library of libraries)
    it(`${library} registers commands, answers them at once and later, and reacts to a button`, async () => {
      await using emulator = await createEmulator();
      const application = emulator.createApplication();
      const { id: applicationId } = application;
      const channelId = channelOf(application);
      await using bot = new Bot(library, emulator, application);
      await bot.serves();
      assert.deepEqual(application.commands.map(({ name }) => name).sort(), ['panel', 'ping', 'slow']);

      for (const command of ['ping', 'slow', 'panel']) {
        emulator.interact({ applicationId, channelId, command });
        assert.deepEqual(await bot.tells('command'), { event: 'command', name: command });
      }
      const shown = () => emulator.messages(channelId).map(({ content }) => content);
      assert.deepEqual(shown(), ['pong', 'slow pong', 'and more', 'panel']);

      const panel = emulator.messages(channelId).at(-1);
      emulator.press({ applicationId, channelId, messageId: panel?.id ?? '', customId: 'press' });
      assert.deepEqual(await bot.tells('button'), { event: 'button', id: 'press' });
      assert.deepEqual(shown(), ['pong', 'slow pong', 'and more', 'pressed']);
      measured('commands', library, '3 of 3 answered, button too');
    });
});
