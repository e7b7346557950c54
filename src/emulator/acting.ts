import { EmulatorError } from './errors.ts';
import type { NewFile } from './world/attachments.ts';
import type { Choice } from './world/command.ts';
import type { GivenValue } from './world/given-options.ts';
import type { Interaction } from './world/interaction.ts';
import type { Occasion } from './world/interaction-book.ts';
import type { Interactions } from './world/interactions.ts';
import type { ModalValues } from './world/modal-use.ts';
import type { People } from './world/people.ts';
import type { World } from './world/world.ts';

type Somewhere = {
  readonly applicationId: string;
  readonly channelId: string;
  /** Name of the person who acts; "you" unless given. */
  readonly author?: string | undefined;
};

export type CommandUse = Somewhere & {
  /** Name, then group and subcommand if any: `config set`. */
  readonly command: string;
  /** Ids for users, channels and roles; a file for an attachment. */
  readonly options?: Readonly<Record<string, GivenValue>> | undefined;
  /** The user or message that a command of a context menu is used on. */
  readonly targetId?: string | undefined;
};

/** What people do to bots besides writing: commands, buttons, menus, modals. */
export type Acting = {
  /** Uses a command that the application has registered. @throws EmulatorError */
  interact(use: CommandUse): Interaction;
  /** Presses a button, or selects `values` in a menu. @throws EmulatorError */
  press(
    press: Somewhere & {
      readonly messageId: string;
      readonly customId: string;
      readonly values?: readonly string[] | undefined;
    },
  ): Interaction;
  /** Fills in the modal with which an interaction was answered. @throws EmulatorError (as a rejection) */
  submitModal(filled: { readonly interactionId: string; readonly values: ModalValues }): Promise<Interaction>;
  /**
   * What the bot offers for the option `focused` while a person types; `options` holds what stands there so far.
   * @throws EmulatorError (as a rejection), also when the bot offers nothing in time
   */
  autocomplete(use: CommandUse & { readonly focused: string }): Promise<readonly Choice[]>;
};

export type { Choice, GivenValue, ModalValues, NewFile };

export function actingIn(world: World, interactions: Interactions, people: People): Acting {
  /** @throws EmulatorError when the bot is not there */
  const occasion = ({ applicationId, channelId, author }: Somewhere): Occasion => {
    const channel = world.channel(channelId);
    const application = world.application(applicationId);
    if (!world.audience(channel).includes(application))
      throw new EmulatorError(400, `${application.name} is not in channel ${channelId}`);
    return { application, channel, user: people.join(channel, author) };
  };
  return {
    interact: ({ command, options = {}, targetId, ...place }) =>
      interactions.use({ ...occasion(place), command, options, targetId }),
    press: ({ messageId, customId, values = [], ...place }) =>
      interactions.press({ ...occasion(place), messageId, customId, values }),
    submitModal: ({ interactionId, values }) => interactions.submit(interactionId, values),
    async autocomplete({ command, options = {}, focused, ...place }) {
      const response = await interactions.complete({ ...occasion(place), command, options, focused }).response;
      if (response.kind === 'choices') return response.choices;
      throw new EmulatorError(404, `the bot offered nothing for the option ${focused} of /${command} in time`);
    },
  };
}
