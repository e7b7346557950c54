import type { API } from '@discordjs/core';
import {
  type APIChatInputApplicationCommandInteraction,
  ApplicationCommandType,
  type GatewayInteractionCreateDispatchData,
  InteractionType,
  MessageFlags,
} from 'discord-api-types/v10';
import { nobody } from './answer.ts';
import { errorFacts, log } from './log.ts';

export type Command = {
  readonly name: string;
  readonly description: string;
  /** What the bot answers in this channel. */
  run(channel: string): string;
  /** Only the person who asked sees the answer. */
  readonly discreet: boolean;
};

/** Registers the commands once: Discord limits changes to 200 a day, so it is written to only when something differs. */
export async function register(commands: readonly Command[], applicationId: string, api: API): Promise<void> {
  const wanted = commands.map(({ name, description }) => ({
    name,
    description,
    type: ApplicationCommandType.ChatInput,
  }));
  try {
    const present = await api.applicationCommands.getGlobalCommands(applicationId);
    if (fingerprint(present) === fingerprint(wanted)) return;
    await api.applicationCommands.bulkOverwriteGlobalCommands(applicationId, wanted);
    log('INFO', 'commands registered', { count: wanted.length });
  } catch (error) {
    log('WARN', 'commands could not be registered', errorFacts(error));
  }
}

type Described = { readonly name: string; readonly description: string; readonly type?: number };

function fingerprint(commands: readonly Described[]): string {
  return JSON.stringify(commands.map(({ name, description, type }) => [name, type, description]).sort());
}

/** Answers a slash command within Discord's three seconds; anything else that is not ours is left alone. */
export async function run(
  commands: readonly Command[],
  interaction: GatewayInteractionCreateDispatchData,
  api: API,
): Promise<void> {
  if (interaction.type !== InteractionType.ApplicationCommand) return;
  const { data, channel, id, token } = interaction as APIChatInputApplicationCommandInteraction;
  const command = commands.find(({ name }) => name === data.name);
  if (!command) return;
  try {
    const flags = command.discreet ? { flags: MessageFlags.Ephemeral } : {};
    await api.interactions.reply(id, token, { content: command.run(channel.id), allowed_mentions: nobody, ...flags });
    log('INFO', 'command run', { command: command.name, channel: channel.id });
  } catch (error) {
    log('WARN', 'command could not be answered', { command: command.name, ...errorFacts(error) });
  }
}
