import assert from 'node:assert/strict';
import { join } from 'node:path';
import { afterEach, describe, it } from 'node:test';
import type { FromChild } from '../../src/protocol/child.ts';
import { refusingServer } from '../bot/refusing-server.ts';
import { environmentOf } from '../bot/supervised.ts';
import { OpenChannel } from '../socket/open-channel.ts';
import { PythonProgram } from './python.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

const open = async (options: { heartbeatMs?: number } = {}): Promise<OpenChannel> => {
  const channel = await OpenChannel.open({}, undefined, options);
  ends.push(() => channel[Symbol.asyncDispose]());
  return channel;
};

function run(script: string, env: Readonly<Record<string, string>>): PythonProgram {
  const program = new PythonProgram(['-c', script], env);
  ends.push(() => {
    program.child.kill('SIGKILL');
    return program.ended;
  });
  return program;
}

const inThread = (body: string, more = '') => `
import droas, time, sys
bot = droas.connect(${more})
${body}
`;
const inLoop = (body: string, more = '') => `
import asyncio, droas, time
async def main():
    bot = droas.connect(${more})
${body.replace(/^/gm, '    ')}
asyncio.run(main())
`;
const ready: FromChild = { method: 'ready', params: { detail: '3 guilds' } };
const connected: FromChild = { method: 'gateway', params: { state: 'ready', shard: 0, latencyMs: 40 } };

describe('a Python bot without a library', () => {
  it('without a supervisor runs as if nothing were there', async () => {
    const program = run(
      inThread('bot.ready(); bot.gateway("ready"); print(bot.supervised, bot.bot, bot.secret("A"), bot.secret("B"))'),
      { A: 'from the environment' },
    );
    assert.equal(await program.ended, 0);
    assert.equal(program.out, 'False None from the environment None\n');
  });

  it('with a secrets file that is gone or broken is not supervised, and lives', async () => {
    const channel = await open();
    for (const DROAS_SECRETS of ['/nonexistent', import.meta.filename]) {
      const program = run(inThread('print(bot.supervised)'), { ...environmentOf(channel), DROAS_SECRETS });
      assert.equal(await program.ended, 0);
      assert.equal(program.out, 'False\n');
    }
  });

  for (const [where, wrap, sleep] of [
    ['through a thread', inThread, 'time.sleep(60)'],
    ['in its asyncio loop', inLoop, 'await asyncio.sleep(60)'],
  ] as const) {
    it(`says ${where} what it has to say, sensibly`, async () => {
      const channel = await open();
      const body = `bot.ready("3 guilds")
bot.gateway("ready", latencyMs=40, ackAgeMs=float("nan"), guilds=-1, closeCode=None, intervalMs=object())
print(bot.bot, bot.secret("DISCORD_TOKEN"))
${sleep}`;
      const program = run(wrap(body), environmentOf(channel, { DISCORD_TOKEN: 'from the file' }));
      await channel.until(() => channel.messages.length === 2);
      assert.deepEqual(channel.messages, [ready, connected]);
      await program.says('music from the file');
    });

    it(`sends heartbeats ${where}, with its counters, and answers a ping with one`, async () => {
      const channel = await open({ heartbeatMs: 100 });
      run(wrap(sleep, 'counters=lambda: {"answers": 3, "broken": float("inf"), "word": "x"}'), environmentOf(channel));
      await channel.until(() => channel.messages.length >= 2);
      const [beat] = channel.messages;
      assert.ok(beat?.method === 'heartbeat' && (beat.params.loopLagMs ?? -1) >= 0);
      assert.deepEqual(beat.params.counters, { answers: 3 });
    });

    it(`finds the next supervisor ${where} within half a second and tells it the last state again`, async () => {
      const first = await open();
      run(
        wrap(`bot.ready()\nbot.gateway("ready", ackAgeMs=1000)\nbot.gateway("resuming", 1)\n${sleep}`),
        environmentOf(first),
      );
      await first.until(() => first.messages.length === 3);
      first.channel.close();
      const startedMs = performance.now();
      const second = await OpenChannel.open({}, first);
      ends.push(() => second[Symbol.asyncDispose]());
      await second.until(() => second.messages.length === 3);
      assert.ok(performance.now() - startedMs < 500);
      const [, shard0, shard1] = second.messages;
      assert.ok(shard0?.method === 'gateway' && shard1?.method === 'gateway');
      assert.ok((shard0.params.ackAgeMs ?? 0) > 1000, 'the acknowledgement has grown older');
      assert.deepEqual([shard1.params.state, shard1.params.shard], ['resuming', 1]);
    });

    it(`hears ${where} of a stop once, also when it listens late`, async () => {
      const channel = await open();
      const body = `bot.on_stop(lambda *stop: print(*stop))
while not bot._stop:
    ${sleep.replace('60', '0.01')}
bot.on_stop(lambda *stop: print("late", *stop))`;
      const program = run(wrap(body), environmentOf(channel));
      await channel.until(() => channel.types.includes('connected'));
      channel.channel.send({ method: 'stop', params: { intent: 'keep-session', graceMs: 5000 } });
      assert.equal(await program.ended, 0);
      assert.deepEqual(program.out.trim().split('\n').sort(), ['keep-session 5000', 'late keep-session 5000']);
    });
  }

  it('tells how long its event loop was blocked', async () => {
    const channel = await open();
    const program = run(
      inLoop('await asyncio.sleep(0.1)\ntime.sleep(0.9)\nprint("free")\nawait asyncio.sleep(60)'),
      environmentOf(channel),
    );
    await program.says('free');
    channel.channel.send({ method: 'ping', params: {} });
    await channel.until(() => channel.messages.length === 1);
    const [beat] = channel.messages;
    assert.ok(beat?.method === 'heartbeat' && (beat.params.loopLagMs ?? 0) >= 300);
  });

  it('gets its last word out before it ends', async () => {
    const channel = await open();
    const program = run(inThread('bot.gateway("fatal", closeCode=4004)\nsys.exit(3)'), environmentOf(channel));
    assert.equal(await program.ended, 3);
    await channel.until(() => channel.messages.length === 1);
    assert.deepEqual(channel.messages, [{ method: 'gateway', params: { state: 'fatal', shard: 0, closeCode: 4004 } }]);
  });

  it('survives callbacks that raise', async () => {
    const channel = await open({ heartbeatMs: 100 });
    const program = run(
      inThread('bot.on_stop(lambda: None)\ntime.sleep(60)', 'counters=lambda: 1 / 0'),
      environmentOf(channel),
    );
    await channel.until(() => channel.messages.length >= 2);
    channel.channel.send({ method: 'stop', params: { intent: 'offline', graceMs: 1 } });
    const beats = channel.messages.length;
    await channel.until(() => channel.messages.length > beats + 1);
    assert.match(program.err, /ZeroDivisionError/);
    assert.match(program.err, /TypeError/);
  });

  it('that is refused does not hammer the supervisor', async () => {
    const channel = await open();
    const DROAS_SOCKET = join(channel.directory, 'refusing');
    const server = await refusingServer(DROAS_SOCKET);
    ends.push(() => server.close());
    const program = run(inThread('time.sleep(1)'), { ...environmentOf(channel), DROAS_SOCKET });
    assert.equal(await program.ended, 0);
    assert.equal(server.hellos(), 1);
  });

  it('is told at once when attach gets no client of discord.py', async () => {
    const program = run('import droas\ndroas.attach(object())', {});
    assert.equal(await program.ended, 1);
    assert.match(program.err, /TypeError: attach\(\) takes a Client of discord.py 2/);
  });
});
