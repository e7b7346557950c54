import type { Clock } from '../clock.ts';
import type { Limits } from '../limits.ts';
import { Attachments } from './attachments.ts';
import { Directory } from './directory.ts';
import type { WorldEvent } from './event.ts';
import { ForgottenMessages } from './forgotten.ts';
import type { Channel, Emoji, Message, Original, Reaction, User } from './model.ts';
import { messageType } from './model.ts';
import { Snowflakes } from './snowflake.ts';

export type WorldOptions = {
  readonly clock: Clock;
  readonly limits: Limits;
  /** Hears of each change once, after it happened. */
  readonly publish: (event: WorldEvent) => void;
  /** Where the files of messages can be read; known once the server listens. */
  readonly attachmentsUrl: () => string;
};

export type MessageDraft = Pick<Message, 'author' | 'content'> &
  Partial<
    Omit<Message, 'id' | 'channelId' | 'author' | 'content' | 'editedMs' | 'pinnedMs' | 'reactions' | 'threadId'>
  >;

export type MessageChange = Partial<
  Pick<
    Message,
    'content' | 'mentions' | 'mentionRoleIds' | 'mentionsEveryone' | 'embeds' | 'components' | 'attachments' | 'flags'
  >
>;

const typeOf = ({ type, origin, replyTo }: MessageDraft): number => {
  if (type !== undefined) return type;
  if (origin?.command) return messageType.command;
  return replyTo ? messageType.reply : messageType.plain;
};

const isSame = (one: Emoji, other: Emoji): boolean =>
  one.id === null || other.id === null ? one.id === other.id && one.name === other.name : one.id === other.id;

/** What is written in channels, and what people and bots do to it. */
export class Conversations extends Directory {
  readonly ids: Snowflakes;
  readonly attachments: Attachments;
  protected readonly clock: Clock;
  protected readonly publish: (event: WorldEvent) => void;
  readonly #limits: Limits;
  readonly #forgotten = new ForgottenMessages();

  constructor({ clock, limits, publish, attachmentsUrl }: WorldOptions) {
    super();
    this.ids = new Snowflakes(clock);
    this.attachments = new Attachments(this.ids, limits, attachmentsUrl);
    this.clock = clock;
    this.publish = publish;
    this.#limits = limits;
  }

  post(channel: Channel, draft: MessageDraft): Message {
    const message: Message = {
      embeds: [],
      components: [],
      attachments: [],
      flags: 0,
      mentions: [],
      mentionRoleIds: [],
      mentionsEveryone: false,
      replyTo: null,
      origin: null,
      nonce: null,
      counted: null,
      ...draft,
      type: typeOf(draft),
      id: this.ids.next(),
      channelId: channel.id,
      editedMs: null,
      pinnedMs: null,
      reactions: [],
      threadId: null,
    };
    channel.messages.push(message);
    const forgotten = channel.messages.length > this.#limits.messagesPerChannel ? channel.messages.shift() : undefined;
    if (forgotten) this.#forgotten.add(forgotten);
    this.publish({ type: 'message-created', channel, message });
    return message;
  }

  /** What can be replied to: also what the channel no longer holds, but nothing deleted. */
  findOriginal(channel: Channel, id: string): Original | undefined {
    return this.findMessage(channel, id) ?? this.#forgotten.find(channel.id, id);
  }

  edit(channel: Channel, message: Message, change: MessageChange): void {
    Object.assign(message, change, { editedMs: this.clock.wallMs() });
    this.publish({ type: 'message-updated', channel, message });
  }

  delete(channel: Channel, message: Message): void {
    channel.messages.splice(channel.messages.indexOf(message), 1);
    this.publish({ type: 'message-deleted', channel, message });
  }

  /** Several at once, in one event. */
  deleteMany(channel: Channel, messages: readonly Message[]): void {
    const messageIds = messages.map(({ id }) => id);
    const kept = channel.messages.filter(({ id }) => !messageIds.includes(id));
    channel.messages.splice(0, channel.messages.length, ...kept);
    this.publish({ type: 'messages-deleted', channel, messageIds });
  }

  findReaction(message: Message, emoji: Emoji): Reaction | undefined {
    return message.reactions.find((reaction) => isSame(reaction.emoji, emoji));
  }

  /** Nothing happens when it stands there already. */
  react(channel: Channel, message: Message, user: User, emoji: Emoji): void {
    let reaction = this.findReaction(message, emoji);
    if (reaction?.users.includes(user)) return;
    if (!reaction) {
      reaction = { emoji, users: [] };
      message.reactions.push(reaction);
    }
    reaction.users.push(user);
    this.publish({ type: 'reaction-added', channel, message, user, emoji: reaction.emoji });
  }

  /** Takes a reaction back; nothing happens when it was not there. */
  unreact(channel: Channel, message: Message, user: User, emoji: Emoji): void {
    const reaction = this.findReaction(message, emoji);
    const place = reaction?.users.indexOf(user) ?? -1;
    if (!reaction || place < 0) return;
    reaction.users.splice(place, 1);
    message.reactions = message.reactions.filter(({ users }) => users.length > 0);
    this.publish({ type: 'reaction-removed', channel, message, user, emoji: reaction.emoji });
  }

  /** All reactions, or all of one emoji. */
  clearReactions(channel: Channel, message: Message, emoji: Emoji | null = null): void {
    message.reactions = emoji ? message.reactions.filter((reaction) => !isSame(reaction.emoji, emoji)) : [];
    this.publish({ type: 'reactions-cleared', channel, message, emoji });
  }

  pin(channel: Channel, message: Message): void {
    if (message.pinnedMs !== null) return;
    channel.pinnedMs = this.clock.wallMs();
    this.#setPinned(channel, message, channel.pinnedMs);
  }

  unpin(channel: Channel, message: Message): void {
    if (message.pinnedMs !== null) this.#setPinned(channel, message, null);
  }

  #setPinned(channel: Channel, message: Message, pinnedMs: number | null): void {
    message.pinnedMs = pinnedMs;
    this.publish({ type: 'message-updated', channel, message });
    this.publish({ type: 'pins-changed', channel });
  }

  announceTyping(channel: Channel, user: User): void {
    this.publish({ type: 'typing', channel, user, atMs: this.clock.wallMs() });
  }
}
