import { h, link, webAddress } from './dom.js';

/**
 * What names in a text mean.
 * @typedef {{ user: (id: string) => string | null, channel: (id: string) => string | null, role: (id: string) => string | null }} Names
 * @typedef {[pattern: RegExp, make: (groups: string[], names: Names, depth: number) => Node]} Rule
 */

const deepest = 8;

/** @type {Record<string, Intl.DateTimeFormatOptions>} */
const timeStyles = {
  t: { timeStyle: 'short' },
  T: { timeStyle: 'medium' },
  d: { dateStyle: 'short' },
  D: { dateStyle: 'long' },
  f: { dateStyle: 'long', timeStyle: 'short' },
  F: { dateStyle: 'full', timeStyle: 'short' },
};
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto' });
/** @type {[Intl.RelativeTimeFormatUnit, number][]} */
const units = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
];

/** @param {number} seconds from now, negative in the past */
function fromNow(seconds) {
  const [unit, length] = units.find(([, one]) => Math.abs(seconds) >= one) ?? ['second', 1];
  return relative.format(Math.trunc(seconds / length), unit);
}

/** @param {string} seconds since 1970 @param {string} style */
function timestamp(seconds, style) {
  const at = new Date(Number(seconds) * 1000);
  if (Number.isNaN(at.getTime())) return document.createTextNode(`<t:${seconds}>`);
  const text =
    style === 'R'
      ? fromNow(Number(seconds) - Date.now() / 1000)
      : at.toLocaleString(undefined, timeStyles[style] ?? timeStyles['f']);
  return h('time', { datetime: at.toISOString() }, text);
}

/** @param {keyof HTMLElementTagNameMap} tag @returns {Rule[1]} */
const wrapped =
  (tag) =>
  ([text = ''], names, depth) =>
    h(tag, {}, ...inline(text, names, depth + 1));
/** @param {string} sign @param {string | null} name @param {string} id */
const mention = (sign, name, id) => h('span', { class: 'mention' }, `${sign}${name ?? id}`);

/** Discord's markdown, first match first. @type {Rule[]} */
const rules = [
  [/\\([*_~`|>\\@#])/, ([sign = '']) => document.createTextNode(sign)],
  [/``([^\n]+?)``|`([^`\n]+)`/, ([double, single]) => h('code', {}, (double ?? single ?? '').trim() || ' ')],
  [/<@!?(\d{1,20})>/, ([id = ''], { user }) => mention('@', user(id), id)],
  [/<@&(\d{1,20})>/, ([id = ''], { role }) => mention('@', role(id), id)],
  [/<#(\d{1,20})>/, ([id = ''], { channel }) => mention('#', channel(id), id)],
  [/<t:(-?\d{1,13})(?::([tTdDfFR]))?>/, ([seconds = '', style = 'f']) => timestamp(seconds, style)],
  [/<\/([^<>:\n]{1,100}):\d{1,20}>/, ([name = '']) => h('span', { class: 'mention' }, `/${name}`)],
  [/<a?(:\w{2,32}:)\d{1,20}>/, ([name = '']) => h('span', { class: 'emoji' }, name)],
  [/\[([^[\]\n]{1,200})\]\(<?(https?:\/\/[^\s()<>]+)>?\)/, ([text = '', address]) => link(address, text)],
  [/<(https?:\/\/[^\s<>]+)>/, ([address = '']) => link(address, address)],
  [
    /(https?:\/\/[^\s<>]*[^\s<>.,:;"'\])])/,
    ([address = '']) => (webAddress(address) ? link(address, address) : document.createTextNode(address)),
  ],
  [/\*\*(.+?)\*\*(?!\*)/, wrapped('strong')],
  [/__(.+?)__(?!_)/, wrapped('u')],
  [/~~(.+?)~~/, wrapped('s')],
  [/\|\|(.+?)\|\|/, ([text = ''], names, depth) => spoiler(inline(text, names, depth + 1))],
  [/\*(?=[^\s*])(.+?)\*(?!\*)/, wrapped('em')],
  [/(?<![\w_])_(?=[^\s_])(.+?)_(?!\w)/, wrapped('em')],
];
/** How many groups a pattern has. @param {RegExp} pattern */
const groupsIn = ({ source }) => (new RegExp(`${source}|`).exec('')?.length ?? 1) - 1;
const anyRule = new RegExp(rules.map(([{ source }]) => `(${source})`).join('|'), 'gs');
/** Where in a match of any rule each one stands; its own groups follow. */
const places = rules.map((_, index) => {
  const before = rules.slice(0, index).map(([pattern]) => 1 + groupsIn(pattern));
  return 1 + before.reduce((sum, groups) => sum + groups, 0);
});

/** @param {Node[]} content */
function spoiler(content) {
  const button = h(
    'button',
    {
      type: 'button',
      class: 'spoiler',
      'aria-label': 'Show spoiler',
      onclick: () => {
        button.classList.add('open');
        button.removeAttribute('aria-label');
      },
    },
    ...content,
  );
  return button;
}

/**
 * @param {string} text @param {Names} names @param {number} [depth]
 * @returns {Node[]}
 */
export function inline(text, names, depth = 0) {
  if (depth > deepest) return [document.createTextNode(text)];
  /** @type {Node[]} */
  const nodes = [];
  let end = 0;
  for (const match of text.matchAll(anyRule)) {
    const index = places.findIndex((place) => match[place] !== undefined);
    if (match.index > end) nodes.push(document.createTextNode(text.slice(end, match.index)));
    const groups = match.slice((places[index] ?? 0) + 1, places[index + 1]);
    nodes.push(rules[index]?.[1](groups, names, depth) ?? document.createTextNode(match[0]));
    end = match.index + match[0].length;
  }
  if (end < text.length) nodes.push(document.createTextNode(text.slice(end)));
  return nodes;
}
