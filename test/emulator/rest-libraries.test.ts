import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import type { ChatInputCommandInteraction, Interaction, TextChannel } from 'discord.js';
import {
  ActionRowBuilder,
  AttachmentBuilder,
  ButtonBuilder,
  ButtonStyle,
  ChannelType,
  Client,
  EmbedBuilder,
  Events,
  GatewayIntentBits,
  ModalBuilder,
  PermissionFlagsBits,
  SlashCommandBuilder,
  StringSelectMenuBuilder,
  TextInputBuilder,
  TextInputStyle,
} from 'discord.js';
import { Client as OceanicClient } from 'oceanic.js';
import type { Application, Emulator } from '../../src/emulator/index.ts';
import { createEmulator } from '../../src/emulator/index.ts';
import { channelOf } from './call.ts';

const quick = { identifyWindowMs: 1, reactionWindowMs: 1 };

/** An unmodified discord.js bot that is ready. */
async function discordJs(emulator: Emulator, application: Application) {
  const { Guilds, GuildMembers, GuildMessages, GuildMessageReactions, MessageContent } = GatewayIntentBits;
  const client = new Client({
    intents: [Guilds, GuildMembers, GuildMessages, GuildMessageReactions, MessageContent],
    rest: { api: emulator.url },
  });
  const ready = once(client, Events.ClientReady);
  await client.login(application.token);
  await ready;
  const guild = client.guilds.cache.get(application.guildIds[0] ?? '');
  const channel = guild?.channels.cache.get(channelOf(application)) as TextChannel | undefined;
  assert.ok(guild && channel);
  return { client, guild, channel, [Symbol.asyncDispose]: () => client.destroy() };
}
const readsAll = { privilegedIntents: 2 | (1 << 15) };

