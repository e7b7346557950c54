import { componentOf, componentsIn } from './components.js';
import { avatar, h, timeOf } from './dom.js';
import { embedOf } from './embed.js';
import { inline } from './inline.js';
import { markdown } from './text.js';

/**
 * @import { Chat } from './chat.js'
 * @import { MessageView } from '../views.ts'
 * @import { Context } from './components.js'
 * @import { Names } from './inline.js'
 * @typedef {{
 *   reply: (message: MessageView) => void,
 *   edit: (message: MessageView) => void,
 *   remove: (message: MessageView) => void,
 *   react: (message: MessageView, emoji: string) => void,
 *   context: (message: MessageView) => Context,
 * }} Actions
 */

const quickReactions = ['👍', '❤️', '😄', '🎉', '👀'];
const kilobyte = 1000;
/** @param {number} bytes */
const sizeOf = (bytes) =>
  bytes < kilobyte
    ? `${bytes} B`
    : bytes < kilobyte ** 2
      ? `${Math.round(bytes / kilobyte)} kB`
      : `${(bytes / kilobyte ** 2).toFixed(1)} MB`;

/**
 * One message as a list item. `show` draws what changed since and leaves the rest alone, so that a button stays under the
 * pointer while the text beside it streams in.
 */
export class MessageItem {
  element = h('li', { class: 'message' });
  /** @type {Map<string, { drawn: string, holder: HTMLElement }>} */
  #parts = new Map();
  #chat;
  #actions;

  /** @param {Chat} chat @param {Actions} actions @param {MessageView} message @param {MessageView | undefined} before */
  constructor(chat, actions, message, before) {
    this.#chat = chat;
    this.#actions = actions;
    this.element.dataset['id'] = message.id;
    this.show(message, before);
  }

  /** @param {MessageView} message @param {MessageView | undefined} before the message above it */
  show(message, before) {
    const chat = this.#chat;
    const names = this.#actions.context(message).names;
    const replied = message.replyTo === null ? null : (chat.messages.get(message.replyTo) ?? 'forgotten');
    const continues =
      replied === null && message.command === null && before !== undefined && isContinued(before, message);
    const isMine = !message.bot && message.author === chat.me;
    this.element.classList.toggle('continued', continues);
    this.element.classList.toggle(
      'mentions-me',
      message.mentions.some(({ name }) => name === chat.me),
    );
    this.element.classList.toggle('ephemeral', message.visibleTo !== null);
    this.#draw(
      'origin',
      [
        replied === 'forgotten' ? 'forgotten' : replied && [replied.author, replied.content, replied.authorId],
        message.command,
      ],
      () => [replied !== null && replyLine(replied, names), message.command !== null && commandLine(message.command)],
    );
    this.#draw('head', [continues, message.author, message.bot], () =>
      continues
        ? [h('span', { class: 'gutter' }, timeOf(message.at))]
        : [
            avatar(message.authorId, message.author),
            h(
              'p',
              { class: 'head' },
              h('strong', { class: 'author' }, message.author),
              message.bot && h('span', { class: 'badge' }, 'APP'),
              timeOf(message.at),
            ),
          ],
    );
    this.#draw('text', [message.content, message.edited, message.loading, message.mentions], () => [
      h(
        'div',
        { class: 'text' },
        ...markdown(message.content, names),
        message.loading &&
          h(
            'p',
            { class: 'loading' },
            `${message.author} is thinking`,
            h('span', { class: 'dots', 'aria-hidden': 'true' }),
          ),
        message.edited && message.content !== '' && h('span', { class: 'edited' }, '(edited)'),
      ),
    ]);
    this.#draw('attachments', message.attachments, () => message.attachments.map(attachmentOf));
    this.#draw('embeds', message.embeds, () => message.embeds.map((embed) => embedOf(embed, names)));
    this.#draw('components', message.components, () =>
      componentsIn(message.components).map((one) => componentOf(one, this.#actions.context(message))),
    );
    this.#draw('edited', [message.edited, message.content === ''], () => [
      message.edited && message.content === '' && h('span', { class: 'edited' }, '(edited)'),
    ]);
    this.#draw('ephemeral', message.visibleTo, () => [
      message.visibleTo && h('p', { class: 'only' }, `👁 Only ${message.visibleTo.name} can see this`),
    ]);
    this.#draw('reactions', [message.reactions, chat.me], () => [
      message.reactions.length > 0 &&
        h(
          'div',
          { class: 'reactions' },
          ...message.reactions.map(({ emoji, names: who }) =>
            h(
              'button',
              {
                type: 'button',
                'data-key': `reaction ${emoji}`,
                title: who.join(', '),
                'aria-pressed': who.includes(chat.me),
                onclick: () => this.#actions.react(message, emoji),
              },
              `${emoji} ${who.length}`,
            ),
          ),
        ),
    ]);
    this.#draw('actions', [isMine, message.visibleTo !== null], () => [
      message.visibleTo === null && this.#actionsOf(message.id, isMine),
    ]);
  }

  /** @param {string} id @param {boolean} isMine */
  #actionsOf(id, isMine) {
    const { reply, edit, remove, react } = this.#actions;
    /** @param {(message: MessageView) => void} action */
    const on = (action) => () => {
      const message = this.#chat.messages.get(id);
      if (message) action(message);
    };
    /** @param {string} label @param {string} sign @param {(message: MessageView) => void} action */
    const button = (label, sign, action) =>
      h('button', { type: 'button', class: 'quiet', 'aria-label': label, title: label, onclick: on(action) }, sign);
    return h(
      'div',
      { class: 'actions', role: 'group', 'aria-label': 'What to do with this message' },
      ...quickReactions.map((emoji) => button(`React with ${emoji}`, emoji, (message) => react(message, emoji))),
      button('Reply', '↩', reply),
      isMine && button('Edit', '✎', edit),
      isMine && button('Delete', '🗑', remove),
    );
  }

  /** @param {string} part @param {unknown} from what it is drawn from @param {() => (Node | false | null)[]} make */
  #draw(part, from, make) {
    const drawn = JSON.stringify(from);
    const before = this.#parts.get(part);
    if (before?.drawn === drawn) return;
    const holder = before?.holder ?? this.element.appendChild(h('div', { class: `part-${part}` }));
    const key = holder.contains(document.activeElement) ? document.activeElement?.getAttribute('data-key') : null;
    const nodes = make().filter((node) => node instanceof Node);
    holder.replaceChildren(...nodes);
    holder.hidden = nodes.length === 0;
    if (key) focusKey(holder, key);
    this.#parts.set(part, { drawn, holder });
  }
}

