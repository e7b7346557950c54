import { post } from './api.js';
import { channelChoices, roleChoices, userChoices } from './choices.js';
import { optionType } from './commands.js';
import { h } from './dom.js';
import { answerOf } from './interaction.js';
import { Suggestions } from './suggestions.js';

/**
 * @import { Chat } from './chat.js'
 * @import { Command, Option } from './commands.js'
 * @typedef {string | number | boolean | { name: string, contentType: string, base64: string }} Value
 * @typedef {{ option: Option, element: HTMLElement, focus: () => void, value: () => Promise<Value | undefined> | Value | undefined }} Field
 * `value` is undefined when nothing was filled in.
 */

const completionDelayMs = 150;

/** A command about to be used: a field for each of its options. Enter sends it, Escape leaves it. */
export class CommandForm {
  element;
  #chat;
  #command;
  #done;
  /** @type {Field[]} */
  #fields;

  /** @param {Chat} chat @param {Command} command @param {() => void} done called when it was sent or left */
  constructor(chat, command, done) {
    this.#chat = chat;
    this.#command = command;
    this.#done = done;
    this.#fields = command.options.map((option) => this.#fieldOf(option));
    this.element = h(
      'form',
      {
        class: 'command-form',
        'aria-label': `Command ${command.path} of ${command.application}`,
        onsubmit: (/** @type {Event} */ event) => {
          event.preventDefault();
          void this.#send();
        },
        onkeydown: (/** @type {KeyboardEvent} */ event) => event.key === 'Escape' && done(),
      },
      h('strong', { class: 'mention' }, `/${command.path}`),
      ...this.#fields.map(({ option, element }) =>
        h(
          'label',
          { title: option.description },
          h('span', {}, option.name, !option.required && h('small', {}, ' optional')),
          element,
        ),
      ),
      h('button', { class: 'button primary' }, 'Use'),
      h('button', { type: 'button', class: 'button secondary', onclick: done }, 'Cancel'),
    );
  }

  focus() {
    const [first] = this.#fields;
    if (first) first.focus();
    else this.element.querySelector('button')?.focus();
  }

  /** @param {Option} option @returns {Field} */
  #fieldOf(option) {
    const required = option.required === true;
    switch (option.type) {
      case optionType.boolean:
        return this.#menu(
          option,
          [
            { value: 'true', label: 'True' },
            { value: 'false', label: 'False' },
          ],
          (text) => text === 'true',
        );
      case optionType.user:
        return this.#menu(option, userChoices(this.#chat), String);
      case optionType.role:
        return this.#menu(option, roleChoices(this.#chat), String);
      case optionType.mentionable:
        return this.#menu(option, [...userChoices(this.#chat), ...roleChoices(this.#chat)], String);
      case optionType.channel:
        return this.#menu(option, channelChoices(this.#chat, option.channel_types), String);
      case optionType.attachment: {
        const input = h('input', { type: 'file', required });
        return {
          option,
          element: input,
          focus: () => input.focus(),
          value: () => input.files?.[0] && fileOf(input.files[0]),
        };
      }
    }
    const isNumber = option.type !== optionType.string;
    const read = isNumber ? Number : String;
    if (option.choices?.length)
      return this.#menu(
        option,
        option.choices.map(({ name, value }) => ({ value: String(value), label: name })),
        read,
      );
    const limits =
      isNumber && !option.autocomplete
        ? {
            type: 'number',
            step: option.type === optionType.integer ? 1 : 'any',
            min: option.min_value,
            max: option.max_value,
          }
        : { type: 'text', minlength: option.min_length, maxlength: option.max_length };
    const input = h('input', { ...limits, required, autocomplete: 'off', placeholder: option.description });
    if (option.autocomplete) return this.#completed(option, input, read);
    return {
      option,
      element: input,
      focus: () => input.focus(),
      value: () => (input.value === '' ? undefined : read(input.value)),
    };
  }

  /** @param {Option} option @param {{ value: string, label: string }[]} choices @param {(text: string) => Value} read @returns {Field} */
  #menu(option, choices, read) {
    const select = h(
      'select',
      { required: option.required === true },
      h('option', { value: '' }, ''),
      ...choices.map(({ value, label }) => h('option', { value }, label)),
    );
    return {
      option,
      element: select,
      focus: () => select.focus(),
      value: () => (select.value === '' ? undefined : read(select.value)),
    };
  }

  /** The bot suggests while somebody writes. What is shown and what is sent may differ. @param {Option} option @param {HTMLInputElement} input @param {(text: string) => Value} read @returns {Field} */
  #completed(option, input, read) {
    /** @type {{ name: string, value: string | number } | null} */
    let chosen = null;
    let timer = 0;
    const suggestions = new Suggestions(
      input,
      `Suggestions for ${option.name}`,
      (/** @type {{ name: string, value: string | number }} */ choice) => {
        chosen = choice;
        input.value = choice.name;
      },
    );
    const ask = async () => {
      const typed = input.value;
      const choices = await this.#complete(option, typed);
      if (input.value === typed && document.activeElement === input)
        suggestions.show(choices.map((choice) => ({ item: choice, label: choice.name })));
    };
    const askSoon = () => {
      clearTimeout(timer);
      timer = setTimeout(() => void ask(), completionDelayMs);
    };
    input.addEventListener('input', askSoon);
    input.addEventListener('focus', askSoon);
    input.addEventListener('keydown', (event) => suggestions.takes(event));
    const value = () =>
      input.value === '' ? undefined : chosen?.name === input.value ? chosen.value : read(input.value);
    return {
      option,
      element: h('span', { class: 'completed' }, input, suggestions.element),
      focus: () => input.focus(),
      value,
    };
  }

  /** @param {Option} option @param {string} typed @returns {Promise<{ name: string, value: string | number }[]>} */
  async #complete(option, typed) {
    const others = await this.#values(
      (field) => field.option !== option && field.option.type !== optionType.attachment,
    );
    const options = { ...others, [option.name]: typed };
    const answer = await post('autocomplete', { ...this.#target(), focused: option.name, options }).catch(() => null);
    return answer?.choices ?? [];
  }

  #target() {
    const { applicationId, path } = this.#command;
    return { applicationId, channelId: this.#chat.channel?.id, author: this.#chat.me, command: path };
  }

  /** @param {(field: Field) => boolean} wanted */
  async #values(wanted) {
    /** @type {Record<string, Value>} */
    const values = {};
    for (const field of this.#fields.filter(wanted)) {
      const value = await field.value();
      if (value !== undefined) values[field.option.name] = value;
    }
    return values;
  }

  async #send() {
    const options = await this.#values(() => true);
    const target = this.#target();
    this.#done();
    await answerOf(this.#chat, () => post('interactions', { ...target, options, wait: true }));
  }
}

/** @param {File} file @returns {Promise<Value>} */
const fileOf = async (file) => {
  const bytes = new Uint8Array(await file.arrayBuffer());
  return { name: file.name, contentType: file.type || 'application/octet-stream', base64: bytes.toBase64() };
};
