import assert from 'node:assert/strict';
import { join } from 'node:path';
import { afterEach, describe, it } from 'node:test';
import { type Application, createEmulator, type Emulator } from '../../src/emulator/index.ts';
import type { FromChild } from '../../src/protocol/child.ts';
import { environmentOf } from '../bot/supervised.ts';
import { programs } from '../examples/manual.ts';
import { OpenChannel } from '../socket/open-channel.ts';
import { PythonProgram } from './python.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

type Report = Extract<FromChild, { method: 'gateway' }>['params'];

/** The bot on an emulator, and what its supervisor hears. */
class Attached {
  readonly emulator: Emulator;
  readonly application: Application;
  readonly channel: OpenChannel;
  readonly program: PythonProgram;

  private constructor(emulator: Emulator, application: Application, channel: OpenChannel, program: PythonProgram) {
    this.emulator = emulator;
    this.application = application;
    this.channel = channel;
    this.program = program;
  }

  static start(manner = '', token?: string): Promise<Attached> {
    return Attached.run([join(import.meta.dirname, 'attached_bot.py'), manner], token);
  }

  static async run(args: readonly string[], token?: string): Promise<Attached> {
    const emulator = await createEmulator({ heartbeatIntervalMs: 300, identifyWindowMs: 1, maxConcurrency: 16 });
    const channel = await OpenChannel.open({}, undefined, { heartbeatMs: 200 });
    const application = emulator.createApplication({ name: 'dice', guilds: 2 });
    const secrets = { DISCORD_TOKEN: token ?? application.token };
    const program = new PythonProgram(args, { ...environmentOf(channel, secrets), DISCORD_API: emulator.url });
    ends.push(
      () => emulator.close(),
      () => channel[Symbol.asyncDispose](),
      () => {
        program.child.kill('SIGKILL');
        return program.ended;
      },
    );
    return new Attached(emulator, application, channel, program);
  }

  get reports(): readonly Report[] {
    return this.channel.messages.flatMap((message) => (message.method === 'gateway' ? [message.params] : []));
  }

  /** What shard 0 went through, each state once. */
  get states(): readonly string[] {
    const states = this.reports
      .filter(({ shard }) => shard === 0)
      .map(({ state, closeCode }) => (closeCode ? `${state} ${closeCode}` : state));
    return states.filter((state, n) => state !== states[n - 1]);
  }

  async until(state: string, count = 1): Promise<void> {
    await this.channel.until(() => this.states.filter((seen) => seen === state).length >= count);
  }

  async serving(): Promise<void> {
    await this.channel.until(() => this.channel.messages.some(({ method }) => method === 'ready'));
  }

  stop(intent: 'offline' | 'keep-session', graceMs = 10_000): void {
    this.channel.channel.send({ method: 'stop', params: { intent, graceMs } });
    this.program.child.kill('SIGTERM');
  }
}

