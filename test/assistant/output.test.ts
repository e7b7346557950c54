import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LiveAssistant } from './live-assistant.ts';

test('an assistant whose output nobody reads any more goes on answering, and stops when asked', async () => {
  await using live = await LiveAssistant.serving({ fromSource: true });
  live.process.stdout?.destroy();
  live.process.stderr?.destroy();
  for (const question of ['still there?', 'and now?']) {
    const channel = live.nextChannel();
    live.mention(channel, question);
    await live.until(() => live.said(channel).length === 1);
  }
  live.process.kill('SIGTERM');
  assert.equal(await live.exit(), 0);
});
