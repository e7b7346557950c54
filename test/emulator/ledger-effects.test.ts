import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import type { Application, Emulator } from '../../src/emulator/index.ts';
import { createEmulator } from '../../src/emulator/index.ts';
import { EffectsBook } from '../../src/emulator/ledger/effects.ts';
import { Histogram } from '../../src/emulator/ledger/histogram.ts';
import { call, channelOf } from './call.ts';
import { RawClient } from './raw-client.ts';
import { VirtualClock } from './virtual-clock.ts';

describe('numbered messages', () => {
  let emulator: Emulator;
  let clock: VirtualClock;
  before(async () => {
    clock = new VirtualClock();
    emulator = await createEmulator({ clock, messageCalls: 1_000, globalCalls: 1_000 });
  });
  after(() => emulator.close());
  const answer = (bot: Application, body: object, channelId = channelOf(bot)) =>
    call(`${emulator.url}/channels/${channelId}/messages`, 'POST', { token: bot.token, body });
  const posted = (bot: Application, channelId = channelOf(bot)) =>
    emulator.messages(channelId).filter(({ author }) => author.id !== bot.id);

  it('are written so many per second, and a stall delays none beyond its end', async () => {
    const bot = emulator.createApplication();
    const counting = emulator.count({ applicationId: bot.id, total: 5, perSecond: 2, author: 'ada' });
    clock.advance(0);
    assert.equal(counting.posted, 1);
    clock.advance(999);
    assert.equal(counting.posted, 2);
    clock.advance(60_000);
    assert.equal(await counting.done, 5);
    assert.deepEqual(
      posted(bot).map(({ content, author }) => [content, author.name]),
      [1, 2, 3, 4, 5].map((number) => [`<@${bot.id}> #${number} of 5`, 'ada']),
    );
    assert.equal(emulator.count({ applicationId: bot.id, total: 1 }).first, 6);
    clock.advance(0);
  });

  it('are counted by what the bot replies: once, twice, never, and how fast', async () => {
    const bot = emulator.createApplication();
    emulator.count({ applicationId: bot.id, total: 4, perSecond: 1_000 });
    clock.advance(100);
    const [first, second] = posted(bot);
    clock.advance(900);
    const replying = { content: 'here', message_reference: { message_id: first?.id } };
    await answer(bot, replying);
    await answer(bot, { content: 'there', message_reference: { message_id: second?.id } });
    await answer(bot, { content: 'there again', message_reference: { message_id: second?.id } });
    await answer(bot, { content: 'and #3 without a reference' });
    await answer(bot, { content: 'what nobody asked: #99' });
    await answer(bot, { content: 'no number' });
    const { latencyMs, ...effects } = emulator.ledger.effects(bot.id);
    assert.deepEqual(effects, {
      posted: 4,
      once: 2,
      twice: 1,
      never: 1,
      twiceNumbers: [2],
      neverNumbers: [4],
      lastNumber: 4,
    });
    assert.ok(latencyMs && latencyMs.p50 >= 960 && latencyMs.max <= 1_000, JSON.stringify(latencyMs));
  });

  it('are matched in direct messages, and never with another bot’s answers', async () => {
    const [bot, other] = [emulator.createApplication(), emulator.createApplication()];
    const { channelId } = emulator.directMessage({ applicationId: bot.id, content: 'hi' });
    const { channelId: otherChannelId } = emulator.directMessage({ applicationId: other.id, content: 'hi' });
    emulator.count({ applicationId: bot.id, channelId, total: 1 });
    emulator.count({ applicationId: other.id, channelId: otherChannelId, total: 1 });
    clock.advance(0);
    await answer(bot, { content: '#1' }, channelId);
    assert.deepEqual([emulator.ledger.effects(bot.id).once, emulator.ledger.effects(other.id).never], [1, 1]);
    assert.deepEqual(emulator.ledger.effects('1').posted, 0);
  });

  it('are not what people number themselves, which neither counts nor ends the numbering', async () => {
    const bot = emulator.createApplication();
    const byHand = (content: string) => emulator.say({ channelId: channelOf(bot), content, mention: bot.id });
    byHand('#999999 x');
    assert.equal(emulator.ledger.effects(bot.id).posted, 0);
    assert.equal(emulator.count({ applicationId: bot.id, total: 2 }).first, 1);
    clock.advance(1_000);
    for (const { id } of [byHand('#1 again'), byHand('#1 and again')])
      await answer(bot, { content: 'as you say: #1', message_reference: { message_id: id } });
    await answer(bot, { content: 'what you wrote was #999999' });
    const { posted, once, twice, never } = emulator.ledger.effects(bot.id);
    assert.deepEqual([posted, once, twice, never], [2, 0, 0, 2]);
    const [numbered] = emulator.messages(channelOf(bot)).filter(({ counted }) => counted?.number === 1);
    await answer(bot, { content: 'ok', message_reference: { message_id: numbered?.id } });
    assert.equal(emulator.ledger.effects(bot.id).once, 1);
  });

  it('are not answered by a reply to what another bot was asked', async () => {
    const [bot, other] = [emulator.createApplication(), emulator.createApplication()];
    const guild = emulator.world.channel(channelOf(bot)).guild;
    assert.ok(guild);
    emulator.world.addMember(guild, other.bot);
    emulator.count({ applicationId: bot.id, total: 1 });
    emulator.count({ applicationId: other.id, total: 1 });
    clock.advance(0);
    const [asked] = posted(bot);
    const body = { content: 'I know, #1', message_reference: { message_id: asked?.id } };
    assert.equal((await answer(other, body, channelOf(bot))).status, 200);
    assert.deepEqual([emulator.ledger.effects(bot.id).never, emulator.ledger.effects(other.id).never], [1, 1]);
    assert.equal(emulator.ledger.entries({ type: 'message', applicationId: other.id }).at(-1)?.number, undefined);
  });

  it('are answered in any order, also when the channel has forgotten them', async () => {
    await using small = await createEmulator({ clock, messageCalls: 1_000, messagesPerChannel: 2 });
    const bot = small.createApplication();
    const ids: string[] = [];
    small.ledger.onEntry(({ number, messageId }) => number !== undefined && ids.push(messageId ?? ''));
    small.count({ applicationId: bot.id, total: 5, perSecond: 1_000 });
    clock.advance(100);
    for (const id of ids.slice(0, 5).reverse()) {
      const body = { content: 'ok', message_reference: { message_id: id } };
      await call(`${small.url}/channels/${channelOf(bot)}/messages`, 'POST', { token: bot.token, body });
    }
    const { once, twice, never } = small.ledger.effects(bot.id);
    assert.deepEqual([once, twice, never], [5, 0, 0]);
  });

  it('can be stopped, and end with the emulator', async () => {
    const ending = await createEmulator({ clock });
    const { id } = ending.createApplication();
    const counting = ending.count({ applicationId: id, total: 100, perSecond: 1 });
    clock.advance(2_500);
    counting.stop();
    clock.advance(10_000);
    assert.deepEqual([counting.posted, await counting.done], [3, 3]);
    const second = ending.count({ applicationId: id });
    await ending.close();
    assert.equal(await second.done, 0);
    assert.equal(clock.pending, 0);
  });

  it('are refused in numbers that cannot be', () => {
    const { id: applicationId } = emulator.createApplication();
    for (const total of [0, 1.5, 1_000_001, Number.NaN])
      assert.throws(() => emulator.count({ applicationId, total }), /not possible/, String(total));
    for (const perSecond of [0, 10_001, Number.NaN])
      assert.throws(() => emulator.count({ applicationId, perSecond }), /per second/, String(perSecond));
    assert.throws(() => emulator.count({ applicationId: '1' }), /no application 1/);
    assert.throws(() => emulator.count({ applicationId, channelId: '1' }), /no channel 1/);
  });

  it('tell a bot that loses from one that does not', async () => {
    await using real = await createEmulator({ messageCalls: 1_000, globalCalls: 1_000 });
    const bot = real.createApplication();
    const client = new RawClient(real);
    await client.login(bot.token);
    const counting = real.count({ applicationId: bot.id, total: 20, perSecond: 1_000 });
    for (let seen = 1; seen <= 20; seen++) {
      const { d: message } = await client.next(({ t, d }) => t === 'MESSAGE_CREATE' && !d.author.bot);
      const { token } = bot;
      const body = { content: 'ok', message_reference: { message_id: message.id } };
      if (seen !== 7) await call(`${real.url}/channels/${message.channel_id}/messages`, 'POST', { token, body });
    }
    await counting.done;
    const { posted, once, twice, neverNumbers, latencyMs } = real.ledger.effects(bot.id);
    assert.deepEqual([posted, once, twice, neverNumbers], [20, 19, 0, [7]]);
    assert.ok(latencyMs && latencyMs.p50 > 0);
  });
});

