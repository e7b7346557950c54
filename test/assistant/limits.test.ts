import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Prompt } from '../../src/emulator/llm/completion.ts';
import { LiveAssistant, unlimited } from './live-assistant.ts';

const hourMs = 3_600_000;
const today = () => Math.floor(Date.now() / 86_400_000);

describe('an assistant within its limits', { concurrency: 2 }, () => {
  it('tells each person once that it is used up, and then is silent', async () => {
    const budget = { ...unlimited, user: { count: 2, windowMs: hourMs } };
    await using live = await LiveAssistant.serving({ fromSource: true, llm: { budget } });
    const channel = live.nextChannel();
    await live.ask(channel, 'one');
    await live.ask(channel, 'two');
    for (const content of ['three', 'four', 'five']) live.mention(channel, content);
    await live.until(() => live.said(channel).length === 3);
    live.emulator.say({ channelId: channel, content: 'and I?', mention: live.application.id, author: 'bob' });
    await live.logged(channel, 'INFO answered', 3);
    const [, , refusal, bobs, ...others] = live.said(channel).map(({ content }) => content);
    const [, seconds] = /^You have asked me .* Please ask again <t:(\d+):R>\.$/.exec(refusal ?? '') ?? [];
    const inMs = Number(seconds) * 1_000 - Date.now();
    assert.ok(inMs > 0 && inMs <= hourMs + 1_000, refusal);
    assert.match(bobs ?? '', /and I\?/);
    assert.deepEqual(others, []);
    assert.equal(live.emulator.ledger.entries({ type: 'llm' }).length, 3 + 1, 'and one look at the list of models');
  });

  it('goes on from what an earlier process spent', async () => {
    const budget = { ...unlimited, requestsPerDay: 10 };
    const spent = { day: today(), requests: 9, tokens: 5 };
    await using live = await LiveAssistant.serving({ llm: { budget }, settings: { spent } });
    const channel = live.nextChannel();
    await live.ask(channel, 'the tenth');
    live.mention(channel, 'the eleventh');
    await live.until(() => live.said(channel).length === 2);
    assert.match(live.said(channel)[1]?.content ?? '', /^I have answered as much as I may today\./);
  });

  it('stops when the tokens of the day are used up', async () => {
    const budget = { ...unlimited, tokensPerDay: 5 };
    await using live = await LiveAssistant.serving({ llm: { budget } });
    const channel = live.nextChannel();
    await live.ask(channel, 'a question of more than five words and its answer');
    live.mention(channel, 'again');
    await live.until(() => live.said(channel).length === 2);
    assert.match(live.said(channel)[1]?.content ?? '', /today/);
  });

  it('answers in its servers only, with the words for each', async () => {
    const prompts: Prompt[] = [];
    const answer = (prompt: Prompt) => {
      prompts.push(prompt);
      return 'yes';
    };
    const settings: { guilds: string[]; prompts: Record<string, string>; directMessages: boolean } = {
      guilds: [],
      prompts: {},
      directMessages: false,
    };
    await using live = await LiveAssistant.serving({
      emulator: { llm: { answer } },
      settings,
      async prepare(_, { guildIds: [home = ''] }) {
        settings.guilds.push(home);
        settings.prompts[home] = 'You are at home.';
      },
    });
    const { channelIds, guildIds } = live.application;
    const [home, abroad] = [channelIds[0], channelIds[channelIds.length / guildIds.length]];
    assert.ok(home && abroad);
    live.mention(abroad, 'anybody there?');
    const direct = live.emulator.directMessage({ applicationId: live.application.id, content: 'psst' });
    await live.ask(home, 'hello?');
    assert.deepEqual([live.said(abroad), live.said(direct.channelId)], [[], []]);
    assert.deepEqual(
      prompts.map(([system]) => system),
      [{ role: 'system', text: 'You are at home.' }],
    );
  });

  it('edits a long answer no more often than Discord allows, in two channels at once, and its end has not to wait', async () => {
    const words = `A beginning. ${Array.from({ length: 80 }, (_, n) => `word${n}`).join(' ')}`;
    await using live = await LiveAssistant.serving({
      // Whoever spends the second edit on a part has to wait for longer than this test does.
      emulator: { messageCalls: 2, messageWindowMs: 60_000, llm: { answer: () => words, chunkDelayMs: 50 } },
    });
    const channels = [live.nextChannel(), live.nextChannel()];
    for (const channel of channels) live.mention(channel, 'tell me');
    await Promise.all(channels.map((channel) => live.logged(channel, 'INFO answered')));
    for (const channel of channels) {
      assert.deepEqual(
        live.said(channel).map(({ content }) => content),
        [words],
      );
    }
    const calls = live.emulator.ledger.entries({ type: 'rest' });
    const edits = calls.filter(({ method }) => method === 'PATCH');
    assert.deepEqual([edits.length, calls.filter(({ status }) => status === 429).length], [4, 0]);
  });
});