describe('unmodified discord.js', () => {
  it('builds and takes down a guild', async () => {
    await using emulator = await createEmulator(quick);
    const application = emulator.createApplication(readsAll);
    await using bot = await discordJs(emulator, application);
    const { guild, client } = bot;
    assert.ok(guild.members.me?.permissions.has(PermissionFlagsBits.Administrator));

    const role = await guild.roles.create({
      name: 'crew',
      colors: { primaryColor: 0x00ff00 },
      permissions: ['KickMembers'],
    });
    assert.deepEqual([role.name, role.colors.primaryColor, role.editable], ['crew', 0x00ff00, true]);
    const category = await guild.channels.create({ name: 'Rooms', type: ChannelType.GuildCategory });
    const room = await guild.channels.create({
      name: 'room',
      parent: category,
      topic: 'talk',
      permissionOverwrites: [{ id: guild.roles.everyone, deny: ['SendMessages'] }],
    });
    assert.deepEqual([room.topic, room.parentId], ['talk', category.id]);
    const ada = emulator.say({ channelId: channelOf(application), author: 'ada', content: 'hi' }).author;
    const member = await guild.members.fetch(ada.id);
    assert.equal(room.permissionsFor(member).has('SendMessages'), false);
    await member.roles.add(role);
    await member.setNickname('countess');
    const fresh = await guild.members.fetch({ user: ada.id, force: true });
    assert.deepEqual([fresh.nickname, fresh.roles.cache.has(role.id)], ['countess', true]);
    assert.ok((await guild.members.list({ limit: 10 })).has(ada.id));
    await member.timeout(60_000);
    assert.ok((await guild.members.fetch({ user: ada.id, force: true })).isCommunicationDisabled());
    await member.kick();
    await assert.rejects(guild.members.fetch({ user: ada.id, force: true }), { code: 10007 });
    await role.setName('sailors');
    await role.delete();
    await room.delete();
    assert.equal((await guild.channels.fetch()).size, 2);
    assert.equal((await client.users.fetch(ada.id)).username, 'ada');
    assert.equal((await client.user?.setUsername('renamed'))?.username, 'renamed');
  });

  it('writes, answers, attaches, reacts, pins, opens threads and cleans up', async () => {
    await using emulator = await createEmulator(quick);
    const application = emulator.createApplication(readsAll);
    await using bot = await discordJs(emulator, application);
    const { channel } = bot;

    const file = new AttachmentBuilder(Buffer.from('the file'), { name: 'a.txt', description: 'a file' });
    const embed = new EmbedBuilder().setTitle('title').addFields({ name: 'n', value: 'v' });
    const sent = await channel.send({ content: 'look', files: [file], embeds: [embed] });
    const attachment = sent.attachments.first();
    assert.equal(await (await fetch(attachment?.url ?? '')).text(), 'the file');
    assert.deepEqual([attachment?.description, sent.embeds[0]?.fields[0]?.value], ['a file', 'v']);
    assert.equal((await sent.edit({ content: 'edited', attachments: [] })).attachments.size, 0);

    const reply = await sent.reply('answer');
    assert.equal((await reply.fetchReference()).id, sent.id);
    await reply.react('👍');
    const reaction = (await channel.messages.fetch({ message: reply.id, force: true })).reactions.cache.get('👍');
    assert.deepEqual([reaction?.count, reaction?.me], [1, true]);
    assert.ok((await reaction?.users.fetch())?.has(application.id));
    await reaction?.users.remove(application.id);
    await sent.pin();
    assert.deepEqual(
      (await channel.messages.fetchPins()).items.map(({ message }) => message.id),
      [sent.id],
    );
    await sent.unpin();

    const thread = await reply.startThread({ name: 'aside', autoArchiveDuration: 60 });
    await thread.send('in here');
    await thread.setArchived(true);
    assert.equal((await channel.threads.fetchArchived()).threads.size, 1);
    assert.equal((await channel.threads.create({ name: 'own' })).type, ChannelType.PublicThread);
    await thread.delete();

    await channel.sendTyping();
    assert.equal((await channel.messages.fetch({ limit: 1, before: reply.id })).first()?.id, sent.id);
    assert.equal((await channel.bulkDelete([sent, reply])).size, 2);
    assert.equal((await channel.messages.fetch()).size, 0);
    const person = emulator.say({ channelId: channel.id, author: 'eve', content: 'hi' }).author;
    const direct = await (await bot.client.users.fetch(person.id)).send('psst');
    assert.equal(emulator.messages(direct.channelId)[0]?.content, 'psst');
  });

  it('is spoken to with commands, buttons, menus, modals and completion', async () => {
    await using emulator = await createEmulator(quick);
    const application = emulator.createApplication(readsAll);
    await using bot = await discordJs(emulator, application);
    const { client } = bot;
    const failures: unknown[] = [];
    const on = (handle: (interaction: Interaction) => Promise<unknown>) =>
      client.on(
        Events.InteractionCreate,
        (interaction) => void handle(interaction).catch((error) => failures.push(error)),
      );
    const command = new SlashCommandBuilder()
      .setName('order')
      .setDescription('Orders')
      .addSubcommand((sub) =>
        sub
          .setName('food')
          .setDescription('To eat')
          .addStringOption((option) =>
            option.setName('what').setDescription('What').setRequired(true).setAutocomplete(true),
          )
          .addUserOption((option) => option.setName('who').setDescription('For whom')),
      );
    await client.application?.commands.set([command]);

    const order = async (interaction: ChatInputCommandInteraction) => {
      const who = interaction.options.getUser('who')?.username;
      await interaction.deferReply();
      const button = new ButtonBuilder().setCustomId('note').setLabel('Note').setStyle(ButtonStyle.Primary);
      const menu = new StringSelectMenuBuilder()
        .setCustomId('size')
        .addOptions({ label: 'S', value: 's' }, { label: 'L', value: 'l' });
      await interaction.editReply({
        content: `${interaction.options.getString('what')} for ${who}`,
        components: [
          new ActionRowBuilder<ButtonBuilder>().addComponents(button),
          new ActionRowBuilder<StringSelectMenuBuilder>().addComponents(menu),
        ],
      });
      await interaction.followUp({ content: 'only you', ephemeral: true });
    };
    on(async (interaction) => {
      if (interaction.isAutocomplete())
        return interaction.respond([{ name: `${interaction.options.getFocused()}paella`, value: 'paella' }]);
      if (interaction.isChatInputCommand()) return order(interaction);
      if (interaction.isButton()) {
        const input = new TextInputBuilder().setCustomId('text').setLabel('Note').setStyle(TextInputStyle.Short);
        const modal = new ModalBuilder().setCustomId('m').setTitle('Note');
        return interaction.showModal(
          modal.addComponents(new ActionRowBuilder<TextInputBuilder>().addComponents(input)),
        );
      }
      if (interaction.isStringSelectMenu()) return interaction.update(`size ${interaction.values[0]}`);
      if (interaction.isModalSubmit())
        return interaction.reply({
          content: `noted: ${interaction.fields.getTextInputValue('text')}`,
          withResponse: true,
        });
      return undefined;
    });

    const place = { applicationId: application.id, channelId: channelOf(application) };
    const texts = () => emulator.messages(place.channelId).map(({ content }) => content);
    const choices = await emulator.autocomplete({
      ...place,
      command: 'order food',
      focused: 'what',
      options: { what: 'p' },
    });
    assert.deepEqual(choices, [{ name: 'ppaella', value: 'paella' }]);
    const options = { what: 'paella', who: application.owner.id };
    const used = emulator.interact({ ...place, command: 'order food', options });
    assert.equal((await used.response).kind, 'message');
    await emulator.ledger.waitFor({ type: 'message', applicationId: application.id }, { count: 2 });
    assert.deepEqual([texts(), failures], [['paella for you', 'only you'], []]);
    const messageId = used.originalId ?? '';
    const pressed = emulator.press({ ...place, messageId, customId: 'note' });
    assert.equal((await pressed.response).kind, 'modal');
    const filled = await emulator.submitModal({ interactionId: pressed.id, values: { text: 'no salt' } });
    assert.equal((await filled.response).kind, 'message');
    assert.equal(texts().at(-1), 'noted: no salt');
    const chosen = emulator.press({ ...place, messageId, customId: 'size', values: ['l'] });
    assert.deepEqual(await chosen.response, { kind: 'update', messageId, isDeferred: false });
    assert.deepEqual([texts()[0], failures], ['size l', []]);
  });

  it('is told in its own words why something was refused', async () => {
    await using emulator = await createEmulator(quick);
    const application = emulator.createApplication({ ...readsAll, permissions: '0' });
    await using bot = await discordJs(emulator, application);
    await assert.rejects(bot.guild.roles.create({ name: 'x' }), { code: 50013, status: 403 });
    await assert.rejects(bot.channel.send({ content: 'x'.repeat(2_001) }), (error: Error) => {
      assert.match(error.message, /content\[BASE_TYPE_MAX_LENGTH\]: Must be 2000 or fewer in length/);
      return true;
    });
  });
});

