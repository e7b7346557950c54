import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { describe, it, type TestContext } from 'node:test';
import { type Attached, attach } from '../../src/bot/index.ts';
import { createEmulator, type Emulator } from '../../src/emulator/index.ts';
import type { FromChild } from '../../src/protocol/child.ts';
import { OpenChannel } from '../socket/open-channel.ts';
import { bots, type TestBot } from './clients.ts';
import { environmentOf } from './supervised.ts';

type Report = Extract<FromChild, { method: 'gateway' }>['params'];

const fast = { heartbeatIntervalMs: 400, identifyWindowMs: 1 };

/** A bot of its own application, with everything that it reports to a supervisor. */
class Supervised {
  readonly channel: OpenChannel;
  readonly emulator: Emulator;
  readonly applicationId: string;
  readonly bot: TestBot;
  readonly #context: TestContext;

  private constructor(
    context: TestContext,
    channel: OpenChannel,
    emulator: Emulator,
    applicationId: string,
    bot: TestBot,
  ) {
    this.#context = context;
    this.channel = channel;
    this.emulator = emulator;
    this.applicationId = applicationId;
    this.bot = bot;
  }

  static async make(
    context: TestContext,
    library: string,
    { intents, token }: { intents?: number; token?: string } = {},
  ) {
    const emulator = await createEmulator(fast);
    context.after(() => emulator.close());
    const channel = await OpenChannel.open();
    context.after(() => channel[Symbol.asyncDispose]());
    const application = emulator.createApplication({ guilds: 2 });
    const make = bots[library] ?? assert.fail();
    const bot = make({ emulator, token: token ?? application.token, ...(intents === undefined ? {} : { intents }) });
    context.after(() => bot.close());
    return new Supervised(context, channel, emulator, application.id, bot);
  }

  /** Resolves when the supervisor listens: what is reported sooner is told in one word only. */
  async attach(): Promise<Attached> {
    const droas = attach(this.bot.client, { env: environmentOf(this.channel) });
    this.#context.after(() => {
      droas.detach();
      return droas.close();
    });
    await this.channel.until(() => this.channel.types.includes('connected'));
    return droas;
  }

  get reports(): readonly Report[] {
    return this.channel.messages.flatMap((message) => (message.method === 'gateway' ? [message.params] : []));
  }

  /** What it went through, each state once. */
  get states(): readonly string[] {
    const states = this.reports.map(({ state, closeCode }) => (closeCode ? `${state} ${closeCode}` : state));
    return states.filter((state, n) => state !== states[n - 1]);
  }

  async until(state: string, count = 1): Promise<void> {
    await this.channel.until(() => this.states.filter((seen) => seen === state).length >= count);
  }

  get identifies(): number {
    return this.emulator.ledger.count('identify', this.applicationId);
  }
}

