import { post } from './api.js';
import { avatar, h, onlineDot } from './dom.js';
import { attempt } from './notices.js';

/**
 * @import { Chat } from './chat.js'
 * @import { MemberView } from '../views.ts'
 */

/** Who is in the guild shown. @param {Chat} chat */
export function membersTab(chat) {
  const lists = h('div', { class: 'members' });
  const write = (/** @type {string} */ applicationId) =>
    attempt(async () => {
      const channel = await post('direct-channels', { applicationId, author: chat.me });
      await chat.readPlaces();
      chat.select(channel.id);
    });
  const item = (/** @type {MemberView} */ { id, name, nick, bot, online }) =>
    h(
      'li',
      {},
      h('span', { class: 'picture' }, avatar(id, name), onlineDot(online)),
      h('span', { class: 'label' }, nick ?? name, nick ? h('small', {}, ` ${name}`) : null),
      bot && h('span', { class: 'badge' }, 'APP'),
      bot && chat.channel?.guildId
        ? h(
            'button',
            {
              type: 'button',
              class: 'quiet',
              title: `Write to ${name}`,
              'aria-label': `Write to ${name}`,
              onclick: () => void write(id),
            },
            '✉',
          )
        : null,
    );
  const group = (/** @type {string} */ title, /** @type {MemberView[]} */ members) =>
    members.length === 0 ? [] : [h('h3', {}, `${title} — ${members.length}`), h('ul', {}, ...members.map(item))];
  function draw() {
    const sorted = [...chat.members].sort((a, b) => a.name.localeCompare(b.name));
    lists.replaceChildren(
      ...group(
        'Online',
        sorted.filter(({ online }) => online),
      ),
      ...group(
        'Offline',
        sorted.filter(({ online }) => !online),
      ),
    );
  }
  for (const type of ['members', 'presence', 'selected']) chat.addEventListener(type, draw);
  return { name: 'members', title: 'Members', element: h('section', {}, lists), shown: () => {} };
}
