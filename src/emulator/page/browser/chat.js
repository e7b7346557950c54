import { get } from './api.js';

/**
 * @import { ApplicationView, Change, ChannelView, GuildView, MemberView, MessageView, PersonView, RoleView } from '../views.ts'
 * @typedef {{ name: string, untilMs: number }} Typist
 */

/** How long one announcement of typing is shown. */
const typingMs = 10_000;
const rereadDelayMs = 120;
/** As many as the emulator holds of a channel. */
const messagesHeld = 1_000;
export const categoryType = 4;

/**
 * What the page knows of the emulated Discord, kept up to date by `/emulator/events`. Says what changed by an event:
 * `places` (guilds, channels, bots, people), `members` (of the guild shown), `presence`, `selected` (channel or person),
 * `messages` (all of the channel shown), `message` (one; detail `{ message }` or `{ deletedId }`), `typing` and `connection`.
 */
export class Chat extends EventTarget {
  /** @type {readonly ApplicationView[]} */
  applications = [];
  /** @type {readonly GuildView[]} */
  guilds = [];
  /** @type {Map<string, ChannelView>} */
  channels = new Map();
  /** @type {readonly PersonView[]} */
  people = [];
  /** @type {readonly MemberView[]} of the guild or direct messages shown */
  members = [];
  /** @type {Map<string, MessageView>} of the channel shown, oldest first */
  messages = new Map();
  /** @type {Set<string>} channels with messages that were not looked at */
  unread = new Set();
  /** @type {ChannelView | null} */
  channel = null;
  me = localStorage.getItem('me') ?? 'you';
  isConnected = true;
  /** @type {Map<string, Map<string, Typist>>} by channel and user */
  #typing = new Map();
  #reread = 0;

  start() {
    const events = new EventSource('/emulator/events');
    events.onmessage = ({ data }) => this.#apply(JSON.parse(data));
    events.onopen = () => this.#connection(true);
    events.onerror = () => this.#connection(false);
    addEventListener('hashchange', () => this.#followAddress());
  }

  /** @param {boolean} isConnected */
  #connection(isConnected) {
    this.isConnected = isConnected;
    this.#say('connection');
  }

  /** @param {string} type @param {unknown} [detail] */
  #say(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }

