import { h } from './dom.js';

/**
 * @template Item
 * @typedef {{ item: Item, label: string, detail?: string | undefined, mark?: Node }} Suggestion
 */

let lists = 0;

/**
 * A list of suggestions for a text field, after the combobox pattern of the ARIA practices: arrows move, Enter and Tab
 * choose, Escape closes; the field keeps the focus.
 * @template Item
 */
export class Suggestions {
  #field;
  #pick;
  #list;
  /** @type {Suggestion<Item>[]} */
  #shown = [];
  #active = 0;

  /**
   * @param {HTMLInputElement | HTMLTextAreaElement} field @param {string} label
   * @param {(item: Item) => void} pick called when one is chosen; the list is closed then
   */
  constructor(field, label, pick) {
    this.#field = field;
    this.#pick = pick;
    this.#list = h('ul', {
      class: 'suggestions',
      id: `suggestions-${++lists}`,
      role: 'listbox',
      'aria-label': label,
      hidden: true,
    });
    for (const [name, value] of [
      ['role', 'combobox'],
      ['aria-autocomplete', 'list'],
      ['aria-expanded', 'false'],
      ['aria-controls', this.#list.id],
    ])
      field.setAttribute(name ?? '', value ?? '');
    field.addEventListener('blur', () => this.close());
    this.#list.addEventListener('mousedown', (event) => event.preventDefault());
  }

  get element() {
    return this.#list;
  }

  get isOpen() {
    return !this.#list.hidden;
  }

  /** @param {Suggestion<Item>[]} suggestions */
  show(suggestions) {
    this.#shown = suggestions;
    this.#active = 0;
    this.#list.replaceChildren(
      ...suggestions.map(({ label, detail, mark }, index) =>
        h(
          'li',
          { role: 'option', id: `${this.#list.id}-${index}`, onclick: () => this.#choose(index) },
          mark,
          h('span', { class: 'label' }, label),
          detail ? h('span', { class: 'detail' }, detail) : null,
        ),
      ),
    );
    this.#list.hidden = suggestions.length === 0;
    this.#field.setAttribute('aria-expanded', String(!this.#list.hidden));
    this.#mark();
  }

  close() {
    if (this.isOpen) this.show([]);
  }

  #mark() {
    for (const [index, option] of [...this.#list.children].entries())
      option.setAttribute('aria-selected', String(index === this.#active));
    this.#list.children[this.#active]?.scrollIntoView({ block: 'nearest' });
    if (this.isOpen) this.#field.setAttribute('aria-activedescendant', `${this.#list.id}-${this.#active}`);
    else this.#field.removeAttribute('aria-activedescendant');
  }

  /** @param {number} index */
  #choose(index) {
    const chosen = this.#shown[index];
    this.close();
    if (chosen) this.#pick(chosen.item);
  }

  /** Whether the key was for the list; then nobody else is to act on it. @param {KeyboardEvent} event */
  takes(event) {
    if (!this.isOpen || event.isComposing) return false;
    const { length } = this.#shown;
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      this.#active = (this.#active + (event.key === 'ArrowDown' ? 1 : length - 1)) % length;
      this.#mark();
    } else if ((event.key === 'Enter' && !event.shiftKey) || (event.key === 'Tab' && !event.shiftKey))
      this.#choose(this.#active);
    else if (event.key === 'Escape') this.close();
    else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  }
}
