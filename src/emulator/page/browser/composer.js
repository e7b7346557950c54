import { patch, post } from './api.js';
import { CommandForm } from './command-form.js';
import { commandsHere } from './commands.js';
import { avatar, byId, h } from './dom.js';
import { attempt } from './notices.js';
import { Suggestions } from './suggestions.js';

/**
 * @import { Chat } from './chat.js'
 * @import { MemberView, MessageView } from '../views.ts'
 * @import { Command } from './commands.js'
 */

const typingEveryMs = 8_000;
const longest = 2000;
const mostSuggestions = 12;

/** Where people write: messages, replies, changes to what they wrote, and commands after a slash. */
export class Composer {
  #chat;
  #field;
  #bar = h('p', { class: 'composer-bar', hidden: true });
  #commands;
  #mentions;
  /** @type {{ kind: 'reply' | 'edit', message: MessageView } | null} */
  #about = null;
  /** @type {Command[]} */
  #known = [];
  #announcedMs = 0;

  /** @param {Chat} chat */
  constructor(chat) {
    this.#chat = chat;
    this.#field = h('textarea', {
      id: 'message-field',
      rows: 1,
      maxlength: longest,
      autocomplete: 'off',
      spellcheck: 'false',
      oninput: () => this.#noteInput(),
      onkeydown: (/** @type {KeyboardEvent} */ event) => this.#noteKey(event),
    });
    this.#commands = new Suggestions(this.#field, 'Commands', (/** @type {Command} */ command) =>
      this.#openCommand(command),
    );
    this.#mentions = new Suggestions(this.#field, 'Members', (/** @type {MemberView} */ member) =>
      this.#insertMention(member),
    );
    this.#show();
    chat.addEventListener('selected', () => {
      this.#about = null;
      this.#show();
    });
    addEventListener('keydown', (event) => this.#catchStray(event));
  }

  #show() {
    const { channel, me } = this.#chat;
    const label = channel ? `Message ${channel.guildId ? '#' : '@'}${this.#chat.placeName(channel)}` : 'No channel';
    this.#field.placeholder = `${label} as ${me}`;
    this.#field.setAttribute('aria-label', `${label} as ${me}`);
    this.#field.disabled = channel === null;
    const send = h('button', { type: 'button', class: 'button primary', onclick: () => void this.#send() }, 'Send');
    byId('composer').replaceChildren(
      this.#commands.element,
      this.#mentions.element,
      this.#bar,
      h('div', { class: 'composer-field' }, this.#field, send),
    );
    this.#showBar();
  }

  #showBar() {
    const about = this.#about;
    this.#bar.hidden = about === null;
    if (about === null) return;
    const what = about.kind === 'reply' ? `Replying to ${about.message.author}` : 'Changing your message';
    this.#bar.replaceChildren(
      h('span', {}, what),
      h('button', { type: 'button', class: 'quiet', 'aria-label': 'Cancel', onclick: () => this.#forgetAbout() }, '×'),
    );
  }

  #forgetAbout() {
    if (this.#about?.kind === 'edit') this.#field.value = '';
    this.#about = null;
    this.#showBar();
    this.#field.focus();
  }

  /** @param {MessageView} message */
  replyTo(message) {
    this.#about = { kind: 'reply', message };
    this.#showBar();
    this.#field.focus();
  }

  /** @param {MessageView} message */
  edit(message) {
    this.#about = { kind: 'edit', message };
    this.#field.value = message.content.replace(/<@!?(\d+)>/g, (whole, id) =>
      this.#chat.nameOf(id) ? `@${this.#chat.nameOf(id)}` : whole,
    );
    this.#showBar();
    this.#field.focus();
  }

  /** What is typed anywhere on the page goes into the field, as in other chats. @param {KeyboardEvent} event */
  #catchStray(event) {
    const isText = event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey && event.key !== ' ';
    if (isText && document.activeElement === document.body && !document.querySelector('dialog[open]'))
      this.#field.focus();
  }

  /** @param {KeyboardEvent} event */
  #noteKey(event) {
    if (this.#commands.takes(event) || this.#mentions.takes(event)) return;
    if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      void this.#send();
    } else if (event.key === 'Escape' && this.#about) this.#forgetAbout();
    else if (event.key === 'ArrowUp' && this.#field.value === '' && !this.#about) {
      const mine = [...this.#chat.messages.values()].findLast(({ bot, author }) => !bot && author === this.#chat.me);
      if (!mine) return;
      event.preventDefault();
      this.edit(mine);
    }
  }

  #noteInput() {
    const { value } = this.#field;
    void this.#suggestCommands(value);
    this.#suggestMembers(value.slice(0, this.#field.selectionStart ?? value.length));
    if (value === '' || value.startsWith('/') || Date.now() - this.#announcedMs < typingEveryMs) return;
    this.#announcedMs = Date.now();
    const { channel, me } = this.#chat;
    if (channel) void post(`channels/${channel.id}/typing`, { author: me }).catch(() => {});
  }

  /** @param {string} value */
  async #suggestCommands(value) {
    if (!value.startsWith('/') || value.includes('\n') || this.#about?.kind === 'edit') return this.#commands.close();
    if (value === '/' || this.#known.length === 0) this.#known = (await attempt(() => commandsHere(this.#chat))) ?? [];
    if (this.#field.value !== value) return;
    const wanted = value.slice(1).trimEnd().toLowerCase();
    const found = this.#known.filter(({ path }) => path.startsWith(wanted)).slice(0, mostSuggestions);
    this.#commands.show(
      found.map((command) => ({
        item: command,
        label: `/${command.path}`,
        detail: `${command.description} — ${command.application}`,
        mark: avatar(command.applicationId, command.application),
      })),
    );
  }

  /** @param {string} before what stands in front of the cursor */
  #suggestMembers(before) {
    const [, wanted] = /(?:^|\s)@([\w.-]{0,32})$/.exec(before) ?? [];
    if (wanted === undefined) return this.#mentions.close();
    const found = this.#chat.members.filter(({ name }) => name.toLowerCase().startsWith(wanted.toLowerCase()));
    this.#mentions.show(
      found.slice(0, mostSuggestions).map((member) => ({
        item: member,
        label: `@${member.name}`,
        detail: member.bot ? 'bot' : undefined,
        mark: avatar(member.id, member.name),
      })),
    );
  }

  /** @param {MemberView} member */
  #insertMention({ name }) {
    const { value, selectionStart } = this.#field;
    const before = value.slice(0, selectionStart).replace(/@[\w.-]*$/, `@${name} `);
    this.#field.value = before + value.slice(selectionStart);
    this.#field.setSelectionRange(before.length, before.length);
  }

  /** @param {Command} command */
  #openCommand(command) {
    this.#field.value = '';
    const form = new CommandForm(this.#chat, command, () => {
      this.#show();
      this.#field.focus();
    });
    byId('composer').replaceChildren(form.element);
    form.focus();
  }

  /** `@name` becomes a mention for every member of that name; longer names first. @param {string} text */
  #withMentions(text) {
    const members = [...this.#chat.members].sort((a, b) => b.name.length - a.name.length);
    return members.reduce(
      (written, { id, name }) =>
        written.replace(new RegExp(`(?<![\\w<])@${RegExp.escape(name)}(?!\\w)`, 'g'), () => `<@${id}>`),
      text,
    );
  }

  async #send() {
    const { channel, me } = this.#chat;
    const text = this.#field.value.trim();
    if (!channel || text === '') return;
    const content = this.#withMentions(text);
    const about = this.#about;
    const sent = await attempt(() =>
      about?.kind === 'edit'
        ? patch(`channels/${channel.id}/messages/${about.message.id}`, { author: me, content })
        : post('say', { channelId: channel.id, author: me, content, ...(about ? { replyTo: about.message.id } : {}) }),
    );
    if (sent === undefined) return;
    this.#field.value = '';
    this.#about = null;
    this.#announcedMs = 0;
    this.#showBar();
  }
}