describe('unmodified oceanic.js', () => {
  it('reads and writes the same', async () => {
    await using emulator = await createEmulator(quick);
    const application = emulator.createApplication(readsAll);
    const channelId = channelOf(application);
    const client = new OceanicClient({ auth: `Bot ${application.token}`, rest: { baseURL: `${emulator.url}/v10` } });
    await client.restMode(false);
    const { rest } = client;
    const guildId = application.guildIds[0] ?? '';
    assert.equal((await rest.guilds.get(guildId)).id, guildId);
    const file = { name: 'a.txt', contents: Buffer.from('the file') };
    const message = await rest.channels.createMessage(channelId, { content: 'hello', files: [file] });
    assert.equal(await (await fetch(message.attachments.first()?.url ?? '')).text(), 'the file');
    await rest.channels.createReaction(channelId, message.id, '🎉');
    assert.equal((await rest.channels.getReactions(channelId, message.id, '🎉'))[0]?.id, application.id);
    const role = await rest.guilds.createRole(guildId, { name: 'crew' });
    await rest.guilds.addMemberRole(guildId, application.owner.id, role.id);
    assert.ok((await rest.guilds.getMember(guildId, application.owner.id)).roles.includes(role.id));
    const channel = await rest.guilds.createChannel(guildId, 0, { name: 'new' });
    assert.equal((await rest.channels.get(channel.id)).id, channel.id);
    await rest.channels.delete(channel.id);
    await assert.rejects(rest.channels.get(channel.id), /Unknown Channel/);
    assert.equal((await rest.applications.getCurrent()).id, application.id);
    const wanted = { name: 'ping', description: 'Answers', type: 1 } as const;
    assert.equal((await rest.applications.createGlobalCommand(application.id, wanted)).name, 'ping');
  });
});
