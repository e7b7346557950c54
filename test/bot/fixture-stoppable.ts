/** A bot on a library of choice that finishes something before it stops, as its arguments say. Prints what it does. */
import { setTimeout as pause } from 'node:timers/promises';
import { attach } from '../../src/bot/index.ts';
import type { Emulator } from '../../src/emulator/index.ts';
import { bots } from './clients.ts';

const [library = '', url = '', manner = ''] = process.argv.slice(2);
const say = (text: string) => process.stdout.write(`${text}\n`);
const token = process.env['DISCORD_TOKEN'] ?? '';
const bot = bots[library]?.({ emulator: { url } as Emulator, token });
if (!bot) throw new Error(`no such library: ${library}`);

const droas = attach(bot.client, {
  async onStop(intent, graceMs) {
    say(`stop ${intent} within ${graceMs}`);
    if (manner === 'throws') throw new Error('broken onStop');
    await pause(manner === 'dawdles' ? 60_000 : 50);
    say('finished');
  },
});
if (manner === 'detached') droas.detach();
if (manner === 'own listener')
  process.on('SIGTERM', () => {
    say('own listener');
    setTimeout(() => process.exit(7), 300);
  });
// Most bots have more to do than Discord: nothing ends such a process by itself.
if (manner !== 'nothing else') setInterval(() => {}, 1_000);
await bot.connect();
say('connected');