describe('a bot on discord.py', () => {
  it('reports how its connection comes to be, and what it knows of it', async () => {
    const bot = await Attached.start();
    await bot.serving();
    assert.deepEqual(bot.states, ['connecting', 'identifying', 'ready']);
    const detail = bot.channel.messages.find(({ method }) => method === 'ready')?.params as { detail?: string };
    assert.match(detail.detail ?? '', /^dice.*, 2 guilds$/);
    const connected = bot.reports.length;
    await bot.channel.until(() => bot.reports.length >= connected + 2);
    const known = bot.reports.at(-1);
    assert.deepEqual([known?.guilds, known?.intervalMs], [2, 300]);
    assert.ok((known?.ackAgeMs ?? 1e9) < 1_000 && (known?.latencyMs ?? 1e9) < 1_000);
  });

  it('tells of a lost connection and of its session taken up again', async () => {
    const bot = await Attached.start();
    await bot.until('ready');
    bot.emulator.faults.close(bot.application.id, 4000);
    await bot.until('ready', 2);
    assert.deepEqual(bot.states.slice(3), ['disconnected 4000', 'ready']);
    assert.equal(bot.emulator.ledger.count('identify', bot.application.id), 1);
  });

  for (const [name, manner, states] of [
    ['its intents', 'privileged', ['connecting', 'identifying', 'disconnected 4014', 'fatal 4014']],
    ['its token', '', ['connecting', 'identifying', 'ready', 'disconnected 4004', 'fatal 4004']],
  ] as const)
    it(`says for good that Discord does not want ${name}`, async () => {
      const bot = await Attached.start(manner);
      if (manner === '') {
        await bot.until('ready');
        bot.emulator.faults.close(bot.application.id, 4004);
      }
      assert.equal(await bot.program.ended, 1);
      await bot.channel.until(() => bot.states.at(-1) === states.at(-1));
      assert.deepEqual(bot.states, states);
    });

  it('says for good that its token is none', async () => {
    const token = `${Buffer.from('1045678901234567890').toString('base64')}.Gab1cd.${'z'.repeat(38)}`;
    const bot = await Attached.start('', token);
    assert.equal(await bot.program.ended, 1);
    await bot.until('fatal');
    assert.equal(bot.reports.at(-1)?.unauthorized, true);
  });

  it('reports each of its shards', async () => {
    const bot = await Attached.start('sharded');
    await bot.serving();
    const last = (shard: number) => bot.reports.findLast((report) => report.shard === shard)?.state;
    assert.deepEqual([last(0), last(1)], ['ready', 'ready']);
  });

  for (const manner of ['', 'sharded']) {
    const kind = manner === '' ? 'alone' : 'with shards';
    it(`that is stopped ${kind} finishes what is under way, goes offline and ends`, async () => {
      const bot = await Attached.start(manner);
      await bot.serving();
      bot.stop('offline');
      assert.equal(await bot.program.ended, 0);
      assert.equal(bot.program.out, 'stop offline 10000\nfinished\nrun returned\n');
      assert.equal(bot.emulator.isOnline(bot.application.id), false);
    });

    it(`that is to come back ${kind} leaves its session to be taken up again`, async () => {
      const bot = await Attached.start(manner);
      await bot.serving();
      bot.stop('keep-session');
      assert.equal(await bot.program.ended, 0);
      assert.match(bot.program.out, /stop keep-session 10000\nfinished/);
      await bot.emulator.ledger.waitFor({ type: 'close', applicationId: bot.application.id });
      assert.equal(bot.emulator.ledger.count('session-ended', bot.application.id), 0);
      assert.equal(bot.emulator.ledger.count('resume', bot.application.id), 0);
    });
  }

  it('goes offline on SIGTERM alone', async () => {
    const bot = await Attached.start();
    await bot.serving();
    bot.program.child.kill('SIGTERM');
    assert.equal(await bot.program.ended, 0);
    assert.match(bot.program.out, /stop offline 30000\nfinished/);
    assert.equal(bot.emulator.isOnline(bot.application.id), false);
  });

  for (const manner of ['dawdles', 'throws'])
    it(`whose on_stop ${manner} ends in time all the same`, async () => {
      const bot = await Attached.start(manner);
      await bot.serving();
      const startedMs = performance.now();
      bot.stop('offline', 1_000);
      assert.equal(await bot.program.ended, 0);
      assert.ok(performance.now() - startedMs < 1_500);
      assert.equal(bot.emulator.isOnline(bot.application.id), false);
    });

  it('as the manual writes it is what a supervisor wants to hear', async () => {
    const bot = await Attached.run(['-c', programs('python').get('discord.py') ?? '']);
    await bot.serving();
    assert.equal(bot.states.at(-1), 'ready');
    bot.stop('offline');
    assert.equal(await bot.program.ended, 0);
    assert.match(bot.program.out, /finishing/);
  });

  it('that was only told to stop waits a moment for the SIGTERM that belongs to it', async () => {
    const bot = await Attached.run([
      '-c',
      `import discord, droas, time
client = discord.Client(intents=discord.Intents(guilds=True), guild_ready_timeout=0.1)
asked = []
bot = droas.attach(client, on_stop=lambda *_: asked.append(time.monotonic()))
client.run(bot.secret("DISCORD_TOKEN"), log_handler=None)
print(time.monotonic() - asked[0] >= droas.TOGETHER_S)`,
    ]);
    await bot.serving();
    bot.channel.channel.send({ method: 'stop', params: { intent: 'offline', graceMs: 10_000 } });
    assert.equal(await bot.program.ended, 0);
    assert.equal(bot.program.out, 'True\n');
    assert.equal(bot.emulator.isOnline(bot.application.id), false);
  });

  it('without a supervisor is left as it is', async () => {
    const script = `import discord, droas
client = discord.Client(intents=discord.Intents.none())
bot = droas.attach(client, on_stop=print)
print(bot.supervised, bot.secret("DISCORD_TOKEN"), [name for name in ("login", "connect", "dispatch") if name in vars(client)])`;
    const program = new PythonProgram(['-c', script], { DISCORD_TOKEN: 'from the environment' });
    assert.equal(await program.ended, 0);
    assert.equal(program.out, 'False from the environment []\n');
  });
});
