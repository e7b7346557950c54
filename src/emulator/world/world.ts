import type { Clock } from '../clock.ts';
import { EmulatorError } from '../errors.ts';
import type { Limits } from '../limits.ts';
import type { Application, Channel, Guild, Message, MessageOrigin, User, WorldEvent } from './model.ts';
import { messageType } from './model.ts';
import { Snowflakes } from './snowflake.ts';
import { mintToken } from './token.ts';

export type ApplicationOptions = {
  readonly name?: string | undefined;
  /** How many guilds its bot is in; 1 by default. */
  readonly guilds?: number | undefined;
  /** Text channels per guild; 1 by default. */
  readonly channels?: number | undefined;
  /** Bits of privileged intents (members 2, presences 256, message content 32768) switched on; none by default. */
  readonly privilegedIntents?: number | undefined;
};

export type MessageDraft = {
  readonly author: User;
  readonly content: string;
  readonly mentions?: readonly User[];
  readonly embeds?: readonly unknown[];
  readonly components?: readonly unknown[];
  readonly flags?: number;
  readonly replyTo?: string | null;
  readonly origin?: MessageOrigin | null;
  readonly nonce?: string | number | null;
};

export type MessageChange = Partial<Pick<Message, 'content' | 'mentions' | 'embeds' | 'components' | 'flags'>>;

/** The emulated Discord itself: who and what exists. Every change is published once, after it happened. */
export class World {
  readonly ids: Snowflakes;
  readonly #clock: Clock;
  readonly #limits: Limits;
  readonly #publish: (event: WorldEvent) => void;
  readonly #applications = new Map<string, Application>();
  readonly #byToken = new Map<string, Application>();
  readonly #guilds = new Map<string, Guild>();
  readonly #channels = new Map<string, Channel>();
  readonly #users = new Map<string, User>();
  readonly #people = new Map<string, User>();

  constructor(clock: Clock, limits: Limits, publish: (event: WorldEvent) => void) {
    this.ids = new Snowflakes(clock);
    this.#clock = clock;
    this.#limits = limits;
    this.#publish = publish;
  }

  createApplication(options: ApplicationOptions = {}): Application {
    const id = this.ids.next();
    const name = options.name ?? `bot-${this.#applications.size + 1}`;
    const bot: User = { id, name, bot: true };
    const owner = this.person('you');
    const guilds = Array.from({ length: options.guilds ?? 1 }, (_, index) =>
      this.#createGuild(`${name} guild ${index + 1}`, options.channels ?? 1, [owner, bot]),
    );
    const application: Application = {
      id,
      name,
      bot,
      owner,
      token: mintToken(id),
      guildIds: guilds.map((guild) => guild.id),
      channelIds: guilds.flatMap((guild) => guild.channelIds),
      privilegedIntents: options.privilegedIntents ?? 0,
      commands: [],
    };
    this.#users.set(id, bot);
    this.#applications.set(id, application);
    this.#byToken.set(application.token, application);
    return application;
  }