describe('the count of effects', () => {
  it('agrees with a naive one, in little memory', () => {
    const act = fc.record({ number: fc.integer({ min: 1, max: 3_000 }), isPost: fc.boolean() });
    fc.assert(
      fc.property(fc.array(act, { maxLength: 300 }), (acts) => {
        const book = new EffectsBook();
        const answers = new Map<number, number>();
        for (const [seq, { number, isPost }] of acts.entries()) {
          const entry = { seq, atMs: seq, at: '', type: 'message', number } as const;
          book.fold(isPost ? { ...entry, addressedTo: 'a' } : { ...entry, applicationId: 'a' });
          if (isPost) answers.set(number, answers.get(number) ?? 0);
          else if (answers.has(number)) answers.set(number, (answers.get(number) ?? 0) + 1);
        }
        const having = (fits: (count: number) => boolean) =>
          [...answers]
            .filter(([, count]) => fits(count))
            .map(([number]) => number)
            .sort((a, b) => a - b);
        const { posted, once, twiceNumbers, neverNumbers } = book.of('a');
        assert.equal(posted, answers.size);
        assert.equal(once, having((count) => count === 1).length);
        assert.deepEqual([twiceNumbers, neverNumbers], [having((count) => count > 1), having((count) => count === 0)]);
      }),
    );
  });

  it('stays exact for a million messages, and lists the first thousand', () => {
    const book = new EffectsBook();
    for (let number = 1; number <= 1_000_001; number++)
      book.fold({ seq: number, atMs: number, at: '', type: 'message', number, addressedTo: 'a' });
    book.fold({ seq: 1, atMs: 1_000_010, at: '', type: 'message', number: 1_000_000, applicationId: 'a' });
    const { posted, once, never, neverNumbers, latencyMs } = book.of('a');
    assert.deepEqual([posted, once, never, neverNumbers.length], [1_000_000, 1, 999_999, 1_000]);
    assert.equal(latencyMs?.max, 10);
  });

  it('knows percentiles within two percent', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 600_000 }), { minLength: 1, maxLength: 200 }), (durations) => {
        const histogram = new Histogram();
        for (const duration of durations) histogram.add(duration);
        const sorted = durations.toSorted((a, b) => a - b);
        const { p50, p95, p99, max } = histogram.distribution() ?? { p50: -1, p95: -1, p99: -1, max: -1 };
        for (const [share, value] of [
          [0.5, p50],
          [0.95, p95],
          [0.99, p99],
        ] as const) {
          const exact = sorted[Math.ceil(sorted.length * share) - 1] ?? -1;
          assert.ok(value >= exact - 1e-9 && value + 1 <= (exact + 1) * 1.0201, `${share}: ${value}, not ${exact}`);
        }
        assert.equal(max, sorted.at(-1));
      }),
    );
    assert.equal(new Histogram().distribution(), null);
  });
});
