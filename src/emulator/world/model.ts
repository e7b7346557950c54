import type { Attachment } from './attachments.ts';
import type { Command } from './command.ts';

/** What exists on the emulated Discord. `payload/` turns it into Discord's JSON. */
export type User = { readonly id: string; name: string; readonly bot: boolean };

export type Role = {
  readonly id: string;
  name: string;
  /** RGB; 0 is none. */
  color: number;
  hoist: boolean;
  mentionable: boolean;
  /** Bits, in decimal digits. */
  permissions: string;
  position: number;
  /** The bot that it came with, to hold what the bot was granted; nobody gives or takes it. */
  readonly botId: string | null;
};

export type Member = {
  readonly user: User;
  readonly joinedMs: number;
  nick: string | null;
  /** Without the role that everybody has. */
  roleIds: readonly string[];
  /** Wall time until which the member may not write; null when it may. */
  timedOutUntilMs: number | null;
  /** By moderators, in voice channels. */
  deaf: boolean;
  mute: boolean;
};

/** Where somebody is in a voice channel. */
export type VoiceState = {
  readonly user: User;
  /** Of the gateway session that went there; a made-up one for people. */
  readonly sessionId: string;
  /** Null in the one event that says that somebody has left. */
  readonly channelId: string | null;
  readonly selfMute: boolean;
  readonly selfDeaf: boolean;
};

export const status = ['online', 'idle', 'dnd', 'invisible', 'offline'] as const;
export type Status = (typeof status)[number];
export type Presence = { readonly status: Status; readonly activities: readonly unknown[] };

export type Guild = {
  readonly id: string;
  name: string;
  readonly ownerId: string;
  /** In their order; threads are not among them. */
  readonly channelIds: string[];
  readonly threadIds: string[];
  /** By user id: people and bots. */
  readonly members: Map<string, Member>;
  /** By id; the one that everybody has bears the id of the guild. */
  readonly roles: Map<string, Role>;
  /** By user id, of those who are in a voice channel. */
  readonly voiceStates: Map<string, VoiceState>;
};

/** https://docs.discord.com/developers/resources/channel#channel-object-channel-types */
export const channelType = {
  text: 0,
  direct: 1,
  voice: 2,
  category: 4,
  announcement: 5,
  announcementThread: 10,
  publicThread: 11,
  privateThread: 12,
  stage: 13,
  forum: 15,
  media: 16,
} as const;

export type Thread = {
  readonly parentId: string;
  readonly ownerId: string;
  /** When each of its members joined, wall time by user id. */
  readonly members: Map<string, number>;
  archived: boolean;
  locked: boolean;
  autoArchiveMinutes: number;
  archiveChangedMs: number;
};

export const overwriteType = { role: 0, member: 1 } as const;
/** `id` is of a role or a member; `allow` and `deny` are bits in decimal digits. */
export type Overwrite = {
  readonly id: string;
  readonly type: number;
  readonly allow: string;
  readonly deny: string;
};

/** A channel or thread of a guild, or the direct messages between one bot and one person. */
export type Channel = {
  readonly id: string;
  readonly type: number;
  name: string;
  topic: string | null;
  nsfw: boolean;
  slowmodeSeconds: number;
  /** The category that it stands in. */
  parentId: string | null;
  /** What roles and members may do here and not elsewhere, or the other way round. */
  overwrites: readonly Overwrite[];
  /** Most members of a voice channel; 0 is no limit. */
  userLimit: number;
  readonly guild: Guild | null;
  readonly direct: { readonly applicationId: string; readonly person: User } | null;
  readonly thread: Thread | null;
  /** Oldest first. */
  readonly messages: Message[];
  /** When a message was pinned last, wall time. */
  pinnedMs: number | null;
};

export type Application = {
  /** Also the user id of its bot. */
  readonly id: string;
  readonly name: string;
  readonly bot: User;
  readonly owner: User;
  /** Worth nothing anywhere else. Replaced when the IDENTIFY budget is overspent, as Discord does. */
  token: string;
  /** Bits that it is granted in every guild, in decimal digits. */
  readonly permissions: string;
  readonly guildIds: readonly string[];
  /** Text channels of all its guilds, in the order of `guildIds`. */
  readonly channelIds: readonly string[];
  /** Bits of the privileged intents that are switched on for it. */
  privilegedIntents: number;
  commands: Command[];
};

/** The interaction that a message answers. */
export type MessageOrigin = {
  readonly interactionId: string;
  /** Of the interaction, such as 2 for a command. */
  readonly type: number;
  /** With subcommand and group; null when it was no command. */
  readonly command: string | null;
  readonly user: User;
  /** The message whose component was used. */
  readonly interactedMessageId: string | null;
};

/** `id` is null for those of Unicode. */
export type Emoji = { readonly id: string | null; readonly name: string };
export type Reaction = { readonly emoji: Emoji; readonly users: User[] };

export type Message = {
  readonly id: string;
  readonly channelId: string;
  readonly author: User;
  readonly type: number;
  content: string;
  embeds: readonly unknown[];
  components: readonly unknown[];
  attachments: readonly Attachment[];
  flags: number;
  mentions: readonly User[];
  mentionRoleIds: readonly string[];
  mentionsEveryone: boolean;
  editedMs: number | null;
  /** When it was pinned, wall time. */
  pinnedMs: number | null;
  /** In the order in which they were first put; each has at least one user. */
  reactions: Reaction[];
  /** The thread that began with it. */
  threadId: string | null;
  readonly replyTo: string | null;
  readonly origin: MessageOrigin | null;
  readonly nonce: string | number | null;
  /** Which of the numbered messages to an application this is; null when it is none. */
  readonly counted: Counted | null;
};

export type Counted = { readonly applicationId: string; readonly number: number };

/** What is known of the message that another one replies to. */
export type Original = Pick<Message, 'id' | 'author' | 'counted'>;

export const messageType = { plain: 0, pin: 6, threadCreated: 18, reply: 19, command: 20 } as const;
export const messageFlag = { hasThread: 32, ephemeral: 64, loading: 128 } as const;

export const isEphemeral = (message: Message): boolean => (message.flags & messageFlag.ephemeral) !== 0;
