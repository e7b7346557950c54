import { ActionRowBuilder, ButtonBuilder, ButtonStyle, Client, Events, GatewayIntentBits } from 'discord.js';

/* oxlint-disable no-floating-promises, no-misused-promises -- as people write bots: what is rejected ends the process */

/** An ordinary discord.js bot. It tells what it hears on standard output, one JSON object per line. */
const { timer = false, privileged = false, intents = 0 } = JSON.parse(process.argv[2] ?? '{}');
const tell = (event, fields = {}) => process.stdout.write(`${JSON.stringify({ event, ...fields })}\n`);

const client = new Client({
  intents: [
    GatewayIntentBits.Guilds,
    GatewayIntentBits.GuildMessages,
    GatewayIntentBits.GuildMessageReactions,
    GatewayIntentBits.GuildMessageTyping,
    GatewayIntentBits.GuildVoiceStates,
    GatewayIntentBits.DirectMessages,
    ...(privileged ? [GatewayIntentBits.GuildMembers, GatewayIntentBits.MessageContent] : []),
    intents,
  ],
  rest: { api: process.env.DISCORD_API },
});
if (timer) setInterval(() => {}, 60_000);

client.once(Events.ClientReady, async ({ application, guilds, user }) => {
  tell('ready', { name: user.username, guilds: guilds.cache.size });
  await application.commands.set(
    ['ping', 'slow', 'panel'].map((name) => ({ name, description: `Answers with ${name}` })),
  );
  tell('registered');
});
client.on(Events.ShardResume, () => tell('resumed'));
client.on(Events.ShardDisconnect, ({ code }) => tell('gave-up', { code }));
client.on(Events.MessageCreate, async (message) => {
  if (message.author.bot) return;
  tell('message', { content: message.content });
  const [number] = /#\d+/.exec(message.content) ?? [];
  if (number) await message.reply(number);
});
client.on(Events.MessageUpdate, (_, { content }) => tell('message-updated', { content }));
client.on(Events.MessageDelete, ({ id }) => tell('message-deleted', { id }));
client.on(Events.MessageReactionAdd, ({ emoji }) => tell('reaction', { emoji: emoji.name }));
client.on(Events.GuildMemberAdd, ({ user }) => tell('member', { name: user.username }));
client.on(Events.TypingStart, ({ user }) => tell('typing', { id: user.id }));
client.on(Events.VoiceStateUpdate, (_, { channelId }) => tell('voice', { channelId }));
client.on(Events.InteractionCreate, async (interaction) => {
  if (interaction.isButton()) {
    await interaction.update({ content: 'pressed', components: [] });
    return tell('button', { id: interaction.customId });
  }
  if (!interaction.isChatInputCommand()) return;
  if (interaction.commandName === 'ping') await interaction.reply('pong');
  if (interaction.commandName === 'slow') {
    await interaction.deferReply();
    await interaction.editReply('slow pong');
    await interaction.followUp('and more');
  }
  if (interaction.commandName === 'panel') {
    const button = new ButtonBuilder().setCustomId('press').setLabel('Press').setStyle(ButtonStyle.Primary);
    await interaction.reply({ content: 'panel', components: [new ActionRowBuilder().addComponents(button)] });
  }
  tell('command', { name: interaction.commandName });
});

client.login(process.env.DISCORD_TOKEN);