for (const library of Object.keys(bots))
  describe(`a bot on ${library}`, { concurrency: true }, () => {
    it('reports how its connection comes to be, and what it knows of it', async (t) => {
      const bot = await Supervised.make(t, library);
      await bot.attach();
      void bot.bot.connect();
      await bot.until('ready');
      await bot.channel.until(() => bot.channel.messages.some(({ method }) => method === 'ready'));
      assert.deepEqual(bot.states, ['connecting', 'identifying', 'ready']);
      const [connecting] = bot.reports;
      assert.equal(connecting?.identifiesLeft, 1000);
      assert.ok((connecting.identifiesResetMs ?? -1) >= 0);
      await bot.channel.until(
        () => bot.reports.at(-1)?.intervalMs !== undefined && bot.reports.at(-1)?.latencyMs !== undefined,
      );
      const known = bot.reports.at(-1);
      assert.deepEqual([known?.state, known?.shard, known?.guilds, known?.intervalMs], ['ready', 0, 2, 400]);
      assert.ok((known?.ackAgeMs ?? 1e9) < 3_000);
    });

    it('tells of a lost connection and of its session taken up again', async (t) => {
      const bot = await Supervised.make(t, library);
      await bot.attach();
      void bot.bot.connect();
      await bot.until('ready');
      bot.emulator.faults.close(bot.applicationId, 4000);
      await bot.until('ready', 2);
      assert.deepEqual(bot.states.slice(3), ['disconnected 4000', 'connecting', 'resuming', 'ready']);
      assert.equal(bot.identifies, 1);
    });

    it('tells of a zombie connection that its library gave up, with no code of Discord', async (t) => {
      const bot = await Supervised.make(t, library);
      await bot.attach();
      void bot.bot.connect();
      await bot.until('ready');
      bot.emulator.faults.freeze(bot.applicationId);
      await bot.until('ready', 2);
      assert.equal(bot.states[3], 'disconnected');
    });

    it('tells of every IDENTIFY that it spends', async (t) => {
      const bot = await Supervised.make(t, library);
      await bot.attach();
      void bot.bot.connect();
      await bot.until('ready');
      bot.emulator.faults.invalidate(bot.applicationId, false);
      await bot.until('ready', 2);
      assert.equal(bot.identifies, 2);
      assert.equal(bot.states.filter((state) => state === 'identifying').length, 2);
    });

    it('says for good that Discord does not want its intents', async (t) => {
      const members = 1 << 1;
      const bot = await Supervised.make(t, library, { intents: members });
      await bot.attach();
      void Promise.resolve(bot.bot.connect()).catch(() => {});
      await bot.until('fatal 4014');
      assert.deepEqual(bot.states, ['connecting', 'identifying', 'fatal 4014']);
    });

    it('says for good that its token was revoked, long after it was ready', async (t) => {
      const bot = await Supervised.make(t, library);
      await bot.attach();
      void bot.bot.connect();
      await bot.until('ready');
      bot.emulator.faults.close(bot.applicationId, 4004);
      await bot.until('fatal 4004');
      assert.equal(bot.states.at(-1), 'fatal 4004');
    });

    it('says for good that its token is none', async (t) => {
      const token = `${Buffer.from('1045678901234567890').toString('base64')}.Gab1cd.${'z'.repeat(38)}`;
      const bot = await Supervised.make(t, library, { token });
      await bot.attach();
      await assert.rejects(Promise.resolve(bot.bot.connect()));
      await bot.until('fatal');
      assert.equal(bot.reports.at(-1)?.unauthorized, true);
      assert.equal(bot.identifies, 0);
    });

    it('that attaches late is caught up with', async (t) => {
      const bot = await Supervised.make(t, library);
      await bot.bot.connect();
      await bot.emulator.ledger.waitFor({ type: 'ready', applicationId: bot.applicationId });
      await bot.attach();
      await bot.until('ready');
      await bot.channel.until(() => bot.channel.messages.some(({ method }) => method === 'ready'));
      bot.emulator.faults.drop(bot.applicationId);
      await bot.until('ready', 2);
      assert.ok(bot.states.includes('disconnected') || bot.states.includes('disconnected 1006'));
    });

    it('that detaches reports no more', async (t) => {
      const bot = await Supervised.make(t, library);
      const droas = await bot.attach();
      void bot.bot.connect();
      await bot.until('ready');
      droas.detach();
      const before = bot.reports.length;
      bot.emulator.faults.drop(bot.applicationId);
      await bot.emulator.ledger.waitFor({ type: 'resumed', applicationId: bot.applicationId });
      droas.ready('still here');
      await bot.channel.until(() =>
        bot.channel.messages.some((message) => message.method === 'ready' && message.params.detail === 'still here'),
      );
      assert.equal(bot.reports.length, before);
    });
  });

describe('attach', () => {
  it('refuses what is no client of a library that it knows, and names those', () => {
    for (const client of [null, undefined, 7, {}, { gateway: {} }, { ws: {} }])
      assert.throws(
        () => attach(client as object),
        /TypeError: attach\(\) takes a Client of discord\.js 14, of oceanic\.js 1/,
      );
  });

  it('without a supervisor leaves the client as it is', () => {
    const client = { ws: {}, isReady() {}, login() {}, destroy() {} };
    const signals = process.listenerCount('SIGTERM');
    const droas = attach(Object.freeze(client), { env: {} });
    droas.detach();
    assert.equal(droas.supervised, false);
    assert.equal(process.listenerCount('SIGTERM'), signals);
  });

  it('survives a library that hands over something else than today', async (t) => {
    const channel = await OpenChannel.open();
    t.after(() => channel[Symbol.asyncDispose]());
    const methods = {
      fetchStatus: () => Promise.reject(new Error('another')),
      fetchGatewayInformation() {},
      destroy() {},
    };
    const manager = Object.assign(new EventEmitter(), methods);
    const droas = attach(manager, { env: environmentOf(channel) });
    const warned = once(process, 'warning');
    manager.emit('ready', null, 0);
    manager.emit('dispatch', {}, 0);
    manager.emit('dispatch', undefined);
    await warned;
    droas.detach();
    await droas.close();
  });
});
