import type { NewFile } from './attachments.ts';
import { optionType } from './command.ts';
import type { Resolved } from './interaction.ts';
import type { Channel } from './model.ts';
import type { World } from './world.ts';

type Collected = { -readonly [kind in keyof Resolved]: Resolved[kind][number][] };

/** Looks up the ids that a person gives in one channel, and remembers what they stood for. */
export class Resolver {
  readonly #world: World;
  readonly #channel: Channel;
  readonly resolved: Collected = { users: [], roles: [], channels: [], messages: [], attachments: [] };

  constructor(world: World, channel: Channel) {
    this.#world = world;
    this.#channel = channel;
  }

  /** The id again when it names what the option takes; null otherwise. `type` is that of a command's option. */
  entity(type: number, id: unknown, channelTypes: readonly unknown[] = []): string | null {
    if (typeof id !== 'string') return null;
    if (type === optionType.user) return this.#user(id);
    if (type === optionType.role) return this.#role(id);
    if (type === optionType.channel) return this.#channelWith(id, channelTypes);
    return this.#user(id) ?? this.#role(id);
  }

  /** Keeps the file; its id. */
  attach(file: NewFile): string {
    const attachment = this.#world.attachments.add(this.#channel.id, file);
    this.resolved.attachments.push(attachment);
    return attachment.id;
  }

  /** The id again when such a message stands in the channel. */
  message(id: string): string | null {
    return this.#keep(this.resolved.messages, this.#world.findMessage(this.#channel, id));
  }

  #user(id: string): string | null {
    return this.#keep(this.resolved.users, this.#world.findUser(id));
  }

  #role(id: string): string | null {
    return this.#keep(this.resolved.roles, this.#channel.guild?.roles.get(id));
  }

  #channelWith(id: string, types: readonly unknown[]): string | null {
    const channel = this.#world.findChannel(id);
    const fits = channel?.guild && channel.guild === this.#channel.guild;
    return this.#keep(
      this.resolved.channels,
      fits && (types.length === 0 || types.includes(channel.type)) ? channel : undefined,
    );
  }

  #keep<Entity extends { readonly id: string }>(kept: Entity[], entity: Entity | undefined): string | null {
    if (!entity) return null;
    if (!kept.includes(entity)) kept.push(entity);
    return entity.id;
  }
}
