import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createEmulator } from '../../../src/emulator/index.ts';
import { channelOf } from '../../emulator/call.ts';
import { Bot } from './bot.ts';
import { libraries } from './libraries.ts';
import { measured } from './table.ts';

const guilds = 5;

describe('an ordinary bot', { concurrency: 4 }, () => {
  for (const library of libraries) {
    it(`on ${library} connects: READY, and every guild complete`, async () => {
      await using emulator = await createEmulator();
      const application = emulator.createApplication({ name: 'greeter', guilds });
      await using bot = new Bot(library, emulator, application);
      assert.deepEqual(await bot.tells('ready'), { event: 'ready', name: 'greeter', guilds });
      assert.equal(emulator.isOnline(application.id), true);
      const { ledger } = emulator;
      assert.equal(ledger.count('identify', application.id), 1);
      assert.equal(ledger.entries({ event: 'GUILD_CREATE', applicationId: application.id }).length, guilds);
      measured('connect', library, `ready, ${guilds} of ${guilds} guilds`);
    });

    it(`on ${library} delivers all within the rate limit: 12 answers at once in a channel that allows 5 per window`, async () => {
      await using emulator = await createEmulator({ messageWindowMs: 1_500 });
      const application = emulator.createApplication();
      const { id } = application;
      await using bot = new Bot(library, emulator, application);
      await bot.serves();
      for (let number = 1; number <= 12; number++)
        emulator.say({ channelId: channelOf(application), content: `#${number}`, mention: id });
      await emulator.ledger.waitFor({ type: 'message', applicationId: id }, { count: 12, timeoutMs: 30_000 });
      const answers = emulator.messages(channelOf(application)).filter(({ author }) => author.id === id);
      assert.equal(new Set(answers.map(({ content }) => content)).size, 12);
      const refused = emulator.ledger
        .entries({ type: 'rest', applicationId: id })
        .filter(({ status }) => status === 429);
      measured('12 answers, 5 allowed at once', library, `12 of 12, ${refused.length} times 429`);
    });

    it(`on ${library} started twice answers everything twice: Discord does not prevent it, the ledger shows it`, async () => {
      await using emulator = await createEmulator({ identifyWindowMs: 1 });
      const application = emulator.createApplication();
      const { id } = application;
      await using one = new Bot(library, emulator, application);
      await using two = new Bot(library, emulator, application);
      await Promise.all([one.serves(), two.serves()]);
      emulator.say({ channelId: channelOf(application), content: '#1', mention: id });
      await emulator.ledger.waitFor({ type: 'message', applicationId: id }, { count: 2, timeoutMs: 30_000 });
      assert.equal(emulator.ledger.owners(id, [0, 1]).max, 2);
      measured('two copies of it', library, 'answers twice, 2 owners');
    });
  }
});
