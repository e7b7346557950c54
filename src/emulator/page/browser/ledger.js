import { get } from './api.js';
import { h } from './dom.js';
import { whileShown } from './panel.js';

/**
 * @import { Chat } from './chat.js'
 * @import { LedgerEntry } from '../../ledger/entry.ts'
 */

const mostShown = 400;
const drawEveryMs = 150;

/** Families of entries, each with a colour. @type {Record<string, string[]>} */
const families = {
  connection: ['connect', 'hello', 'send', 'close', 'refused', 'reconnect', 'invalid-session'],
  session: ['identify', 'identify-refused', 'ready', 'resume', 'resumed', 'session-ended', 'token-reset'],
  event: ['dispatch', 'replay'],
  rest: ['rest'],
  chat: ['message', 'interaction'],
  fault: ['fault', 'banned'],
  model: ['llm'],
};
/** @param {string} type */
const familyOf = (type) => Object.keys(families).find((family) => families[family]?.includes(type)) ?? 'other';

/** Told in a column of their own, or of no use to people. */
const untold = new Set(['seq', 'at', 'atMs', 'type', 'applicationId', 'sessionId']);

/** What really happened, as it happens; above it, who serves each bot and how many IDENTIFYs it has left. @param {Chat} chat */
export function ledgerTab(chat) {
  const owners = h('tbody');
  const rows = h('tbody');
  const scroller = h(
    'div',
    { class: 'ledger-rows', tabindex: 0, role: 'region', 'aria-label': 'Entries of the ledger' },
    h(
      'table',
      {},
      h(
        'thead',
        {},
        h('tr', {}, ...['Time', 'What', 'Bot', 'Details'].map((title) => h('th', { scope: 'col' }, title))),
      ),
      rows,
    ),
  );
  const words = h('input', {
    type: 'search',
    placeholder: 'Filter, such as close 4004',
    'aria-label': 'Filter the ledger',
    oninput: () => redraw(),
  });
  const bot = h('select', { 'aria-label': 'Bot', onchange: () => redraw() });
  const boxes = [...Object.keys(families), 'other'].map((family) => ({
    family,
    box: h('input', { type: 'checkbox', checked: true, onchange: () => redraw() }),
  }));
  const pause = h(
    'button',
    {
      type: 'button',
      class: 'button secondary',
      'aria-pressed': 'false',
      onclick: () => {
        const isPaused = pause.getAttribute('aria-pressed') === 'true';
        pause.setAttribute('aria-pressed', String(!isPaused));
        if (isPaused) redraw();
      },
    },
    'Pause',
  );

  /** @type {LedgerEntry[]} newest last */
  let entries = [];
  /** @type {LedgerEntry[]} */
  let waiting = [];
  let drawsSoon = false;
  /** @type {EventSource | null} */
  let stream = null;

  const nameOf = (/** @type {string | undefined} */ id) => (id ? (chat.application(id)?.name ?? id) : '');
  const isWanted = (/** @type {LedgerEntry} */ entry) => {
    const family = familyOf(entry.type);
    if (!boxes.some((one) => one.family === family && one.box.checked)) return false;
    if (bot.value !== '' && entry.applicationId !== bot.value) return false;
    const text = `${entry.type} ${nameOf(entry.applicationId)} ${detailsOf(entry, chat)}`.toLowerCase();
    return words.value
      .toLowerCase()
      .split(/\s+/)
      .every((word) => text.includes(word));
  };
  const rowOf = (/** @type {LedgerEntry} */ entry) =>
    h(
      'tr',
      { 'data-family': familyOf(entry.type) },
      h('td', {}, h('time', { datetime: entry.at, title: entry.at }, entry.at.slice(11, 23))),
      h('td', {}, h('span', { class: 'kind' }, entry.type)),
      h('td', {}, nameOf(entry.applicationId)),
      h('td', {}, detailsOf(entry, chat)),
    );

  function redraw() {
    rows.replaceChildren(...entries.filter(isWanted).slice(-mostShown).map(rowOf).reverse());
  }
  /** Newest first. Many entries cost one drawing. */
  function drawWaiting() {
    drawsSoon = false;
    const fresh = waiting;
    waiting = [];
    entries = [...entries, ...fresh].slice(-mostShown * 5);
    if (pause.getAttribute('aria-pressed') === 'true') return;
    rows.prepend(...fresh.filter(isWanted).slice(-mostShown).map(rowOf).reverse());
    while (rows.children.length > mostShown) rows.lastElementChild?.remove();
  }
  function listen() {
    const after = entries.at(-1)?.seq;
    stream = new EventSource(`/emulator/ledger/stream?${after === undefined ? `last=${mostShown}` : `after=${after}`}`);
    stream.onmessage = ({ data }) => {
      waiting.push(JSON.parse(data));
      if (!drawsSoon) setTimeout(drawWaiting, drawEveryMs);
      drawsSoon = true;
    };
  }

  async function drawOwners() {
    const all = await Promise.all(
      chat.applications.map(async ({ id, name }) => ({ name, ...(await get(`applications/${id}/standing`)) })),
    );
    owners.replaceChildren(
      ...all.map(({ name, owners: { now, max }, identify: { remaining, total, resetAfterMs } }) =>
        h(
          'tr',
          {},
          h('th', { scope: 'row' }, name),
          h('td', { class: max > 1 ? 'alarm' : null }, `${now} / ${max}`),
          h('td', { class: remaining < total / 20 ? 'alarm' : null }, `${remaining} / ${total}`),
          h('td', {}, resetAfterMs === 0 ? '—' : countdown(resetAfterMs)),
        ),
      ),
    );
  }
  function drawBots() {
    const chosen = bot.value;
    bot.replaceChildren(
      h('option', { value: '' }, 'All bots'),
      ...chat.applications.map(({ id, name }) => h('option', { value: id }, name)),
    );
    bot.value = [...bot.options].some(({ value }) => value === chosen) ? chosen : '';
  }
  chat.addEventListener('places', drawBots);
  drawBots();

  const readOwners = whileShown(drawOwners);
  const element = h(
    'section',
    { class: 'ledger' },
    h(
      'table',
      { class: 'owners' },
      h(
        'thead',
        {},
        h(
          'tr',
          {},
          ...['Bot', 'Owners now / most', 'IDENTIFYs left', 'Reset in'].map((title) =>
            h('th', { scope: 'col' }, title),
          ),
        ),
      ),
      owners,
    ),
    h('div', { class: 'filters' }, words, bot, pause),
    h(
      'fieldset',
      { class: 'families' },
      h('legend', { class: 'hidden' }, 'Kinds of entries'),
      ...boxes.map(({ family, box }) => h('label', { 'data-family': family }, box, ` ${family}`)),
    ),
    scroller,
  );
  const shown = (/** @type {boolean} */ isShown) => {
    readOwners(isShown);
    if (isShown) listen();
    else stream?.close();
  };
  return { name: 'ledger', title: 'Ledger', element, shown };
}

/** Fields whose value says enough by itself. */
const plain = new Set(['connectionId', 'event', 'method', 'route', 'reason']);
/** The end of a long id is enough to tell it from its neighbours. @type {Record<string, string>} */
const ids = { messageId: 'message', replyTo: 'reply to', interactionId: 'interaction', sessionId: 'session' };
const idEnd = 6;

/** @param {LedgerEntry} entry @param {Chat} chat */
const detailsOf = (entry, chat) =>
  Object.entries(entry)
    .filter(([name]) => !untold.has(name))
    .map(([name, value]) => {
      if (Array.isArray(value)) return `${name} ${value.join('/')}`;
      if (name === 'channelId') return `in ${chat.channels.get(String(value))?.name ?? value}`;
      if (name === 'authorId') return `by ${chat.nameOf(String(value)) ?? value}`;
      if (ids[name]) return `${ids[name]} …${String(value).slice(-idEnd)}`;
      return plain.has(name) ? String(value) : `${name} ${value}`;
    })
    .join(' · ');

/** @param {number} ms */
const countdown = (ms) => {
  const seconds = Math.ceil(ms / 1000);
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return parts.map((part) => String(part).padStart(2, '0')).join(':');
};
