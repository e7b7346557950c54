import { EmulatorError } from '../errors.ts';
import type { Channel, Emoji, Message, Original, User } from './model.ts';
import { isEphemeral } from './model.ts';
import type { World } from './world.ts';

const longestMessage = 2000;

/** What people do in channels. They are known by their names; a new name is a new person. */
export class People {
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  /** The person, who is a member of the channel's guild from here on. */
  join(channel: Channel, name = 'you'): User {
    const person = this.#world.person(name);
    if (channel.guild) this.#world.addMember(channel.guild, person);
    return person;
  }

  /** @throws EmulatorError when it is too long, or `replyTo` is not there */
  write(channel: Channel, author: User, content: string, replyTo?: string): Message {
    checkLength(content);
    const original = replyTo === undefined ? null : this.#message(channel, replyTo);
    return this.#world.post(channel, {
      author,
      content,
      mentions: this.#mentions(content, original),
      replyTo: original?.id ?? null,
    });
  }

  /** @throws EmulatorError when it is not theirs, or too long */
  rewrite(channel: Channel, messageId: string, author: User, content: string): Message {
    checkLength(content);
    const message = this.#own(channel, messageId, author);
    const original = message.replyTo === null ? undefined : this.#world.findOriginal(channel, message.replyTo);
    this.#world.edit(channel, message, { content, mentions: this.#mentions(content, original ?? null) });
    return message;
  }

  /** @throws EmulatorError when it is not theirs */
  erase(channel: Channel, messageId: string, author: User): void {
    this.#world.delete(channel, this.#own(channel, messageId, author));
  }

  /** `emoji` is a character, or `:name:` of one that stands there already. @throws EmulatorError */
  react(channel: Channel, messageId: string, author: User, emoji: string): Message {
    const message = this.#message(channel, messageId);
    this.#world.react(channel, message, author, emojiOf(message, emoji));
    return message;
  }

  /** @throws EmulatorError when there is no such message */
  unreact(channel: Channel, messageId: string, author: User, emoji: string): Message {
    const message = this.#message(channel, messageId);
    this.#world.unreact(channel, message, author, emojiOf(message, emoji));
    return message;
  }

  /** Those who are named, and the one who is replied to. */
  #mentions(content: string, original: Original | null): readonly User[] {
    return [...new Set([...this.#world.mentionedIn(content), ...(original ? [original.author] : [])])];
  }

  #message(channel: Channel, id: string): Message {
    const message = this.#world.findMessage(channel, id);
    if (!message || isEphemeral(message)) throw new EmulatorError(404, `there is no message ${id} in ${channel.id}`);
    return message;
  }

  #own(channel: Channel, id: string, author: User): Message {
    const message = this.#message(channel, id);
    if (message.author !== author) throw new EmulatorError(400, `message ${id} is not by ${author.name}`);
    return message;
  }
}

function checkLength({ length }: string): void {
  if (length > longestMessage)
    throw new EmulatorError(400, `people write at most ${longestMessage} characters, not ${length}`);
}

const emojiOf = ({ reactions }: Message, text: string): Emoji =>
  reactions.find(({ emoji }) => emoji.id !== null && `:${emoji.name}:` === text)?.emoji ?? { id: null, name: text };
