import { h, link } from './dom.js';
import { elsewhere } from './embed.js';
import { markdown } from './text.js';

/**
 * @import { Names } from './inline.js'
 * @typedef {Record<string, any> & { type: number }} Component
 * @typedef {{ value: string, label: string, description?: string, isDefault?: boolean }} Choice
 * @typedef {{
 *   names: Names,
 *   choices: (component: Component) => Choice[],
 *   use: (customId: string, values?: string[]) => void,
 * }} Context `choices` of a select menu; `use` is called when somebody presses or chooses
 */

export const componentType = {
  row: 1,
  button: 2,
  stringSelect: 3,
  textInput: 4,
  userSelect: 5,
  roleSelect: 6,
  mentionableSelect: 7,
  channelSelect: 8,
  section: 9,
  text: 10,
  thumbnail: 11,
  gallery: 12,
  file: 13,
  separator: 14,
  container: 17,
  label: 18,
  fileUpload: 19,
  radioGroup: 21,
  checkboxGroup: 22,
  checkbox: 23,
};

const buttonStyles = ['', 'primary', 'secondary', 'success', 'danger', 'link'];

/** @param {any} value @returns {Component[]} */
export const componentsIn = (value) =>
  Array.isArray(value) ? value.filter((one) => typeof one?.type === 'number') : [];

/** @param {Component} component */
const isSelect = ({ type }) =>
  type === componentType.stringSelect || (type >= componentType.userSelect && type <= componentType.channelSelect);

/** @param {Component} component @param {Context} context @returns {Node | null} */
export function componentOf(component, context) {
  const inner = () => componentsIn(component['components']).map((one) => componentOf(one, context));
  if (isSelect(component)) return selectOf(component, context);
  switch (component.type) {
    case componentType.row:
      return h('div', { class: 'row' }, ...inner());
    case componentType.button:
      return buttonOf(component, context);
    case componentType.section: {
      const [accessory] = componentsIn([component['accessory']]);
      return h(
        'div',
        { class: 'section' },
        h('div', {}, ...inner()),
        accessory ? componentOf(accessory, context) : null,
      );
    }
    case componentType.text:
      return h('div', { class: 'text' }, ...markdown(String(component['content'] ?? ''), context.names));
    case componentType.thumbnail:
      return elsewhere('Thumbnail', component['media']);
    case componentType.gallery:
      return h(
        'div',
        {},
        ...(Array.isArray(component['items']) ? component['items'] : []).map((item) =>
          elsewhere('Picture', item?.media),
        ),
      );
    case componentType.file:
      return elsewhere('File', component['file']);
    case componentType.separator:
      return component['divider'] === false ? null : h('hr');
    case componentType.container: {
      const container = h('div', { class: 'container' }, ...inner());
      const colour = component['accent_color'];
      if (typeof colour === 'number')
        container.style.setProperty('--embed', `#${(colour & 0xffffff).toString(16).padStart(6, '0')}`);
      return container;
    }
    default:
      return h('p', { class: 'subtext' }, `(component of type ${component.type})`);
  }
}

/** @param {any} emoji */
const emojiName = (emoji) => (typeof emoji?.name === 'string' ? (emoji.id ? `:${emoji.name}:` : emoji.name) : '');

/** @param {Component} component @param {Context} context */
function buttonOf(component, { use }) {
  const style = buttonStyles[component['style']] ?? 'secondary';
  const label = [emojiName(component['emoji']), component['label']].filter(Boolean).join(' ') || '…';
  if (style === 'link') {
    const anchor = link(component['url'], `${label} ↗`);
    anchor.className = 'button link';
    return anchor;
  }
  const customId = String(component['custom_id'] ?? '');
  return h(
    'button',
    {
      type: 'button',
      class: `button ${style}`,
      disabled: component['disabled'] === true,
      'data-key': customId,
      onclick: () => use(customId),
    },
    label,
  );
}

/** One choice is a menu that acts at once; several are boxes to tick and a button. @param {Component} component @param {Context} context */
function selectOf(component, context) {
  const customId = String(component['custom_id'] ?? '');
  const choices = context.choices(component);
  const most = Number(component['max_values'] ?? 1);
  const placeholder = String(component['placeholder'] ?? 'Choose…');
  const disabled = component['disabled'] === true;
  if (most <= 1) {
    const chosen = choices.find(({ isDefault }) => isDefault)?.value;
    return h(
      'select',
      {
        class: 'menu',
        'aria-label': placeholder,
        disabled,
        'data-key': customId,
        onchange: ({ target }) => target.value !== '' && context.use(customId, [target.value]),
      },
      h('option', { value: '', selected: chosen === undefined }, placeholder),
      ...choices.map(({ value, label, description }) =>
        h('option', { value, selected: value === chosen }, description ? `${label} — ${description}` : label),
      ),
    );
  }
  const least = Number(component['min_values'] ?? 1);
  const boxes = choices.map(({ value, isDefault }) =>
    h('input', { type: 'checkbox', value, checked: isDefault === true, disabled }),
  );
  const send = h(
    'button',
    {
      type: 'button',
      class: 'button primary',
      disabled,
      onclick: () =>
        context.use(
          customId,
          boxes.filter(({ checked }) => checked).map(({ value }) => value),
        ),
    },
    'Choose',
  );
  const judge = () => {
    const count = boxes.filter(({ checked }) => checked).length;
    send.disabled = disabled || count < least || count > most;
  };
  const menu = h(
    'details',
    { class: 'menu', onchange: judge },
    h('summary', { 'data-key': customId }, `${placeholder} (${least === most ? most : `${least}–${most}`})`),
    ...choices.map(({ label, description }, index) =>
      h('label', {}, boxes[index], ' ', label, description ? h('small', {}, ` ${description}`) : null),
    ),
    send,
  );
  judge();
  return menu;
}
