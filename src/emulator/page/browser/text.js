import { h } from './dom.js';
import { inline } from './inline.js';

/** @import { Names } from './inline.js' */

/** The language that a fence may begin with is not shown. */
const fence = /```(?:[\w+#-]*\n)?([\s\S]*?)```/g;
const heading = /^(#{1,3}) +(.+)$/;
const subtext = /^-# +(.+)$/;
const item = /^ *[-*] +(.+)$/;
const quote = /^> ?(.*)$/;

/**
 * Discord's markdown as elements.
 * @param {string} text @param {Names} names
 */
export function markdown(text, names) {
  const nodes = [];
  let end = 0;
  for (const match of text.matchAll(fence)) {
    nodes.push(...lines(text.slice(end, match.index), names), h('pre', {}, h('code', {}, match[1] ?? '')));
    end = match.index + match[0].length;
  }
  nodes.push(...lines(text.slice(end), names));
  return nodes;
}

/**
 * What each line begins with decides; all others are kept together, so that emphasis may span them.
 * @param {string} text @param {Names} names
 */
function lines(text, names) {
  /** @type {Node[]} */
  const nodes = [];
  /** @type {string[]} */
  let plain = [];
  const flush = () => {
    const content = plain.join('\n').replace(/^\n|\n$/g, '');
    if (content !== '') nodes.push(h('p', {}, ...inline(content, names)));
    plain = [];
  };
  for (const line of text.split('\n')) {
    const block = blockOf(line, names);
    if (!block) {
      plain.push(line);
      continue;
    }
    flush();
    const last = nodes.at(-1);
    // Neighbouring items are one list, neighbouring quotes one quote.
    if (last instanceof HTMLElement && last.tagName === block.tagName && /^(UL|BLOCKQUOTE)$/.test(block.tagName))
      last.append(...block.childNodes);
    else nodes.push(block);
  }
  flush();
  return nodes;
}

/** @param {string} line @param {Names} names */
function blockOf(line, names) {
  const [, marks = '', title] = heading.exec(line) ?? [];
  if (title) return h('p', { class: `heading level-${marks.length}` }, ...inline(title, names));
  const [, small] = subtext.exec(line) ?? [];
  if (small) return h('p', { class: 'subtext' }, ...inline(small, names));
  const [, point] = item.exec(line) ?? [];
  if (point) return h('ul', {}, h('li', {}, ...inline(point, names)));
  const [, quoted] = quote.exec(line) ?? [];
  if (quoted !== undefined) return h('blockquote', {}, h('p', {}, ...inline(quoted, names)));
  return null;
}
