import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type Application, createEmulator, type Emulator } from '../../src/emulator/index.ts';
import type { EventView } from '../../src/protocol/api.ts';
import { type Document, TestFleet } from '../support/daemon.ts';

/** The built-in bot, supervised, on the emulated Discord. What Discord saw is read from the emulator's ledger. */
describe('assistants under supervision', () => {
  let emulator: Emulator;
  const fleets: TestFleet[] = [];

  before(async () => {
    emulator = await createEmulator({ heartbeatIntervalMs: 2_000 });
  });
  after(async () => {
    await Promise.all(fleets.map((fleet) => fleet.dispose()));
    await emulator.close();
  });

  type Hired = { readonly fleet: TestFleet; readonly applications: readonly Application[] };
  async function hire(names: readonly string[], more: Document = {}): Promise<Hired> {
    const applications = names.map((name) => emulator.createApplication({ name }));
    const variable = (name: string) => `${name.toUpperCase()}_TOKEN`;
    const document = (name: string): Document => ({
      builtin: 'assistant',
      token: `$${`{${variable(name)}}`}`,
      ...more,
    });
    const fleet = new TestFleet(Object.fromEntries(names.map((name) => [name, document(name)])), {
      defaults: {
        discordApi: emulator.url,
        llm: { baseUrl: emulator.llmUrl, model: 'emulated', key: 'none-needed' },
        health: { heartbeat: '500ms', sweep: '2s' },
        stop: { grace: '5s', hungGrace: '1s' },
      },
    });
    fleet.environment = Object.fromEntries(applications.map(({ token }, n) => [variable(names[n] ?? ''), token]));
    fleets.push(fleet);
    await fleet.here();
    return { fleet, applications };
  }
  const healthy = ({ health }: { health: string }) => health === 'healthy';

  test('is healthy by evidence: heartbeat and gateway, with guilds and IDENTIFYs counted', async () => {
    const { fleet, applications } = await hire(['calm']);
    const bot = await fleet.until('calm', (now) => healthy(now) && now.gateway?.guilds !== null);
    assert.equal(bot.state, 'running');
    assert.equal(bot.gateway?.state, 'ready');
    assert.equal(bot.gateway?.guilds, applications[0]?.guildIds.length);
    assert.equal(bot.identifies?.last24h, 1);
    assert.equal(emulator.ledger.count('identify', applications[0]?.id), 1);
  });

  test('a stop closes the session with 1000 and drains; Discord sees nobody', async () => {
    const { fleet, applications } = await hire(['polite']);
    const id = applications[0]?.id ?? '';
    await fleet.until('polite', healthy);
    assert.equal((await fleet.wish('polite', 'stop')).outcome, 'done');
    const [close] = emulator.ledger.entries({ type: 'close', applicationId: id });
    assert.deepEqual([close?.closeCode, close?.by], [1000, 'client']);
    assert.equal(emulator.ledger.owners(id).now, 0);
    assert.equal(emulator.isOnline(id), false);
  });

  test('a restart waits for the five seconds that Discord asks for between two IDENTIFYs, and wastes none', async () => {
    const { fleet, applications } = await hire(['quick']);
    const id = applications[0]?.id ?? '';
    await fleet.until('quick', healthy);
    assert.equal((await fleet.wish('quick', 'restart')).outcome, 'done');
    assert.deepEqual([emulator.ledger.count('identify', id), emulator.ledger.count('identify-refused', id)], [2, 0]);
    const [first, second] = emulator.ledger.entries({ type: 'identify', applicationId: id });
    assert.ok((second?.atMs ?? 0) - (first?.atMs ?? 0) >= 5_000);
    assert.equal(emulator.ledger.owners(id).max, 1);
  });

  for (const [closeCode, remedy] of [
    [4014, /Developer Portal/],
    [4004, /token/],
  ] as const) {
    test(`close code ${closeCode} after READY is a failure with a remedy, not a restart`, async () => {
      const { fleet, applications } = await hire([`fatal${closeCode}`]);
      const id = applications[0]?.id ?? '';
      await fleet.until(`fatal${closeCode}`, healthy);
      emulator.faults.close(id, closeCode);
      const bot = await fleet.until(`fatal${closeCode}`, ({ state }) => state === 'failed');
      assert.equal(bot.lastExit?.closeCode, closeCode);
      assert.equal(bot.restarts.total, 0);
      assert.match(bot.remedy ?? '', remedy);
      assert.equal(emulator.ledger.count('identify', id), 1);
    });
  }

  test('a frozen process is found by its silence, ended and replaced', async () => {
    const { fleet, applications } = await hire(['frozen']);
    const id = applications[0]?.id ?? '';
    const first = await fleet.until('frozen', healthy);
    await fleet.client.ask('POST', '/api/v1/bots/frozen/kill', { signal: 'SIGSTOP' });
    const bot = await fleet.until('frozen', (now) => now.incarnation === 2 && healthy(now), 20_000);
    assert.notEqual(bot.pid, first.pid);
    assert.match(bot.lastExit?.sentence ?? '', /no heartbeat/);
    assert.equal(emulator.ledger.owners(id).max, 1);
  });

  test('when half of the fleet loses Discord together nobody is restarted, one alert is raised, and all come back by themselves', async () => {
    const names = ['north', 'south'];
    const { fleet, applications } = await hire(names);
    const before = await Promise.all(names.map((name) => fleet.until(name, healthy)));
    for (const { id } of applications) emulator.faults.refuse(id, { ms: 1_500 });
    for (const { id } of applications) emulator.faults.drop(id);
    const alerts = async () =>
      (await fleet.client.get<{ items: EventView[] }>('/api/v1/events?type=alert.fired&limit=10')).items;
    await fleet.until('north', ({ health }) => health === 'degraded');
    const after = await Promise.all(names.map((name) => fleet.until(name, healthy, 20_000)));
    assert.deepEqual(
      after.map(({ pid }) => pid),
      before.map(({ pid }) => pid),
    );
    const told = await alerts();
    assert.deepEqual([told.length, told[0]?.bot], [1, null]);
    assert.match(told[0]?.sentence ?? '', /2 of 2 connected bots lost Discord/);
    const ended = await fleet.client.get<{ items: EventView[] }>('/api/v1/events?type=outage.ended&limit=10');
    assert.equal(ended.items.length, 1);
  });
});
