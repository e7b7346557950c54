import { EmulatorError } from '../errors.ts';
import type { Command } from './command.ts';
import { commandType, optionType } from './command.ts';
import { checkedSelection, componentOf, isSelect } from './component-use.ts';
import type { GivenValues } from './given-options.ts';
import { branchAt, checkedValues, nested, valuesSoFar } from './given-options.ts';
import type { CommandData, GivenOption, Interaction } from './interaction.ts';
import { interactionType } from './interaction.ts';
import type { InteractionBook, Occasion } from './interaction-book.ts';
import type { ModalValues } from './modal-use.ts';
import { filledIn } from './modal-use.ts';
import { isEphemeral } from './model.ts';
import { Resolver } from './resolver.ts';
import type { World } from './world.ts';

export type CommandUse = Occasion & {
  /** Name, then group and subcommand if any: `config set`. */
  readonly command: string;
  readonly options: GivenValues;
  /** The user or message that a menu command is used on. */
  readonly targetId?: string | undefined;
};
export type Completion = CommandUse & { readonly focused: string };
export type Press = Occasion & {
  readonly messageId: string;
  readonly customId: string;
  /** What is selected in a menu. */
  readonly values: readonly string[];
};

/** What people do to bots: use commands, press buttons, select, fill in modals. */
export class Interactions {
  readonly #world: World;
  readonly #book: InteractionBook;

  constructor(world: World, book: InteractionBook) {
    this.#world = world;
    this.#book = book;
  }

  /** @throws EmulatorError when the command is not registered here, or an option does not fit */
  use(use: CommandUse): Interaction {
    const resolver = new Resolver(this.#world, use.channel);
    const menu = commandOf(use, use.command);
    const data = menu && menu.type !== commandType.slash ? onTarget(menu, use, resolver) : slash(use, resolver);
    return this.#book.open(use, { type: interactionType.command, ...data }, resolver.resolved, null);
  }

  /** A person types in an option that completes itself. @throws EmulatorError when it does not */
  complete(use: Completion): Interaction {
    const { command, path, fullName } = commandAt(use);
    const { branches, known } = branchAt(command, path);
    const values = valuesSoFar(fullName, known, use.options, use.focused);
    const data = { command, fullName, options: nested(branches, values), targetId: null };
    const { resolved } = new Resolver(this.#world, use.channel);
    return this.#book.open(use, { type: interactionType.autocomplete, ...data }, resolved, null);
  }

  /** @throws EmulatorError when there is no such button or menu, it is disabled, or the values do not fit */
  press(press: Press): Interaction {
    const { application, channel, user, messageId, customId, values } = press;
    const message = this.#world.findMessage(channel, messageId);
    if (!message || (isEphemeral(message) && message.origin?.user !== user))
      throw new EmulatorError(404, `${user.name} sees no message ${messageId} in ${channel.id}`);
    if (message.author !== application.bot)
      throw new EmulatorError(400, `message ${messageId} is not by ${application.name}`);
    const component = componentOf(message.components, customId);
    if (!component) throw new EmulatorError(404, `message ${messageId} has no component ${customId}`);
    if (component['disabled'] === true) throw new EmulatorError(400, `the component ${customId} is disabled`);
    const resolver = new Resolver(this.#world, channel);
    const selected = isSelect(component) ? checkedSelection(component, values, resolver) : null;
    const data = { type: interactionType.component, component, values: selected } as const;
    return this.#book.open(press, data, resolver.resolved, message);
  }

  /**
   * The person who was shown a modal as the answer to an interaction sends it off.
   * @throws EmulatorError when none was shown, or a value does not fit
   */
  async submit(interactionId: string, values: ModalValues): Promise<Interaction> {
    const shown = this.#book.findById(interactionId);
    const response = shown?.state === 'answered' ? await shown.response : null;
    if (!shown || response?.kind !== 'modal')
      throw new EmulatorError(404, `the interaction ${interactionId} was not answered with a modal, or long ago`);
    const resolver = new Resolver(this.#world, shown.channel);
    const components = filledIn(response.modal, values, resolver);
    const data = { type: interactionType.modal, customId: response.modal.custom_id, components } as const;
    return this.#book.open(shown, data, resolver.resolved, shown.message);
  }
}

/** The command of that name that can be used there: the guild's own before the one for all. */
function commandOf({ application, channel }: Occasion, name: string): Command | undefined {
  const guildId = channel.guild?.id ?? null;
  const named = application.commands.filter((known) => known.name === name);
  return (
    named.find((known) => known.guildId !== null && known.guildId === guildId) ??
    named.find((known) => known.guildId === null && isOffered(known, guildId === null))
  );
}

const directContext = 1;
const guildContext = 0;
function isOffered({ contexts, dm_permission: isAllowedDirect }: Command, isDirect: boolean): boolean {
  if (Array.isArray(contexts)) return contexts.includes(isDirect ? directContext : guildContext);
  return !isDirect || isAllowedDirect !== false;
}

function commandAt(use: CommandUse): { command: Command; path: readonly string[]; fullName: string } {
  const [name = '', ...path] = use.command.split(' ');
  const command = commandOf(use, name);
  if (command) return { command, path, fullName: use.command };
  const { application, channel } = use;
  const place = channel.guild ? '' : ' for direct messages';
  throw new EmulatorError(404, `${application.name} has not registered a command /${name}${place}`);
}

function slash(use: CommandUse, resolver: Resolver): CommandData {
  const { command, path, fullName } = commandAt(use);
  const { branches, known } = branchAt(command, path);
  const values: readonly GivenOption[] = checkedValues(fullName, known, use.options, resolver);
  return { command, fullName, options: nested(branches, values), targetId: null };
}

function onTarget(command: Command, { targetId = '' }: CommandUse, resolver: Resolver): CommandData {
  const isOnUser = command.type === commandType.user;
  const found = isOnUser ? resolver.entity(optionType.user, targetId) : resolver.message(targetId);
  if (found !== null) return { command, fullName: command.name, options: [], targetId };
  throw new EmulatorError(400, `${command.name} needs targetId, the id of a ${isOnUser ? 'user' : 'message here'}`);
}
