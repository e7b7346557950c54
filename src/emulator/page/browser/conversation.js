import { post, remove } from './api.js';
import { choicesOf } from './choices.js';
import { byId, h } from './dom.js';
import { answerOf } from './interaction.js';
import { MessageItem } from './message.js';
import { attempt } from './notices.js';

/**
 * @import { Chat } from './chat.js'
 * @import { Composer } from './composer.js'
 * @import { Actions } from './message.js'
 * @import { ChannelView, MessageView } from '../views.ts'
 */

/** So many are drawn at first, and more at each request. */
const drawnAtOnce = 150;
const nearPx = 60;

/** The middle of the page: the channel's name, its messages, who is typing. */
export class Conversation {
  #chat;
  #composer;
  #list = byId('messages');
  #scroller = byId('scroller');
  #newest = byId('newest');
  /** @type {Map<string, MessageItem>} */
  #items = new Map();
  #limit = drawnAtOnce;
  #drawsSoon = false;
  /** @type {Set<string>} */
  #changed = new Set();

  /** @param {Chat} chat @param {Composer} composer */
  constructor(chat, composer) {
    this.#chat = chat;
    this.#composer = composer;
    chat.addEventListener('selected', () => {
      this.#limit = drawnAtOnce;
      this.#drawChannel();
    });
    chat.addEventListener('places', () => this.#drawChannel());
    chat.addEventListener('messages', () => this.#drawAll());
    chat.addEventListener('members', () => this.#drawAll());
    chat.addEventListener('message', (event) => this.#noteChange(/** @type {CustomEvent} */ (event).detail));
    chat.addEventListener('typing', () => this.#drawTyping());
    this.#newest.addEventListener('click', () => this.#toEnd());
    this.#scroller.addEventListener('scroll', () => {
      if (this.#isAtEnd()) this.#newest.hidden = true;
    });
    new ResizeObserver(() => this.#wasAtEnd && this.#toEnd()).observe(this.#scroller);
  }

  #wasAtEnd = true;
  #isAtEnd() {
    const { scrollHeight, scrollTop, clientHeight } = this.#scroller;
    this.#wasAtEnd = scrollHeight - scrollTop - clientHeight < nearPx;
    return this.#wasAtEnd;
  }

  #toEnd() {
    this.#scroller.scrollTop = this.#scroller.scrollHeight;
    this.#newest.hidden = true;
  }

  #drawChannel() {
    const { channel } = this.#chat;
    document.title = channel ? `${titleOf(channel)} · Emulated Discord` : 'Emulated Discord';
    byId('channel').replaceChildren(
      ...(channel
        ? [
            h(
              'h2',
              {},
              h('span', { class: 'sign', 'aria-hidden': 'true' }, channel.guildId ? '#' : '@'),
              this.#chat.placeName(channel),
            ),
            h('p', {}, channel.topic ?? channel.guild ?? 'Direct messages'),
          ]
        : [h('h2', {}, 'No channel'), h('p', {}, 'Add a bot to have one.')]),
    );
  }

  #visible() {
    return [...this.#chat.messages.values()].filter((message) => this.#chat.isVisible(message));
  }

  #drawAll() {
    const visible = this.#visible();
    const shown = visible.slice(-this.#limit);
    const isAtEnd = this.#isAtEnd() || this.#items.size === 0;
    this.#items.clear();
    const items = shown.map((message, index) => this.#item(message, shown[index - 1]).element);
    const older =
      visible.length > shown.length &&
      h(
        'li',
        { class: 'older' },
        h(
          'button',
          { type: 'button', class: 'button secondary', onclick: () => this.#showOlder() },
          `Show older messages (${visible.length - shown.length})`,
        ),
      );
    const empty =
      visible.length === 0 &&
      this.#chat.channel &&
      h(
        'li',
        { class: 'empty' },
        h('strong', {}, 'Nothing here yet.'),
        ' Write something, or type / for the commands of the bots.',
      );
    this.#list.replaceChildren(...[older, empty, ...items].filter((node) => node instanceof Node));
    this.#drawTyping();
    if (isAtEnd) this.#toEnd();
  }

  #showOlder() {
    const fromEnd = this.#scroller.scrollHeight - this.#scroller.scrollTop;
    this.#limit += drawnAtOnce;
    this.#drawAll();
    this.#scroller.scrollTop = this.#scroller.scrollHeight - fromEnd;
  }

  /** @param {MessageView} message @param {MessageView | undefined} before */
  #item(message, before) {
    const item = new MessageItem(this.#chat, this.#actions, message, before);
    this.#items.set(message.id, item);
    return item;
  }

  /** Changes are drawn together, once per frame: a busy channel costs no more than a quiet one. @param {{ message?: MessageView, deletedId?: string }} change */
  #noteChange({ message, deletedId }) {
    this.#changed.add(message?.id ?? deletedId ?? '');
    if (this.#drawsSoon) return;
    this.#drawsSoon = true;
    requestAnimationFrame(() => {
      this.#drawsSoon = false;
      const changed = this.#changed;
      this.#changed = new Set();
      this.#drawChanges(changed);
    });
  }

  /** @param {Set<string>} changed */
  #drawChanges(changed) {
    const isAtEnd = this.#isAtEnd();
    const all = this.#visible();
    const fresh = all.filter(({ id }) => changed.has(id) && !this.#items.has(id)).length;
    // Whoever reads above keeps what is there.
    if (!isAtEnd) this.#limit += fresh;
    const visible = all.slice(-this.#limit);
    this.#list.querySelector('.empty')?.remove();
    for (const [index, message] of visible.entries()) {
      const item = this.#items.get(message.id);
      if (!item) this.#list.append(this.#item(message, visible[index - 1]).element);
      else if (changed.has(message.id) || changed.has(message.replyTo ?? '')) item.show(message, visible[index - 1]);
    }
    const shown = new Set(visible.map(({ id }) => id));
    const gone = [...this.#items].filter(([id]) => !shown.has(id));
    for (const [id, item] of gone) {
      item.element.remove();
      this.#items.delete(id);
    }
    // The next one may have stood under the name of one that is gone.
    if (gone.length > 0)
      for (const [index, message] of visible.entries()) this.#items.get(message.id)?.show(message, visible[index - 1]);
    if (isAtEnd) this.#toEnd();
    else if (fresh > 0) this.#newest.hidden = false;
  }

  #drawTyping() {
    const names = this.#chat.typists();
    const who =
      names.length > 3
        ? 'Several people are typing'
        : `${new Intl.ListFormat('en').format(names)} ${names.length === 1 ? 'is' : 'are'} typing`;
    byId('typing').replaceChildren(
      ...(names.length === 0 ? [] : [h('span', { class: 'dots', 'aria-hidden': 'true' }), who]),
    );
  }

  /** @type {Actions} */
  #actions = {
    reply: (message) => this.#composer.replyTo(message),
    edit: (message) => this.#composer.edit(message),
    remove: (message) =>
      void attempt(() => remove(`channels/${message.channelId}/messages/${message.id}`, { author: this.#chat.me })),
    react: (message, emoji) => {
      const stands = message.reactions.some((one) => one.emoji === emoji && one.names.includes(this.#chat.me));
      const path = `channels/${message.channelId}/messages/${message.id}/reactions`;
      void attempt(() => (stands ? remove : post)(path, { author: this.#chat.me, emoji }));
    },
    context: (message) => ({
      names: this.#chat.names(message.mentions),
      choices: (component) => choicesOf(component, this.#chat),
      use: (customId, values) => void this.#use(message, customId, values),
    }),
  };

  /** @param {MessageView} message @param {string} customId @param {string[] | undefined} values */
  async #use({ channelId, id: messageId, authorId }, customId, values) {
    const { element } = this.#items.get(messageId) ?? {};
    element?.setAttribute('aria-busy', 'true');
    await answerOf(this.#chat, () =>
      post('components', {
        applicationId: authorId,
        channelId,
        messageId,
        customId,
        author: this.#chat.me,
        wait: true,
        ...(values ? { values } : {}),
      }),
    );
    element?.removeAttribute('aria-busy');
  }
}

/** @param {ChannelView} channel */
const titleOf = (channel) => (channel.guildId ? `#${channel.name}` : `@${channel.name}`);
