import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { createEmulator, type Emulator } from '../../src/emulator/index.ts';
import { TestFleet } from '../support/daemon.ts';

const fixture = join(import.meta.dirname, 'fixture-stoppable.ts');
let emulator: Emulator;
let fleet: TestFleet;

before(async () => {
  emulator = await createEmulator();
});
after(async () => {
  await fleet.dispose();
  await emulator.close();
});

// discord.js tells such a bot nothing but one event: without other work it ends with exit code 0, else it lives on for ever.
test('a bot that Discord has refused for good is failed, with the remedy, whether it ends or lives on', async () => {
  const manners = { ends: 'nothing else', lives: '' };
  const applications = Object.keys(manners).map((name) => emulator.createApplication({ name }));
  const documents = Object.entries(manners).map(([name, manner], n) => [
    name,
    {
      command: [process.execPath, fixture, 'discord.js 14', emulator.url, manner],
      token: applications[n]?.token,
      secrets: 'env',
      ready: 'sdk',
    },
  ]);
  fleet = new TestFleet(Object.fromEntries(documents));
  await fleet.up();
  for (const name of Object.keys(manners)) await fleet.until(name, ({ state }) => state === 'running');
  for (const { id } of applications) emulator.faults.close(id, 4014);
  for (const name of Object.keys(manners)) {
    const bot = await fleet.until(name, ({ state }) => state === 'failed');
    assert.match(bot.reason, /privileged intents that are switched off \(close code 4014\)/);
    assert.match(bot.remedy ?? '', /Privileged Gateway Intents/);
    assert.equal(bot.restarts.total, 0);
  }
  for (const { id } of applications) assert.equal(emulator.ledger.count('identify', id), 1);
});
