import { randomBytes } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { EmulatorError } from '../errors.ts';
import type { Limits } from '../limits.ts';
import type { Application, Channel, Interaction, User, WorldEvent } from './model.ts';
import type { World } from './world.ts';

export type CommandUse = {
  readonly application: Application;
  readonly channel: Channel;
  readonly user: User;
  readonly command: string;
  readonly options: Readonly<Record<string, string | number | boolean>>;
};

/**
 * Slash commands that people used. The bot has three seconds for the first response and fifteen minutes for the rest;
 * an interaction that missed the three seconds is dead, token and all.
 */
export class Interactions {
  readonly #world: World;
  readonly #clock: Clock;
  readonly #limits: Limits;
  readonly #publish: (event: WorldEvent) => void;
  readonly #interactions = new Map<string, Interaction>();

  constructor(world: World, clock: Clock, limits: Limits, publish: (event: WorldEvent) => void) {
    this.#world = world;
    this.#clock = clock;
    this.#limits = limits;
    this.#publish = publish;
  }

  /** @throws EmulatorError when the command or an option is not registered, or a required option is missing */
  use({ application, channel, user, command: name, options }: CommandUse): Interaction {
    const guildId = channel.guild?.id ?? null;
    const command =
      application.commands.find(
        (known) => known.name === name && known.guildId !== null && known.guildId === guildId,
      ) ?? application.commands.find((known) => known.name === name && known.guildId === null);
    if (!command) throw new EmulatorError(404, `${application.name} has not registered a command /${name}`);
    const known = command.options ?? [];
    const missing = known.find((option) => option.required && !(option.name in options));
    if (missing) throw new EmulatorError(400, `/${name} needs the option ${missing.name}`);
    const given = Object.entries(options).map(([optionName, value]) => {
      const option = known.find((one) => one.name === optionName);
      if (!option) throw new EmulatorError(400, `/${name} has no option ${optionName}`);
      return { name: optionName, type: option.type, value };
    });

    this.#forgetExpired();
    const interaction: Interaction = {
      id: this.#world.ids.next(),
      token: randomBytes(64).toString('base64url'),
      application,
      channel,
      user,
      command,
      options: given,
      createdAtMs: this.#clock.monotonicMs(),
      state: 'waiting',
      originalId: null,
      messageIds: new Set(),
    };
    this.#interactions.set(interaction.token, interaction);
    this.#publish({ type: 'interaction', channel, interaction });
    return interaction;
  }

  /** Null when there is none, or when its time has run out. */
  find(token: string): Interaction | null {
    const interaction = this.#interactions.get(token);
    return interaction && !this.#isExpired(interaction) ? interaction : null;
  }

  #isExpired({ createdAtMs, state }: Interaction): boolean {
    const { interactionDeadlineMs, interactionLifetimeMs } = this.#limits;
    const allowedMs = state === 'waiting' ? interactionDeadlineMs : interactionLifetimeMs;
    return this.#clock.monotonicMs() > createdAtMs + allowedMs;
  }

  #forgetExpired(): void {
    for (const interaction of this.#interactions.values())
      if (this.#isExpired(interaction)) this.#interactions.delete(interaction.token);
  }
}
