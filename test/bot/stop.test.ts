import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { createEmulator, type Emulator } from '../../src/emulator/index.ts';
import type { ToChild } from '../../src/protocol/child.ts';
import { OpenChannel } from '../socket/open-channel.ts';
import { bots } from './clients.ts';
import { environmentOf } from './supervised.ts';

const fixture = join(import.meta.dirname, 'fixture-stoppable.ts');
type Running = {
  readonly child: ChildProcess;
  readonly emulator: Emulator;
  readonly channel: OpenChannel;
  readonly applicationId: string;
  readonly out: () => string;
  announce(intent: 'offline' | 'keep-session', graceMs: number): void;
  /** Exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>;
};

/** The fixture as a bot that serves. */
async function running(context: TestContext, library: string, manner = ''): Promise<Running> {
  const emulator = await createEmulator();
  context.after(() => emulator.close());
  const channel = await OpenChannel.open();
  context.after(() => channel[Symbol.asyncDispose]());
  const application = emulator.createApplication();
  const env = { ...process.env, ...environmentOf(channel), DISCORD_TOKEN: application.token };
  const child = spawn(process.execPath, [fixture, library, emulator.url, manner], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  context.after(() => child.kill('SIGKILL'));
  let out = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  const ended = once(child, 'close').then(([code, signal]) => code ?? signal);
  while (!out.includes('connected')) await once(child.stdout, 'data');
  if (manner !== 'detached') await channel.until(() => channel.messages.some(({ method }) => method === 'ready'));
  const announce = (intent: 'offline' | 'keep-session', graceMs: number) => {
    const stop: ToChild = { method: 'stop', params: { intent, graceMs } };
    channel.channel.send(stop);
  };
  return { child, emulator, channel, applicationId: application.id, out: () => out, announce, ended };
}

for (const library of Object.keys(bots))
  describe(`a stopped bot on ${library}`, { concurrency: true }, () => {
    it('finishes what is under way, goes offline and ends', async (t) => {
      const { child, emulator, applicationId, announce, ended, out } = await running(t, library);
      announce('offline', 10_000);
      child.kill('SIGTERM');
      assert.equal(await ended, 0);
      assert.match(out(), /stop offline within 10000\nfinished/);
      assert.equal(emulator.isOnline(applicationId), false);
      const close = await emulator.ledger.waitFor({ type: 'close', applicationId });
      assert.deepEqual([close.closeCode, close.by], [1000, 'client']);
    });

    it('that is to come back leaves its session to be taken up again', async (t) => {
      const { child, emulator, applicationId, announce, ended, out } = await running(t, library);
      announce('keep-session', 10_000);
      child.kill('SIGTERM');
      assert.equal(await ended, 0);
      assert.match(out(), /stop keep-session within 10000\nfinished/);
      await emulator.ledger.waitFor({ type: 'close', applicationId });
      assert.equal(emulator.ledger.count('session-ended', applicationId), 0);
      assert.equal(emulator.isOnline(applicationId), true);
    });
  });

describe('a stopped bot', { concurrency: 2 }, () => {
  const library = '@discordjs/core 2';

  it('goes offline on SIGTERM alone, as after an announcement', async (t) => {
    const { child, emulator, applicationId, ended, out } = await running(t, library);
    child.kill('SIGTERM');
    assert.equal(await ended, 0);
    assert.match(out(), /stop offline within 30000\nfinished/);
    assert.equal(emulator.isOnline(applicationId), false);
  });

  it('that does not finish in time is gone before it is killed', async (t) => {
    const { child, emulator, applicationId, announce, ended, out } = await running(t, library, 'dawdles');
    const startedMs = performance.now();
    announce('offline', 1_000);
    child.kill('SIGTERM');
    assert.equal(await ended, 0);
    assert.ok(performance.now() - startedMs < 1_000);
    assert.doesNotMatch(out(), /finished/);
    assert.equal(emulator.isOnline(applicationId), false);
  });

  it('whose onStop throws ends like any other', async (t) => {
    const { emulator, applicationId, announce, ended } = await running(t, library, 'throws');
    announce('offline', 10_000);
    assert.equal(await ended, 0);
    assert.equal(emulator.isOnline(applicationId), false);
  });

  it('with a SIGTERM listener of its own ends by itself', async (t) => {
    const { child, announce, ended, out } = await running(t, library, 'own listener');
    announce('offline', 10_000);
    child.kill('SIGTERM');
    assert.equal(await ended, 7);
    assert.match(out(), /own listener/);
    assert.match(out(), /finished/);
  });

  it('that has detached dies of SIGTERM like any program', async (t) => {
    const { child, announce, ended, out } = await running(t, library, 'detached');
    announce('offline', 10_000);
    child.kill('SIGTERM');
    assert.equal(await ended, 'SIGTERM');
    assert.doesNotMatch(out(), /stop/);
  });
});
