import { Client, Events, GatewayIntentBits } from 'discord.js';
import { attach } from 'droas/bot';
import { commands } from './commands.js';
import { openCounts } from './counts.js';

// The supervisor names the Discord to use: the real one, or the emulator.
const { DISCORD_API: api = 'https://discord.com/api', DATABASE = 'counts.db' } = process.env;

const counts = openCounts(DATABASE);
const client = new Client({ intents: [GatewayIntentBits.Guilds], rest: { api } });

const pending = new Set();
let answered = 0;

const droas = attach(client, {
  counters: () => ({ answered, pending: pending.size }),
  // What people asked for is still answered; then the bot goes offline.
  onStop: () => Promise.all(pending),
});

client.once(Events.ClientReady, async () => {
  await client.application.commands.set(Object.values(commands).map(({ data }) => data));
  console.log(`${client.user.tag} has registered ${Object.keys(commands).length} commands`);
});

client.on(Events.InteractionCreate, (interaction) => {
  const command = commands[interaction.isButton() ? interaction.customId : interaction.commandName];
  if (!command) return;
  const work = respond(interaction, command).finally(() => pending.delete(work));
  pending.add(work);
});

/** Never rejects: one answer that failed is no reason to end a bot. */
async function respond(interaction, { answer }) {
  try {
    await interaction.reply(answer(interaction, counts));
    answered++;
  } catch (error) {
    console.error(`no answer to ${interaction.id}: ${error.message}`);
  }
}

process.on('exit', () => counts.close());
await client.login(droas.secret('DISCORD_TOKEN'));
