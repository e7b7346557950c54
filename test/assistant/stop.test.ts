import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { sentences } from '../../src/assistant/sentences.ts';
import { LiveAssistant } from './live-assistant.ts';

const closes = (live: LiveAssistant) =>
  live.emulator.ledger.entries({ type: 'close' }).map(({ closeCode, by }) => ({ closeCode, by }));
const slowly = { llm: { answer: () => 'word '.repeat(60), chunkDelayMs: 30 } };

/** Asks, and resolves when the answer is under way. */
async function midAnswer(live: LiveAssistant): Promise<string> {
  const channel = live.nextChannel();
  live.mention(channel, 'tell me');
  await live.until(() => live.said(channel).length === 1);
  return channel;
}

describe('an assistant that is stopped', { concurrency: 2 }, () => {
  it('by SIGTERM finishes its answer, takes no new question, goes offline with 1000 and exits with 0', async () => {
    await using live = await LiveAssistant.serving({ fromSource: true, emulator: slowly });
    const channel = await midAnswer(live);
    const other = live.nextChannel();
    live.process.kill('SIGTERM');
    await live.until(() => live.output.includes('INFO stopping pending=1'));
    live.mention(other, 'and me?');
    live.mention(other, 'and me?');
    assert.equal(await live.exit(), 0);
    assert.equal(live.said(channel)[0]?.content, 'word '.repeat(60).trimEnd());
    assert.deepEqual(
      live.said(other).map(({ content }) => content),
      [sentences.restarting],
    );
    assert.deepEqual(closes(live), [{ closeCode: 1000, by: 'client' }]);
    assert.equal(live.emulator.isOnline(live.application.id), false);
  });

  it('to be restarted leaves its session to be resumed', async () => {
    await using live = await LiveAssistant.serving();
    live.supervisor.channel.send({ method: 'stop', params: { intent: 'keep-session', graceMs: 5_000 } });
    live.process.kill('SIGTERM');
    assert.equal(await live.exit(), 0);
    assert.deepEqual(closes(live), [{ closeCode: 4200, by: 'client' }]);
    assert.equal(live.emulator.isOnline(live.application.id), true);
  });

  it('by its supervisor needs no signal', async () => {
    await using live = await LiveAssistant.serving();
    live.supervisor.channel.send({ method: 'stop', params: { intent: 'offline', graceMs: 5_000 } });
    assert.equal(await live.exit(), 0);
    assert.deepEqual(closes(live), [{ closeCode: 1000, by: 'client' }]);
  });

  it('breaks its answer off with a word of regret when the grace period ends', async () => {
    await using live = await LiveAssistant.serving({ fromSource: true, emulator: slowly });
    const channel = await midAnswer(live);
    live.supervisor.channel.send({ method: 'stop', params: { intent: 'offline', graceMs: 2_100 } });
    assert.equal(await live.exit(), 0);
    const [answer] = live.said(channel);
    assert.ok(answer?.content.startsWith('word word') && answer.content.endsWith(sentences.interrupted));
    assert.match(live.output, /WARN answer interrupted/);
    assert.deepEqual(closes(live), [{ closeCode: 1000, by: 'client' }]);
  });

  it('goes although Discord does not answer any more', async () => {
    await using live = await LiveAssistant.serving();
    live.emulator.faults.freeze(live.application.id);
    live.process.kill('SIGINT');
    assert.equal(await live.exit(), 0);
  });
});
