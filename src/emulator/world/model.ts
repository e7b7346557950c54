/** What exists on the emulated Discord. `payload.ts` turns it into Discord's JSON. */
export type User = { readonly id: string; readonly name: string; readonly bot: boolean };

export type Guild = {
  readonly id: string;
  readonly name: string;
  readonly ownerId: string;
  readonly channelIds: string[];
  /** People and bots. */
  readonly members: Map<string, User>;
};

/** A text channel of a guild, or the direct messages between one bot and one person. */
export type Channel = {
  readonly id: string;
  readonly name: string;
  readonly guild: Guild | null;
  readonly direct: { readonly applicationId: string; readonly person: User } | null;
  /** Oldest first. */
  readonly messages: Message[];
};

export type CommandOption = { readonly type: number; readonly name: string; readonly required?: boolean | undefined };

/** A slash command as its application registered it; unknown fields are kept and given back. */
export type Command = {
  readonly id: string;
  readonly version: string;
  readonly guildId: string | null;
  readonly name: string;
  readonly options?: readonly CommandOption[] | undefined;
  readonly [field: string]: unknown;
};

export type Application = {
  /** Also the user id of its bot. */
  readonly id: string;
  readonly name: string;
  readonly bot: User;
  readonly owner: User;
  /** Worth nothing anywhere else. Replaced when the IDENTIFY budget is overspent, as Discord does. */
  token: string;
  readonly guildIds: readonly string[];
  /** Text channels of all its guilds, in the order of `guildIds`. */
  readonly channelIds: readonly string[];
  /** Bits of the privileged intents that are switched on for it. */
  readonly privilegedIntents: number;
  commands: Command[];
};

/** The command that a message answers. */
export type MessageOrigin = { readonly interactionId: string; readonly command: string; readonly user: User };

export type Message = {
  readonly id: string;
  readonly channelId: string;
  readonly author: User;
  readonly type: number;
  content: string;
  embeds: readonly unknown[];
  components: readonly unknown[];
  flags: number;
  mentions: readonly User[];
  editedMs: number | null;
  readonly replyTo: string | null;
  readonly origin: MessageOrigin | null;
  readonly nonce: string | number | null;
};

export const messageType = { plain: 0, reply: 19, command: 20 } as const;
export const messageFlag = { ephemeral: 64, loading: 128 } as const;

export const isEphemeral = (message: Message): boolean => (message.flags & messageFlag.ephemeral) !== 0;

export type Interaction = {
  readonly id: string;
  readonly token: string;
  readonly application: Application;
  readonly channel: Channel;
  readonly user: User;
  readonly command: Command;
  readonly options: readonly { readonly name: string; readonly type: number; readonly value: unknown }[];
  readonly createdAtMs: number;
  state: 'waiting' | 'deferred' | 'answered';
  originalId: string | null;
  /** Every message that answers it. */
  readonly messageIds: Set<string>;
};

/** What happened; the gateway decides who hears of it. */
export type WorldEvent =
  | { readonly type: 'message-created'; readonly channel: Channel; readonly message: Message }
  | { readonly type: 'message-updated'; readonly channel: Channel; readonly message: Message }
  | { readonly type: 'message-deleted'; readonly channel: Channel; readonly message: Message }
  | { readonly type: 'typing'; readonly channel: Channel; readonly user: User; readonly atMs: number }
  | { readonly type: 'interaction'; readonly channel: Channel; readonly interaction: Interaction };