  /** @param {Change} change */
  #apply(change) {
    switch (change.type) {
      case 'reset':
        return void this.#readAll();
      case 'places':
        return this.#rereadSoon();
      case 'presence':
        this.members = this.members.map((member) =>
          member.id === change.userId ? { ...member, online: change.online } : member,
        );
        this.applications = this.applications.map((one) =>
          one.id === change.userId ? { ...one, online: change.online } : one,
        );
        return this.#say('presence');
      case 'typing':
        return this.#noteTyping(change.channelId, change.user);
      case 'message':
        return this.#noteMessage(change.message);
      case 'message-deleted':
        if (change.channelId === this.channel?.id && this.messages.delete(change.id))
          this.#say('message', { deletedId: change.id });
        return;
    }
  }

  async #readAll() {
    const { channel } = this;
    await this.readPlaces();
    if (channel !== null && channel.id === this.channel?.id) await this.#readMessages();
  }

  #rereadSoon() {
    clearTimeout(this.#reread);
    this.#reread = setTimeout(() => void this.readPlaces(), rereadDelayMs);
  }

  async readPlaces() {
    const [applications, guilds, channels, people] = await Promise.all(
      ['applications', 'guilds', 'channels', 'people'].map(get),
    );
    this.applications = applications;
    this.guilds = guilds;
    this.channels = new Map(channels.map((/** @type {ChannelView} */ channel) => [channel.id, channel]));
    this.people = people;
    const same = this.channels.get(this.channel?.id ?? '');
    if (same) this.channel = same;
    else this.#followAddress();
    this.#say('places');
    if (same) await this.#readMembers();
  }

  async #readMembers() {
    const { channel } = this;
    const members = channel ? await get(`channels/${channel.id}/members`) : [];
    if (channel?.id !== this.channel?.id) return;
    this.members = members;
    this.#say('members');
  }

  async #readMessages() {
    const { channel } = this;
    const messages = channel ? await get(`channels/${channel.id}/messages`) : [];
    if (channel?.id !== this.channel?.id) return;
    this.messages = new Map(messages.map((/** @type {MessageView} */ message) => [message.id, message]));
    this.#say('messages');
  }

  /** To the channel named in the address of the page, or the first one where one can write. */
  #followAddress() {
    const [, wanted = ''] = /^#\/channels\/(\d+)$/.exec(location.hash) ?? [];
    const texts = [...this.channels.values()].filter(({ type }) => type !== categoryType);
    const channel =
      texts.find(({ id }) => id === wanted) ?? texts.find(({ guildId }) => guildId !== null) ?? texts[0] ?? null;
    if (channel?.id === this.channel?.id) return;
    this.channel = channel;
    this.messages = new Map();
    this.members = [];
    if (channel) this.unread.delete(channel.id);
    this.#say('selected');
    this.#say('messages');
    void this.#readMessages();
    void this.#readMembers();
  }

  /** @param {string} channelId */
  select(channelId) {
    location.hash = `#/channels/${channelId}`;
  }

  /** @param {string} name */
  become(name) {
    this.me = name;
    localStorage.setItem('me', name);
    this.#say('selected');
    this.#say('messages');
  }

  /** Whether that message is meant for the eyes of who the page speaks for. @param {MessageView} message */
  isVisible({ visibleTo }) {
    return visibleTo === null || visibleTo.name === this.me;
  }

  /** @param {MessageView} message */
  #noteMessage(message) {
    this.#typing.get(message.channelId)?.delete(message.authorId);
    if (message.channelId === this.channel?.id) {
      this.messages.set(message.id, message);
      if (this.messages.size > messagesHeld) this.messages.delete(this.messages.keys().next().value ?? '');
      this.#say('message', { message });
      this.#say('typing');
    } else if (!this.unread.has(message.channelId) && !message.edited && this.isVisible(message)) {
      this.unread.add(message.channelId);
      this.#say('places');
    }
  }

  /** @param {string} channelId @param {PersonView} user */
  #noteTyping(channelId, { id, name }) {
    const typists = this.#typing.get(channelId) ?? new Map();
    this.#typing.set(channelId, typists.set(id, { name, untilMs: Date.now() + typingMs }));
    this.#say('typing');
    setTimeout(() => this.#say('typing'), typingMs + 50);
  }

  /** Names of those who type in the channel shown, without the one the page speaks for. */
  typists() {
    const typists = this.#typing.get(this.channel?.id ?? '') ?? new Map();
    const names = [...typists.values()].filter(({ untilMs }) => untilMs > Date.now()).map(({ name }) => name);
    return names.filter((name) => name !== this.me);
  }

  /** @param {string} userId */
  nameOf(userId) {
    return [...this.members, ...this.people, ...this.applications].find(({ id }) => id === userId)?.name ?? null;
  }

  /** The bot that answers in the channel shown by that user id. @param {string} userId */
  application(userId) {
    return this.applications.find(({ id }) => id === userId) ?? null;
  }

  /** What a channel is called in the list. @param {ChannelView} channel */
  placeName({ name, guildId, applicationIds }) {
    if (guildId !== null) return name;
    return `${this.application(applicationIds[0] ?? '')?.name ?? 'a bot'} · ${name}`;
  }

  /** What mentions in a text mean. @param {readonly PersonView[]} mentioned */
  names(mentioned) {
    return {
      user: (/** @type {string} */ id) => mentioned.find((user) => user.id === id)?.name ?? this.nameOf(id),
      channel: (/** @type {string} */ id) => this.channels.get(id)?.name ?? null,
      role: (/** @type {string} */ id) => this.roles.find((role) => role.id === id)?.name ?? null,
    };
  }

  /** @returns {readonly RoleView[]} roles of the guild shown */
  get roles() {
    return this.guilds.find(({ id }) => id === this.channel?.guildId)?.roles ?? [];
  }
}
