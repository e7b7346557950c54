import { categoryType } from './chat.js';
import { avatar, byId, h, initials } from './dom.js';

/**
 * @import { Chat } from './chat.js'
 * @import { ChannelView, GuildView } from '../views.ts'
 */

const voice = new Set([2, 13]);
const threads = new Set([10, 11, 12]);

/** The left side: guilds, and the channels of the one that is shown; `@` stands for all direct messages. */
export class Places {
  #chat;
  #rail = h('ul', { class: 'rail', 'aria-label': 'Guilds' });
  #heading = h('h2');
  #list = h('ul', { class: 'channels' });
  /** @type {string | null} null is direct messages */
  #guildId = null;
  /** @type {Map<string | null, string>} where somebody was last, by guild */
  #last = new Map();

  /** @param {Chat} chat @param {HTMLElement} identity */
  constructor(chat, identity) {
    this.#chat = chat;
    const nav = byId('places');
    nav.append(this.#rail, h('div', { class: 'places' }, this.#heading, this.#list, identity));
    nav.addEventListener('keydown', moveWithArrows);
    chat.addEventListener('selected', () => this.#follow());
    chat.addEventListener('places', () => this.#draw());
    const toggle = byId('places-toggle');
    const open = (/** @type {boolean} */ isOpen) => {
      nav.classList.toggle('open', isOpen);
      toggle.setAttribute('aria-expanded', String(isOpen));
    };
    toggle.addEventListener('click', () => open(!nav.classList.contains('open')));
    chat.addEventListener('selected', () => open(false));
  }

  #follow() {
    const { channel } = this.#chat;
    if (channel) {
      this.#guildId = channel.guildId;
      this.#last.set(channel.guildId, channel.id);
    }
    this.#draw();
  }

  /** @param {string | null} guildId */
  #channelsOf(guildId) {
    const all = [...this.#chat.channels.values()].filter((channel) => channel.guildId === guildId);
    if (guildId === null) return all;
    const tops = all.filter(
      ({ type, parentId }) => !threads.has(type) && (parentId === null || !this.#chat.channels.has(parentId)),
    );
    /** @param {ChannelView} channel @returns {ChannelView[]} */
    const withInner = (channel) => [
      channel,
      ...all.filter(({ parentId }) => parentId === channel.id).flatMap(withInner),
    ];
    return tops.flatMap(withInner);
  }

  /** @param {string | null} guildId */
  #enter(guildId) {
    const channels = this.#channelsOf(guildId).filter(({ type }) => type !== categoryType);
    const last = channels.find(({ id }) => id === this.#last.get(guildId)) ?? channels[0];
    this.#guildId = guildId;
    if (last) this.#chat.select(last.id);
    this.#draw();
  }

  #draw() {
    const { guilds, unread, channels } = this.#chat;
    const unreadGuilds = new Set([...unread].map((id) => channels.get(id)?.guildId));
    this.#redraw(this.#rail, [
      this.#railButton(null, 'Direct messages', '@', unreadGuilds.has(null)),
      ...guilds.map(({ id, name }) => this.#railButton(id, name, initials(name), unreadGuilds.has(id))),
    ]);
    this.#heading.textContent = guilds.find(({ id }) => id === this.#guildId)?.name ?? 'Direct messages';
    const shown = this.#channelsOf(this.#guildId);
    this.#redraw(
      this.#list,
      shown.length > 0
        ? shown.map((channel) => this.#channelItem(channel))
        : [
            h(
              'li',
              { class: 'hint' },
              this.#guildId === null ? 'Write to a bot: choose it in the list of members.' : 'No channels.',
            ),
          ],
    );
  }

  /** Keeps the focus where it was. @param {HTMLElement} list @param {HTMLElement[]} items */
  #redraw(list, items) {
    const key = list.contains(document.activeElement) ? document.activeElement?.getAttribute('data-key') : null;
    list.replaceChildren(...items);
    if (key) for (const button of list.querySelectorAll('button')) if (button.dataset['key'] === key) button.focus();
  }

  /** @param {string | null} id @param {string} name @param {string} letters @param {boolean} isUnread */
  #railButton(id, name, letters, isUnread) {
    const isCurrent = id === this.#guildId;
    return h(
      'li',
      { 'data-unread': String(isUnread) },
      h(
        'button',
        {
          type: 'button',
          title: name,
          'data-key': id ?? '@',
          'aria-label': isUnread ? `${name}, unread` : name,
          'aria-current': isCurrent ? 'true' : null,
          onclick: () => this.#enter(id),
        },
        letters,
      ),
    );
  }

  /** @param {ChannelView} channel */
  #channelItem(channel) {
    const { id, type, guildId, applicationIds } = channel;
    const name = this.#chat.placeName(channel);
    if (type === categoryType) return h('li', { class: 'category' }, name);
    const isUnread = this.#chat.unread.has(id);
    const sign =
      guildId === null
        ? avatar(applicationIds[0] ?? id, name)
        : h('span', { class: 'sign', 'aria-hidden': 'true' }, voice.has(type) ? '♪' : threads.has(type) ? '↳' : '#');
    return h(
      'li',
      { class: threads.has(type) ? 'thread' : null, 'data-unread': String(isUnread) },
      h(
        'button',
        {
          type: 'button',
          'data-key': id,
          'aria-current': id === this.#chat.channel?.id ? 'page' : null,
          onclick: () => this.#chat.select(id),
        },
        sign,
        h('span', { class: 'label' }, name),
        isUnread && h('span', { class: 'hidden' }, ', unread'),
      ),
    );
  }
}

/** Up and down go from button to button of a list. @param {KeyboardEvent} event */
function moveWithArrows(event) {
  const { target, key } = event;
  if (!(target instanceof HTMLElement) || (key !== 'ArrowDown' && key !== 'ArrowUp')) return;
  const buttons = [...(target.closest('ul')?.querySelectorAll('button') ?? [])];
  const index = buttons.indexOf(/** @type {HTMLButtonElement} */ (target));
  if (index < 0) return;
  event.preventDefault();
  buttons[index + (key === 'ArrowDown' ? 1 : -1)]?.focus();
}
