import assert from 'node:assert/strict';
import { cpSync } from 'node:fs';
import { delimiter, dirname, isAbsolute, join } from 'node:path';
import { after, before, test } from 'node:test';
import { type Application, createEmulator, type Emulator } from '../../src/emulator/index.ts';
import { Example } from '../examples/example.ts';
import { clientDirectory, python } from './python.ts';

let emulator: Emulator;
let application: Application;
let channelId: string;
let example: Example;

before(async () => {
  const { program, path } = python();
  emulator = await createEmulator({ heartbeatIntervalMs: 1_000 });
  application = emulator.createApplication({ name: 'dice' });
  channelId = application.channelIds[0] ?? '';
  example = new Example('discord-py', {
    fleet: { defaults: { discordApi: emulator.url, restart: { jitter: 0 }, env: { PYTHONPATH: path } } },
  });
  cpSync(join(clientDirectory, 'droas.py'), join(example.directory, 'droas.py'));
  const PATH = [...(isAbsolute(program) ? [dirname(program)] : []), process.env['PATH']].join(delimiter);
  example.secrets({ PATH, DICE_TOKEN: application.token });
  await example.fleet.up();
});
after(async () => {
  await example.dispose();
  await emulator.close();
});

const answers = () => emulator.messages(channelId).filter(({ author }) => author.bot);

async function use(command: string): Promise<string> {
  const count = emulator.ledger.count('message', application.id) + 1;
  emulator.interact({ applicationId: application.id, channelId, command, author: 'ada' });
  await emulator.ledger.waitFor({ type: 'message', applicationId: application.id }, { count });
  return answers().at(-1)?.content ?? '';
}

test('the example of discord.py serves, and its supervisor knows how', async () => {
  const bot = await example.fleet.until('dice', ({ health }) => health === 'healthy');
  assert.deepEqual([bot.state, bot.gateway?.state, bot.gateway?.guilds], ['running', 'ready', 1]);
  assert.match(await use('roll'), /^<@\d+> rolls a [1-6]\.$/);
  assert.match(await use('rolls'), /^1 rolls, [1-6]\.00 on average\.$/);
});

test('killed with -9 it is started again, and has forgotten nothing', async () => {
  const { fleet } = example;
  await fleet.client.ask('POST', '/api/v1/bots/dice/kill', { signal: 'SIGKILL' });
  await emulator.ledger.waitFor({ type: 'ready', applicationId: application.id }, { count: 2, timeoutMs: 20_000 });
  const bot = await fleet.until('dice', ({ state, incarnation }) => state === 'running' && incarnation === 2);
  assert.equal(bot.restarts.total, 1);
  assert.match(await use('rolls'), /^1 rolls/);
  assert.equal(emulator.ledger.owners(application.id).max, 1);
});

test('stopped it goes offline in order', async () => {
  const { fleet } = example;
  assert.equal((await fleet.wish('dice', 'stop')).outcome, 'done');
  const close = emulator.ledger.entries({ type: 'close', applicationId: application.id }).at(-1);
  assert.deepEqual([close?.closeCode, close?.by], [1000, 'client']);
  const [exited] = (await fleet.events('dice', 'bot.exited')).slice(-1);
  assert.match(exited?.sentence ?? '', /exited with code 0/);
});
