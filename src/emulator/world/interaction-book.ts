import { randomBytes } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { Limits } from '../limits.ts';
import type { WorldEvent } from './event.ts';
import type { Interaction, InteractionData, InteractionResponse, Resolved } from './interaction.ts';
import type { Application, Channel, Message, User } from './model.ts';
import type { Snowflakes } from './snowflake.ts';

/** Whose bot is spoken to, where, and by whom. */
export type Occasion = { readonly application: Application; readonly channel: Channel; readonly user: User };

type Held = { readonly interaction: Interaction; readonly settle: (response: InteractionResponse) => void };

export type InteractionBookOptions = {
  readonly ids: Snowflakes;
  readonly clock: Clock;
  readonly limits: Limits;
  readonly publish: (event: WorldEvent) => void;
};

/**
 * Every interaction that may still be answered. The bot has three seconds for the first response and fifteen minutes for
 * the rest; an interaction that missed the three seconds is dead, token and all.
 */
export class InteractionBook {
  readonly #options: InteractionBookOptions;
  readonly #byToken = new Map<string, Held>();

  constructor(options: InteractionBookOptions) {
    this.#options = options;
  }

  open(
    { application, channel, user }: Occasion,
    data: InteractionData,
    resolved: Resolved,
    message: Message | null,
  ): Interaction {
    const { ids, clock, limits, publish } = this.#options;
    this.#forgetExpired();
    const { promise, resolve } = Promise.withResolvers<InteractionResponse>();
    const interaction: Interaction = {
      id: ids.next(),
      token: randomBytes(64).toString('base64url'),
      application,
      channel,
      user,
      data,
      resolved,
      message,
      createdAtMs: clock.monotonicMs(),
      response: promise,
      state: 'waiting',
      originalId: null,
      messageIds: new Set(),
    };
    const settle = (response: InteractionResponse): void => {
      deadline.cancel();
      resolve(response);
    };
    const deadline = clock.setTimer(interaction.createdAtMs + limits.interactionDeadlineMs + 1, () =>
      settle({ kind: 'none' }),
    );
    this.#byToken.set(interaction.token, { interaction, settle });
    publish({ type: 'interaction', channel, interaction });
    return interaction;
  }

  /** Null when there is none, or its token has expired. */
  find(token: string): Interaction | null {
    const interaction = this.#byToken.get(token)?.interaction;
    return interaction && !this.#isExpired(interaction) ? interaction : null;
  }

  findById(id: string): Interaction | null {
    for (const { interaction } of this.#byToken.values())
      if (interaction.id === id && !this.#isExpired(interaction)) return interaction;
    return null;
  }

  /** The bot's first reaction. */
  answer(interaction: Interaction, response: InteractionResponse): void {
    interaction.state = response.kind === 'message' && response.isDeferred ? 'deferred' : 'answered';
    this.#byToken.get(interaction.token)?.settle(response);
  }

  /** Whether the time for the first response has run out. */
  isLate({ createdAtMs, state }: Interaction): boolean {
    return state === 'waiting' && this.#isPast(createdAtMs + this.#options.limits.interactionDeadlineMs);
  }

  #isExpired({ createdAtMs }: Interaction): boolean {
    return this.#isPast(createdAtMs + this.#options.limits.interactionLifetimeMs);
  }

  #isPast(monotonicMs: number): boolean {
    return this.#options.clock.monotonicMs() > monotonicMs;
  }

  #forgetExpired(): void {
    for (const { interaction } of this.#byToken.values())
      if (this.#isExpired(interaction)) this.#byToken.delete(interaction.token);
  }

  /** Nobody will answer any more. */
  close(): void {
    for (const { settle } of this.#byToken.values()) settle({ kind: 'none' });
  }
}
