/**
 * An element. Attributes named `on…` are listeners; true is an attribute without value, false and null are none, but those
 * of `aria-…` and `data-…` are written as words. Children
 * that are strings become text, never markup: bots and people write what they like.
 *
 * @template {keyof HTMLElementTagNameMap} Name
 * @param {Name} name
 * @param {Record<string, string | number | boolean | null | undefined | ((event: any) => void)>} [attributes]
 * @param {(Node | string | null | undefined | false)[]} children
 * @returns {HTMLElementTagNameMap[Name]}
 */
export function h(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener(key.slice(2), value);
    else if (value !== null && value !== undefined && (value !== false || /^(?:aria|data)-/.test(key)))
      element.setAttribute(key, value === true && !/^(?:aria|data)-/.test(key) ? '' : String(value));
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/**
 * The element that index.html has under that id.
 * @template {HTMLElement} [Kind=HTMLElement]
 * @param {string} id
 * @returns {Kind}
 */
export const byId = (id) => {
  const element = document.getElementById(id);
  if (!element) throw new Error(`the page has no #${id}`);
  return /** @type {Kind} */ (element);
};

/** One of eight colours, always the same for the same id. @param {string} id */
const hueOf = (id) => ([...id].reduce((hash, digit) => (Math.imul(hash, 31) + digit.charCodeAt(0)) >>> 0, 7) % 127) % 8;

/** @param {string} id @param {string} name */
export const avatar = (id, name) =>
  h('span', { class: `avatar hue-${hueOf(id)}`, 'aria-hidden': 'true' }, initials(name));

/** @param {string} name */
export const initials = (name) => {
  const words = name.split(/[\s_.-]+/).filter(Boolean);
  const letters = words.length > 1 ? words.slice(0, 2).map((word) => [...word][0]) : [...(words[0] ?? '?')].slice(0, 1);
  return letters.join('').toUpperCase();
};

/** @param {boolean} online */
export const onlineDot = (online) =>
  h('span', { class: 'dot', 'data-online': String(online), role: 'img', 'aria-label': online ? 'online' : 'offline' });

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const full = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'medium' });

/** @param {string} iso */
export const timeOf = (iso) => {
  const at = new Date(iso);
  return h('time', { datetime: iso, title: full.format(at) }, clock.format(at));
};

/** The address when it is one of the web, else null: `javascript:` and the like lead nowhere. @param {unknown} address */
export function webAddress(address) {
  if (typeof address !== 'string' || !URL.canParse(address)) return null;
  const url = new URL(address);
  return url.protocol === 'https:' || url.protocol === 'http:' ? url.href : null;
}

/** @param {unknown} address @param {...(Node | string)} children */
export function link(address, ...children) {
  const href = webAddress(address);
  return href
    ? h('a', { href, target: '_blank', rel: 'noopener noreferrer' }, ...children)
    : h('span', {}, ...children);
}