  #createGuild(name: string, channels: number, members: readonly [User, User]): Guild {
    const guild: Guild = {
      id: this.ids.nextGuild(),
      name,
      ownerId: members[0].id,
      channelIds: [],
      members: new Map(members.map((user) => [user.id, user])),
    };
    this.#guilds.set(guild.id, guild);
    for (let index = 0; index < channels; index++) {
      const channelName = index === 0 ? 'general' : `channel-${index + 1}`;
      const channel: Channel = { id: this.ids.next(), name: channelName, guild, direct: null, messages: [] };
      this.#channels.set(channel.id, channel);
      guild.channelIds.push(channel.id);
    }
    return guild;
  }

  /** The old token is worthless from here on. */
  resetToken(application: Application): void {
    this.#byToken.delete(application.token);
    application.token = mintToken(application.id);
    this.#byToken.set(application.token, application);
  }

  applications(): readonly Application[] {
    return [...this.#applications.values()];
  }

  channels(): readonly Channel[] {
    return [...this.#channels.values()];
  }

  applicationWithToken(token: string): Application | undefined {
    return this.#byToken.get(token);
  }

  findChannel(id: string): Channel | undefined {
    return this.#channels.get(id);
  }

  /** @throws EmulatorError when there is none */
  guild(id: string): Guild {
    const guild = this.#guilds.get(id);
    if (!guild) throw new EmulatorError(404, `the emulator has no guild ${id}`);
    return guild;
  }

  findUser(id: string): User | undefined {
    return this.#users.get(id);
  }

  /** @throws EmulatorError when there is none */
  application(id: string): Application {
    const application = this.#applications.get(id);
    if (!application) throw new EmulatorError(404, `the emulator has no application ${id}`);
    return application;
  }

  /** @throws EmulatorError when there is none */
  channel(id: string): Channel {
    const channel = this.#channels.get(id);
    if (!channel) throw new EmulatorError(404, `the emulator has no channel ${id}`);
    return channel;
  }

  /** The person of that name, who comes to be when first named. */
  person(name: string): User {
    const known = this.#people.get(name);
    if (known) return known;
    const user: User = { id: this.ids.next(), name, bot: false };
    this.#people.set(name, user);
    this.#users.set(user.id, user);
    return user;
  }

  /** The channel for direct messages between a bot and a person, opened when it is first needed. */
  direct(application: Application, person: User): Channel {
    for (const channel of this.#channels.values())
      if (channel.direct?.applicationId === application.id && channel.direct.person === person) return channel;
    const channel: Channel = {
      id: this.ids.next(),
      name: person.name,
      guild: null,
      direct: { applicationId: application.id, person },
      messages: [],
    };
    this.#channels.set(channel.id, channel);
    return channel;
  }

  /** The applications whose bots are in that channel. */
  audience(channel: Channel): readonly Application[] {
    const memberIds = channel.direct ? [channel.direct.applicationId] : [...(channel.guild?.members.keys() ?? [])];
    return memberIds.flatMap((id) => this.#applications.get(id) ?? []);
  }

  /** The people and bots named as `<@id>` in a text. */
  mentionedIn(content: string): readonly User[] {
    const ids = new Set(Array.from(content.matchAll(/<@!?(\d+)>/g), ([, id]) => id ?? ''));
    return [...ids].flatMap((id) => this.#users.get(id) ?? []);
  }

  findMessage(channel: Channel, id: string): Message | undefined {
    return channel.messages.findLast((message) => message.id === id);
  }

  post(channel: Channel, draft: MessageDraft): Message {
    const message: Message = {
      id: this.ids.next(),
      channelId: channel.id,
      author: draft.author,
      type: draft.origin ? messageType.command : draft.replyTo ? messageType.reply : messageType.plain,
      content: draft.content,
      embeds: draft.embeds ?? [],
      components: draft.components ?? [],
      flags: draft.flags ?? 0,
      mentions: draft.mentions ?? [],
      editedMs: null,
      replyTo: draft.replyTo ?? null,
      origin: draft.origin ?? null,
      nonce: draft.nonce ?? null,
    };
    channel.messages.push(message);
    if (channel.messages.length > this.#limits.messagesPerChannel) channel.messages.shift();
    this.#publish({ type: 'message-created', channel, message });
    return message;
  }

  edit(channel: Channel, message: Message, change: MessageChange): void {
    Object.assign(message, change, { editedMs: this.#clock.wallMs() });
    this.#publish({ type: 'message-updated', channel, message });
  }

  delete(channel: Channel, message: Message): void {
    channel.messages.splice(channel.messages.indexOf(message), 1);
    this.#publish({ type: 'message-deleted', channel, message });
  }

  announceTyping(channel: Channel, user: User): void {
    this.#publish({ type: 'typing', channel, user, atMs: this.#clock.wallMs() });
  }
}
