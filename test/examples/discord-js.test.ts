import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Application, createEmulator, type Emulator } from '../../src/emulator/index.ts';
import { Example } from './example.ts';

let emulator: Emulator;
let application: Application;
let channelId: string;
let example: Example;

before(async () => {
  emulator = await createEmulator({ heartbeatIntervalMs: 1_000 });
  application = emulator.createApplication({ name: 'counter', guilds: 2 });
  channelId = application.channelIds[0] ?? '';
  example = new Example('discord-js', {
    installed: ['droas', 'discord.js'],
    fleet: { defaults: { discordApi: emulator.url, restart: { jitter: 0 } } },
  });
  example.secrets({ COUNTER_TOKEN: application.token });
  await example.fleet.up();
});
after(async () => {
  await example.dispose();
  await emulator.close();
});

/** Waits for the fact, looking after each call that the bot makes. */
async function until(holds: () => boolean): Promise<void> {
  const { ledger } = emulator;
  while (!holds())
    await ledger.waitFor({ type: ['rest', 'message'], applicationId: application.id, after: ledger.lastSeq });
}

const answers = () => emulator.messages(channelId).filter(({ author }) => author.bot);

/** Uses a command as a person, and returns what the bot answers. */
async function use(command: string, options: Readonly<Record<string, number>> = {}): Promise<string> {
  const before = answers().length;
  emulator.interact({ applicationId: application.id, channelId, command, options, author: 'ada' });
  await until(() => answers().length > before);
  return answers().at(-1)?.content ?? '';
}

test('the example of discord.js serves, and its supervisor knows how', async () => {
  const { fleet } = example;
  await fleet.until('counter', ({ health }) => health === 'healthy');
  const bot = await fleet.until('counter', ({ gateway }) => gateway?.latencySeconds !== null);
  assert.deepEqual(
    [bot.state, bot.gateway?.mode, bot.gateway?.state, bot.gateway?.guilds],
    ['running', 'direct', 'ready', 2],
  );
  assert.match(bot.healthReasons.join(), /connected to Discord/);
});

test('its commands and its button are answered', async () => {
  await until(() => application.commands.length === 2);
  assert.equal(await use('top'), 'Nobody has counted yet.');
  assert.match(await use('count'), /^<@\d+> has counted to 1\.$/);
  const message = answers().at(-1);
  assert.ok(message);
  emulator.press({ applicationId: application.id, channelId, messageId: message.id, customId: 'count', author: 'ada' });
  await until(() => answers().length === 3);
  assert.match(answers().at(-1)?.content ?? '', /has counted to 2\.$/);
});

test('killed with -9 it is started again, and has forgotten nothing', async () => {
  const { fleet } = example;
  await fleet.client.ask('POST', '/api/v1/bots/counter/kill', { signal: 'SIGKILL' });
  await emulator.ledger.waitFor({ type: 'ready', applicationId: application.id }, { count: 2, timeoutMs: 20_000 });
  const bot = await fleet.until('counter', ({ state, incarnation }) => state === 'running' && incarnation === 2);
  assert.equal(bot.restarts.total, 1);
  assert.match(bot.lastExit?.sentence ?? '', /SIGKILL/);
  assert.match(await use('count'), /has counted to 3\.$/);
  assert.match(await use('top', { places: 1 }), /^1\. <@\d+> 3$/);
  assert.equal(emulator.ledger.owners(application.id).max, 1);
});

test('stopped it goes offline in order', async () => {
  const { fleet } = example;
  assert.equal((await fleet.wish('counter', 'stop')).outcome, 'done');
  assert.equal(emulator.ledger.owners(application.id).now, 0);
  const close = emulator.ledger.entries({ type: 'close', applicationId: application.id }).at(-1);
  assert.deepEqual([close?.closeCode, close?.by], [1000, 'client']);
  const [exited] = (await fleet.events('counter', 'bot.exited')).slice(-1);
  assert.match(exited?.sentence ?? '', /exited with code 0/);
});
