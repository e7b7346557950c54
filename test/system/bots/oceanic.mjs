import { ButtonStyles, Client, ComponentTypes, Intents } from 'oceanic.js';

/* oxlint-disable no-floating-promises, no-misused-promises -- as people write bots: what is rejected ends the process */

/** An ordinary oceanic.js bot. It tells what it hears on standard output, one JSON object per line. */
const { timer = false, privileged = false, intents = 0, compress = null } = JSON.parse(process.argv[2] ?? '{}');
const tell = (event, fields = {}) => process.stdout.write(`${JSON.stringify({ event, ...fields })}\n`);

const client = new Client({
  auth: `Bot ${process.env.DISCORD_TOKEN}`,
  rest: { baseURL: `${process.env.DISCORD_API}/v10` },
  gateway: {
    compress: compress === null ? false : `${compress}-stream`,
    intents:
      Intents.GUILDS |
      Intents.GUILD_MESSAGES |
      Intents.GUILD_MESSAGE_REACTIONS |
      Intents.GUILD_MESSAGE_TYPING |
      Intents.GUILD_VOICE_STATES |
      Intents.DIRECT_MESSAGES |
      (privileged ? Intents.GUILD_MEMBERS | Intents.MESSAGE_CONTENT : 0) |
      intents,
  },
});
if (timer) setInterval(() => {}, 60_000);

// As its manual says: without this a lost connection ends the process.
client.on('error', (error) => tell('error', { message: error.message.replace(/: \S{30,}$/, '') }));
client.once('ready', async () => {
  tell('ready', { name: client.user.username, guilds: client.guilds.size });
  await client.application.bulkEditGlobalCommands(
    ['ping', 'slow', 'panel'].map((name) => ({ type: 1, name, description: `Answers with ${name}` })),
  );
  tell('registered');
});
client.on('shardResume', () => tell('resumed'));
client.on('shardDisconnect', (error) => tell('disconnected', { code: error?.code ?? null }));
client.on('messageCreate', async (message) => {
  if (message.author.bot) return;
  tell('message', { content: message.content });
  const [number] = /#\d+/.exec(message.content) ?? [];
  if (number)
    await client.rest.channels.createMessage(message.channelID, {
      content: number,
      messageReference: { messageID: message.id },
    });
});
client.on('messageUpdate', ({ content }) => tell('message-updated', { content }));
client.on('messageDelete', ({ id }) => tell('message-deleted', { id }));
client.on('messageReactionAdd', (_message, _user, { emoji }) => tell('reaction', { emoji: emoji.name }));
client.on('guildMemberAdd', ({ user }) => tell('member', { name: user.username }));
client.on('typingStart', (_channel, { id }) => tell('typing', { id }));
client.on('voiceStateUpdate', ({ voiceState }) => tell('voice', { channelId: voiceState?.channelID ?? null }));
client.on('interactionCreate', async (interaction) => {
  if (interaction.isComponentInteraction()) {
    await interaction.editParent({ content: 'pressed', components: [] });
    return tell('button', { id: interaction.data.customID });
  }
  if (!interaction.isCommandInteraction()) return;
  const { name } = interaction.data;
  if (name === 'ping') await interaction.createMessage({ content: 'pong' });
  if (name === 'slow') {
    await interaction.defer();
    await interaction.editOriginal({ content: 'slow pong' });
    await interaction.createFollowup({ content: 'and more' });
  }
  if (name === 'panel') {
    const button = { type: ComponentTypes.BUTTON, customID: 'press', label: 'Press', style: ButtonStyles.PRIMARY };
    const components = [{ type: ComponentTypes.ACTION_ROW, components: [button] }];
    await interaction.createMessage({ content: 'panel', components });
  }
  tell('command', { name });
});

client.connect();
