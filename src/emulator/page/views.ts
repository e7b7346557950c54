/** What the page reads of the emulated Discord, in JSON. Nothing here is Discord's own form. */
export type PersonView = { readonly id: string; readonly name: string };

export type ApplicationView = {
  readonly id: string;
  readonly name: string;
  readonly token: string;
  readonly guildIds: readonly string[];
  readonly channelIds: readonly string[];
  /** Names. */
  readonly commands: readonly string[];
  readonly online: boolean;
};

export type RoleView = { readonly id: string; readonly name: string };

export type GuildView = { readonly id: string; readonly name: string; readonly roles: readonly RoleView[] };

export type ChannelView = {
  readonly id: string;
  /** Of direct messages, the person's. */
  readonly name: string;
  /** Discord's number: 0 text, 1 direct messages, 2 voice, 4 category, 10–12 threads. */
  readonly type: number;
  readonly topic: string | null;
  readonly parentId: string | null;
  /** Name of the guild; null for direct messages. */
  readonly guild: string | null;
  readonly guildId: string | null;
  /** The bots that are there. */
  readonly applicationIds: readonly string[];
};

export type MemberView = {
  readonly id: string;
  readonly name: string;
  readonly nick: string | null;
  readonly bot: boolean;
  readonly online: boolean;
};

export type MessageView = {
  readonly id: string;
  readonly channelId: string;
  /** Name. */
  readonly author: string;
  readonly authorId: string;
  readonly bot: boolean;
  /** ISO 8601. */
  readonly at: string;
  readonly content: string;
  readonly mentions: readonly PersonView[];
  /** Of a message. */
  readonly replyTo: string | null;
  readonly edited: boolean;
  /** The bot has said that an answer will come. */
  readonly loading: boolean;
  /** The only person who sees it; null when everybody does. */
  readonly visibleTo: PersonView | null;
  /** The command that it answers. */
  readonly command: { readonly name: string; readonly user: PersonView } | null;
  /** As the bot sent them. */
  readonly embeds: readonly unknown[];
  readonly components: readonly unknown[];
  readonly attachments: readonly {
    readonly name: string;
    readonly description: string | null;
    readonly contentType: string;
    readonly sizeBytes: number;
    /** Path on the emulator. */
    readonly url: string;
  }[];
  readonly reactions: readonly { readonly emoji: string; readonly names: readonly string[] }[];
};

/** What `GET /emulator/events` tells; `reset` says that anything may have changed. */
export type Change =
  | { readonly type: 'reset' }
  | { readonly type: 'places' }
  | { readonly type: 'message'; readonly message: MessageView }
  | { readonly type: 'message-deleted'; readonly channelId: string; readonly id: string }
  | { readonly type: 'typing'; readonly channelId: string; readonly user: PersonView }
  | { readonly type: 'presence'; readonly userId: string; readonly online: boolean };
