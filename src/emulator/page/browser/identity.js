import { post } from './api.js';
import { avatar, h } from './dom.js';
import { attempt } from './notices.js';

/** @import { Chat } from './chat.js' */

const longestName = 32;

/** Who the page speaks for, and how to be somebody else. @param {Chat} chat */
export function identity(chat) {
  const picture = h('span', { class: 'picture' });
  const choice = h('select', { id: 'me', onchange: () => chat.become(choice.value) });
  const name = h('input', {
    id: 'new-person',
    maxlength: longestName,
    required: true,
    autocomplete: 'off',
    placeholder: 'New name',
    'aria-label': 'Name of the new person',
  });
  const form = h(
    'form',
    {
      hidden: true,
      onsubmit: (/** @type {Event} */ event) => {
        event.preventDefault();
        void add();
      },
      onkeydown: (/** @type {KeyboardEvent} */ event) => event.key === 'Escape' && show(false),
    },
    name,
    h('button', { class: 'button primary' }, 'Add'),
  );
  const toggle = h(
    'button',
    {
      type: 'button',
      class: 'quiet',
      title: 'Add somebody',
      'aria-label': 'Add somebody',
      'aria-expanded': 'false',
      onclick: () => show(form.hidden === true),
    },
    '+',
  );

  /** @param {boolean} isShown */
  function show(isShown) {
    form.hidden = !isShown;
    toggle.setAttribute('aria-expanded', String(isShown));
    if (isShown) name.focus();
    else toggle.focus();
  }
  async function add() {
    const person = await attempt(() => post('people', { name: name.value.trim() }));
    if (!person) return;
    name.value = '';
    show(false);
    chat.become(person.name);
  }
  function draw() {
    const names = [...new Set([...chat.people.map((person) => person.name), chat.me])];
    choice.replaceChildren(...names.map((one) => h('option', { value: one, selected: one === chat.me }, one)));
    picture.replaceChildren(avatar(chat.people.find((person) => person.name === chat.me)?.id ?? chat.me, chat.me));
  }
  for (const type of ['places', 'selected']) chat.addEventListener(type, draw);
  draw();
  return h(
    'div',
    { class: 'identity' },
    h('div', { class: 'who' }, picture, h('label', {}, h('small', {}, 'You are'), choice), toggle),
    form,
  );
}
