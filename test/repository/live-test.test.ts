import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { createEmulator } from '../../src/emulator/index.ts';

const script = join(import.meta.dirname, '../live/assistant.ts');
type Ended = { readonly code: number | string | undefined; readonly out: string; readonly err: string };

function liveTest(settings: Readonly<Record<string, string>>): Promise<Ended> {
  const env = { ...process.env, ...settings };
  return new Promise((resolve) => {
    execFile(process.execPath, [script], { env }, (error, out, err) => resolve({ code: error?.code ?? 0, out, err }));
  });
}

/** Only the emulator stands in for Discord here: what real Discord does, only a real token can tell. */
describe('the live test', () => {
  it('says in one line what it needs', async () => {
    const { code, out, err } = await liveTest({ DROAS_LIVE_TOKEN: '', DROAS_LIVE_CHANNEL: '' });
    assert.equal(code, 2);
    assert.match(err, /^.*DROAS_LIVE_TOKEN.*DROAS_LIVE_CHANNEL.*\n$/);
    assert.equal(out, '');
  });

  it('tells its story to the end, and never shows the token', async () => {
    await using emulator = await createEmulator({ heartbeatIntervalMs: 1_000 });
    const { id, token, channelIds } = emulator.createApplication({ name: 'live' });
    const [channelId = ''] = channelIds;
    const { code, out, err } = await liveTest({
      DROAS_LIVE_TOKEN: token,
      DROAS_LIVE_CHANNEL: channelId,
      DROAS_LIVE_API: emulator.url,
    });
    assert.equal(code, 0, out + err);
    assert.equal(err, '');
    assert.match(out, /^(?:ok .*\n){10}$/);
    assert.ok(!out.includes(token));
    assert.equal(emulator.ledger.count('identify', id), 2);
    assert.equal(emulator.ledger.owners(id).max, 1);
    assert.equal(emulator.messages(channelId).length, 1);
  });

  it('fails with the reason when Discord does not know the channel', async () => {
    await using emulator = await createEmulator();
    const { token } = emulator.createApplication({ name: 'live' });
    const { code, out } = await liveTest({
      DROAS_LIVE_TOKEN: token,
      DROAS_LIVE_CHANNEL: '1',
      DROAS_LIVE_API: emulator.url,
    });
    assert.equal(code, 1);
    assert.match(out, /FAIL .*channel 1: 404/);
  });
});