/** @param {HTMLElement} holder @param {string} key */
function focusKey(holder, key) {
  for (const element of holder.querySelectorAll('[data-key]'))
    if (element instanceof HTMLElement && element.dataset['key'] === key) element.focus();
}

const continuedMs = 5 * 60_000;

/** @param {MessageView} before @param {MessageView} message */
const isContinued = (before, message) =>
  before.authorId === message.authorId &&
  (before.visibleTo === null) === (message.visibleTo === null) &&
  Date.parse(message.at) - Date.parse(before.at) < continuedMs;

/** @param {MessageView | 'forgotten'} replied @param {Names} names */
const replyLine = (replied, names) =>
  replied === 'forgotten'
    ? h('p', { class: 'reply' }, h('em', {}, 'A message that was deleted'))
    : h(
        'p',
        { class: 'reply' },
        avatar(replied.authorId, replied.author),
        h('strong', {}, replied.author),
        h(
          'span',
          { class: 'excerpt' },
          ...inline(replied.content.split('\n').join(' ') || '(no text: see the message)', names),
        ),
      );

/** @param {NonNullable<MessageView['command']>} command */
const commandLine = ({ name, user }) =>
  h(
    'p',
    { class: 'reply' },
    avatar(user.id, user.name),
    h('strong', {}, user.name),
    ' used ',
    h('span', { class: 'mention' }, `/${name}`),
  );

/** @param {MessageView['attachments'][number]} attachment */
const attachmentOf = ({ name, url, sizeBytes, contentType, description }) =>
  h(
    'figure',
    { class: 'attachment' },
    /^image\/(png|jpeg|gif|webp)$/.test(contentType) &&
      h('img', { src: url, alt: description ?? name, loading: 'lazy' }),
    h('figcaption', {}, h('a', { href: url, download: name }, name), ` ${sizeOf(sizeBytes)}`),
  );
