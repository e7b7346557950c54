import { choicesOf } from './choices.js';
import { componentsIn, componentType } from './components.js';
import { h } from './dom.js';
import { markdown } from './text.js';

/**
 * @import { Chat } from './chat.js'
 * @import { Component } from './components.js'
 * @typedef {{ customId: string, value: () => string | boolean | string[] | undefined }} Answer
 */

const paragraph = 2;

/**
 * A form that a bot shows in answer to a command or a button.
 * @param {Chat} chat @param {any} modal
 * @param {(values: Record<string, string | boolean | string[]>) => void} submit called once, with what was filled in
 */
export function openModal(chat, modal, submit) {
  /** @type {Answer[]} */
  const answers = [];
  const send = () => {
    const given = answers.map(({ customId, value }) => [customId, value()]);
    dialog.close();
    submit(Object.fromEntries(given.filter(([, value]) => value !== undefined)));
  };
  const dialog = h(
    'dialog',
    { class: 'modal', 'aria-labelledby': 'modal-title', onclose: () => dialog.remove() },
    h(
      'form',
      {
        onsubmit: (/** @type {Event} */ event) => {
          event.preventDefault();
          send();
        },
      },
      h('h2', { id: 'modal-title' }, String(modal?.title ?? '')),
      ...componentsIn(modal?.components).map((one) => fieldOf(one, chat, answers)),
      h(
        'p',
        { class: 'buttons' },
        h('button', { type: 'button', class: 'button secondary', onclick: () => dialog.close() }, 'Cancel'),
        h('button', { class: 'button primary' }, 'Submit'),
      ),
    ),
  );
  document.body.append(dialog);
  dialog.showModal();
}

/** @param {Component} component @param {Chat} chat @param {Answer[]} answers @returns {Node} */
function fieldOf(component, chat, answers) {
  if (component.type === componentType.row)
    return h(
      'div',
      {},
      ...componentsIn(component['components']).map((one) =>
        labelled(one, String(one['label'] ?? ''), '', chat, answers),
      ),
    );
  if (component.type === componentType.label) {
    const [inner] = componentsIn([component['component']]);
    return inner
      ? labelled(inner, String(component['label'] ?? ''), String(component['description'] ?? ''), chat, answers)
      : h('span');
  }
  if (component.type === componentType.text)
    return h('div', { class: 'text' }, ...markdown(String(component['content'] ?? ''), chat.names([])));
  return h('p', { class: 'subtext' }, `(component of type ${component.type})`);
}

/** @param {Component} component @param {string} label @param {string} description @param {Chat} chat @param {Answer[]} answers */
function labelled(component, label, description, chat, answers) {
  const isRequired = component['required'] !== false;
  const legend = [
    h('strong', {}, label, isRequired && h('span', { class: 'required', 'aria-hidden': 'true' }, ' *')),
    description && h('small', {}, description),
  ];
  const isGroup = component.type === componentType.radioGroup || component.type === componentType.checkboxGroup;
  const input = inputOf(component, isRequired, chat, answers);
  return isGroup ? h('fieldset', {}, h('legend', {}, ...legend), input) : h('label', {}, ...legend, input);
}

/** @param {Component} component @param {boolean} required @param {Chat} chat @param {Answer[]} answers */
function inputOf(component, required, chat, answers) {
  const customId = String(component['custom_id'] ?? '');
  switch (component.type) {
    case componentType.textInput: {
      const attributes = {
        required,
        minlength: component['min_length'],
        maxlength: component['max_length'] ?? 4000,
        placeholder: component['placeholder'],
        autocomplete: 'off',
      };
      const input =
        component['style'] === paragraph ? h('textarea', { ...attributes, rows: 5 }) : h('input', attributes);
      input.value = String(component['value'] ?? '');
      answers.push({ customId, value: () => input.value });
      return input;
    }
    case componentType.checkbox: {
      const box = h('input', { type: 'checkbox', checked: component['default'] === true });
      answers.push({ customId, value: () => box.checked });
      return box;
    }
    case componentType.radioGroup:
    case componentType.checkboxGroup: {
      const isRadio = component.type === componentType.radioGroup;
      const boxes = choicesOf(component, chat).map(({ value, label, isDefault }) => ({
        label,
        box: h('input', {
          type: isRadio ? 'radio' : 'checkbox',
          name: customId,
          value,
          checked: isDefault === true,
          required: isRadio && required,
        }),
      }));
      const chosen = () => boxes.filter(({ box }) => box.checked).map(({ box }) => box.value);
      answers.push({ customId, value: () => (isRadio ? chosen()[0] : chosen()) });
      return h('div', {}, ...boxes.map(({ label, box }) => h('label', { class: 'choice' }, box, label)));
    }
    case componentType.fileUpload:
      return h('small', {}, 'Files cannot be uploaded here.');
    default: {
      const multiple = Number(component['max_values'] ?? 1) > 1;
      const select = h(
        'select',
        { multiple, required },
        !multiple && h('option', { value: '' }, ''),
        ...choicesOf(component, chat).map(({ value, label, isDefault }) =>
          h('option', { value, selected: isDefault === true }, label),
        ),
      );
      answers.push({
        customId,
        value: () => [...select.selectedOptions].map(({ value }) => value).filter((value) => value !== ''),
      });
      return select;
    }
  }
}
