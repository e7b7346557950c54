import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { createEmulator, type Emulator } from '../../src/emulator/index.ts';
import type { BotView } from '../../src/protocol/api.ts';
import { type Document, TestFleet } from '../support/daemon.ts';

/** What a supervised assistant says of its language model, and what is remembered of it. */
describe('the model of an assistant under supervision', () => {
  let emulator: Emulator;
  let answer: () => string;
  const fleets: TestFleet[] = [];

  before(async () => {
    emulator = await createEmulator({ llm: { answer: () => answer() } });
  });
  after(async () => {
    await Promise.all(fleets.map((fleet) => fleet.dispose()));
    await emulator.close();
  });

  async function hire(llm: Document = {}, heartbeat = '200ms') {
    const name = 'helper';
    const application = emulator.createApplication({ name });
    const document = {
      builtin: 'assistant',
      token: `$${'{HELPER_TOKEN}'}`,
      discordApi: emulator.url,
      llm: { baseUrl: emulator.llmUrl, model: 'emulated', ...llm },
      health: { heartbeat },
    };
    const fleet = new TestFleet({ [name]: document });
    fleet.environment = { HELPER_TOKEN: application.token };
    fleets.push(fleet);
    await fleet.here();
    await fleet.until(name, ({ health }) => health === 'healthy');
    const [channelId = ''] = application.channelIds;
    const said = () => emulator.messages(channelId).filter(({ author }) => author.id === application.id);
    /** Asks, and resolves when the bot's view, or something else, tells what became of it. */
    const ask = async (told: (bot: BotView) => boolean) => {
      emulator.say({ channelId, content: 'hello?', mention: application.id });
      return fleet.until(name, told);
    };
    return { fleet, name, ask, said };
  }

  test('is seen in its view: work, model, budget, counters', async () => {
    answer = () => 'fine';
    const { ask } = await hire({ budget: { day: 50 } });
    const bot = await ask(({ work }) => work?.done === 1);
    assert.equal(bot.health, 'healthy');
    assert.ok(bot.healthReasons.includes('the language model answers'));
    assert.deepEqual([bot.work?.failed, bot.model?.reachable, bot.model?.refusal], [0, true, null]);
    assert.ok(Math.abs(Date.parse(bot.model?.answeredAt ?? '') - Date.now()) < 10_000);
    const { requests, requestsLimit, tokens = 0, tokensLimit, resetsAt } = bot.budget ?? {};
    assert.deepEqual([requests, requestsLimit, tokensLimit], [1, 50, null]);
    assert.ok(tokens > 0);
    assert.match(resetsAt ?? '', /T00:00:00\.000Z$/);
    assert.deepEqual(bot.counters, { answers: 1, modelErrors: 0, pending: 0 });
  });

  test('that is spent stays spent when the bot is restarted', async () => {
    answer = () => 'fine';
    // Long before a heartbeat would tell it.
    const { fleet, name, ask, said } = await hire({ budget: { day: 1 } }, '1m');
    await ask(() => said().length === 1);
    assert.equal((await fleet.wish(name, 'restart')).outcome, 'done');
    await fleet.until(name, ({ incarnation, health }) => incarnation === 2 && health === 'healthy');
    await ask(() => said().length === 2);
    assert.match(said()[1]?.content ?? '', /as much as I may today/);
  });

  test('that fails people again and again makes the bot Degraded, and nobody restarts it for that', async () => {
    answer = () => '';
    const { ask } = await hire();
    for (let failed = 1; failed < 5; failed++) {
      const bot = await ask(({ work }) => work?.failed === failed);
      assert.equal(bot.health, 'healthy');
    }
    const bot = await ask(({ health }) => health === 'degraded');
    assert.equal(bot.healthReasons[0], '5 of 5 requests failed within 5 min (warning from 50 % until below 25 %)');
    assert.equal(bot.incarnation, 1);
  });
});
