import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { createEmulator } from '../../src/emulator/index.ts';
import { environmentOf } from '../bot/supervised.ts';
import { OpenChannel } from '../socket/open-channel.ts';
import { programs } from './manual.ts';

const repository = join(import.meta.dirname, '../..');
const found = programs('js');

test('the manual has a program for every library', () => {
  assert.deepEqual([...found.keys()], ['discord.js', '@discordjs/core', 'oceanic.js', 'Anything else']);
});

for (const [heading, program] of found)
  test(`the program of the manual for ${heading} is what a supervisor wants to hear`, async (t) => {
    const emulator = await createEmulator();
    t.after(() => emulator.close());
    const channel = await OpenChannel.open();
    t.after(() => channel[Symbol.asyncDispose]());
    const { id, token } = emulator.createApplication({ guilds: 3 });
    const modules = join(channel.directory, 'node_modules');
    mkdirSync(modules);
    symlinkSync(repository, join(modules, 'droas'));
    for (const name of ['discord.js', '@discordjs', 'oceanic.js'])
      symlinkSync(join(repository, 'node_modules', name), join(modules, name));
    const file = join(channel.directory, 'bot.mjs');
    // The one that reports by hand would be at its end already.
    writeFileSync(file, heading === 'Anything else' ? `${program}setTimeout(() => {}, 60_000);` : program);
    const env = { PATH: '', DISCORD_API: emulator.url, ...environmentOf(channel, { DISCORD_TOKEN: token }) };
    const child = spawn(process.execPath, [file], { env, stdio: ['ignore', 'pipe', 'inherit'] });
    t.after(() => child.kill('SIGKILL'));

    const connected = () =>
      channel.messages.flatMap(({ method, params }) =>
        method === 'gateway' && params.state === 'ready' ? [params] : [],
      );
    await channel.until(() => connected().length > 0 && channel.messages.some(({ method }) => method === 'ready'));
    assert.equal(connected()[0]?.guilds, 3);

    const ended = once(child, 'exit');
    let out = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text;
    });
    channel.channel.send({ method: 'stop', params: { intent: 'offline', graceMs: 5_000 } });
    if (heading === 'Anything else') {
      await once(child.stdout, 'data');
      assert.equal(out, 'offline 5000\n');
      return;
    }
    child.kill('SIGTERM');
    assert.deepEqual(await ended, [0, null]);
    assert.equal(emulator.isOnline(id), false);
    if (heading === 'discord.js') assert.equal(out, 'finishing\n');
  });
