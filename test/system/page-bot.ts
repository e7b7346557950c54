import {
  ActionRowBuilder,
  ButtonBuilder,
  ButtonStyle,
  Client,
  EmbedBuilder,
  Events,
  GatewayIntentBits,
  type Interaction,
  type Message,
  MessageFlags,
  ModalBuilder,
  Partials,
  SlashCommandBuilder,
  StringSelectMenuBuilder,
  TextInputBuilder,
  TextInputStyle,
} from 'discord.js';
import type { Application, Emulator } from '../../src/emulator/index.ts';

const button = (id: string, label: string, style = ButtonStyle.Secondary) =>
  new ButtonBuilder().setCustomId(id).setLabel(label).setStyle(style);
const thrown = (sides: number) => ({
  embeds: [
    new EmbedBuilder()
      .setTitle('A die was thrown')
      .setDescription(`It has **${sides}** sides.`)
      .setColor(0x5145d9)
      .addFields({ name: 'Luck', value: 'good', inline: true }, { name: 'Bonus', value: '3', inline: true })
      .setFooter({ text: 'fair dice' }),
  ],
  components: [
    new ActionRowBuilder<ButtonBuilder>().addComponents(
      button('again', 'Again', ButtonStyle.Primary),
      button('story', 'Tell a story'),
      button('quiet', 'Say nothing', ButtonStyle.Danger),
    ),
    new ActionRowBuilder<StringSelectMenuBuilder>().addComponents(
      new StringSelectMenuBuilder()
        .setCustomId('sides')
        .setPlaceholder('How many sides?')
        .addOptions({ label: 'six', value: '6' }, { label: 'twenty', value: '20', description: 'for heroes' }),
    ),
  ],
});
const story = new ModalBuilder()
  .setCustomId('story')
  .setTitle('Your story')
  .addComponents(
    new ActionRowBuilder<TextInputBuilder>().addComponents(
      new TextInputBuilder().setCustomId('text').setLabel('Story').setStyle(TextInputStyle.Paragraph),
    ),
  );

const commands = [
  new SlashCommandBuilder()
    .setName('throw')
    .setDescription('Throws a die')
    .addIntegerOption((option) => option.setName('sides').setDescription('How many').setRequired(true).setMinValue(2)),
  new SlashCommandBuilder()
    .setName('eat')
    .setDescription('Eats fruit')
    .addStringOption((option) =>
      option.setName('fruit').setDescription('Which').setRequired(true).setAutocomplete(true),
    ),
  new SlashCommandBuilder()
    .setName('set')
    .setDescription('Settings')
    .addSubcommand((one) =>
      one
        .setName('owner')
        .setDescription('Says whose it is')
        .addUserOption((option) => option.setName('who').setDescription('Whose')),
    ),
  new SlashCommandBuilder().setName('secret').setDescription('Tells only you'),
];

async function react(interaction: Interaction): Promise<unknown> {
  if (interaction.isAutocomplete()) {
    const typed = interaction.options.getFocused();
    const fruits = ['apple', 'apricot', 'banana'].filter((fruit) => fruit.startsWith(typed));
    return interaction.respond(fruits.map((value) => ({ name: `one ${value}`, value })));
  }
  if (interaction.isChatInputCommand()) {
    const { options, commandName } = interaction;
    if (commandName === 'throw') return interaction.reply(thrown(options.getInteger('sides', true)));
    if (commandName === 'eat') return interaction.reply(`eats: ${options.getString('fruit', true)}`);
    if (commandName === 'set') return interaction.reply(`belongs to ${options.getUser('who')}`);
    return interaction.reply({ content: 'The number is **42**', flags: MessageFlags.Ephemeral });
  }
  if (interaction.isButton() && interaction.customId === 'again') return interaction.update(thrown(12));
  if (interaction.isButton() && interaction.customId === 'story') return interaction.showModal(story);
  if (interaction.isStringSelectMenu()) return interaction.update(thrown(Number(interaction.values[0])));
  if (interaction.isModalSubmit())
    return interaction.reply(`They wrote: ${interaction.fields.getTextInputValue('text')}`);
  return undefined;
}

async function answer(message: Message): Promise<void> {
  if (message.author.bot) return;
  if (message.content.includes('hello')) await message.reply(`Hello **${message.author.displayName}**!`);
  if (!message.content.includes('think') || !message.channel.isSendable()) return;
  await message.channel.sendTyping();
  const reply = await message.reply('First');
  await reply.edit('First this');
  await reply.edit('First this, then that.');
}

/** An ordinary discord.js bot: greets, thinks aloud in edits, and has commands, buttons, a menu and a modal. */
export async function startBot(emulator: Emulator, { token }: Application): Promise<Client> {
  const { Guilds, GuildMessages, DirectMessages, MessageContent } = GatewayIntentBits;
  const client = new Client({
    intents: [Guilds, GuildMessages, DirectMessages, MessageContent],
    partials: [Partials.Channel],
    rest: { api: emulator.url },
  });
  client.on(Events.Error, () => {});
  client.on(Events.InteractionCreate, (interaction) => void react(interaction));
  client.on(Events.MessageCreate, (message) => void answer(message));
  const ready = new Promise((resolve) => client.once(Events.ClientReady, resolve));
  await client.login(token);
  await ready;
  await client.application?.commands.set(commands);
  return client;
}
