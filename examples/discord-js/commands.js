import { ActionRowBuilder, ButtonBuilder, ButtonStyle, MessageFlags, SlashCommandBuilder } from 'discord.js';

const again = new ActionRowBuilder().addComponents(
  new ButtonBuilder().setCustomId('count').setLabel('Count on').setStyle(ButtonStyle.Primary),
);

/** Each command: what Discord is told of it, and what it answers. A button runs the command that its id names. */
export const commands = {
  count: {
    data: new SlashCommandBuilder().setName('count').setDescription('Counts one further for you'),
    answer: ({ user }, counts) => ({ content: `${user} has counted to ${counts.add(user.id)}.`, components: [again] }),
  },
  top: {
    data: new SlashCommandBuilder()
      .setName('top')
      .setDescription('Who has counted furthest')
      .addIntegerOption((option) =>
        option.setName('places').setDescription('How many places, 3 unless you say').setMinValue(1).setMaxValue(10),
      ),
    answer({ options }, counts) {
      const places = counts.top(options.getInteger('places') ?? 3);
      const lines = places.map(({ user, count }, n) => `${n + 1}. <@${user}> ${count}`);
      return { content: lines.join('\n') || 'Nobody has counted yet.', flags: MessageFlags.Ephemeral };
    },
  },
};
