import { h, link, timeOf } from './dom.js';
import { inline } from './inline.js';
import { markdown } from './text.js';

/** @import { Names } from './inline.js' */

/** @param {unknown} value */
const text = (value) => (typeof value === 'string' ? value : '');
/** @param {any} value @returns {Record<string, any>} */
const object = (value) => (typeof value === 'object' && value !== null ? value : {});

/** Pictures lie elsewhere, and the page loads nothing from elsewhere: they are named and can be opened. @param {string} what @param {unknown} media */
export const elsewhere = (what, media) => {
  const url = text(object(media)['url']);
  return url === '' ? null : h('p', { class: 'media' }, `${what}: `, link(url, url));
};

/** @param {unknown} value @param {Names} names */
export function embedOf(value, names) {
  const embed = object(value);
  const { author, footer } = { author: object(embed['author']), footer: object(embed['footer']) };
  const fields = Array.isArray(embed['fields']) ? embed['fields'].map(object) : [];
  const element = h(
    'article',
    { class: 'embed' },
    text(author['name']) && h('p', { class: 'embed-author' }, link(author['url'], text(author['name']))),
    text(embed['title']) &&
      h('p', { class: 'embed-title' }, link(embed['url'], ...inline(text(embed['title']), names))),
    text(embed['description']) && h('div', { class: 'text' }, ...markdown(text(embed['description']), names)),
    fields.length > 0 &&
      h(
        'dl',
        {},
        ...fields.map((field) =>
          h(
            'div',
            { class: field['inline'] === true ? 'inline' : null },
            h('dt', {}, ...inline(text(field['name']), names)),
            h('dd', {}, ...markdown(text(field['value']), names)),
          ),
        ),
      ),
    elsewhere('Picture', embed['image']),
    elsewhere('Thumbnail', embed['thumbnail']),
    (text(footer['text']) || embed['timestamp']) &&
      h('p', { class: 'embed-footer' }, text(footer['text']), stamp(embed['timestamp'])),
  );
  if (typeof embed['color'] === 'number')
    element.style.setProperty('--embed', `#${(embed['color'] & 0xffffff).toString(16).padStart(6, '0')}`);
  return element;
}

/** @param {unknown} value */
const stamp = (value) =>
  typeof value === 'string' && !Number.isNaN(Date.parse(value)) ? h('span', {}, ' · ', timeOf(value)) : null;
