import { byId, h } from './dom.js';

/**
 * @typedef {{ name: string, title: string, element: HTMLElement, shown: (isShown: boolean) => void }} Tab
 * `shown` is called when it comes into view or leaves it: nothing is asked or drawn for a tab that nobody sees.
 */

/** The right side: one of several tabs, or closed. What was open is remembered. @param {Tab[]} tabs */
export function startPanel(tabs) {
  const panel = byId('panel');
  /** @type {string} */
  let open = '';
  const buttons = tabs.map(({ name, title }) =>
    h(
      'button',
      {
        type: 'button',
        role: 'tab',
        id: `tab-${name}`,
        'aria-controls': `panel-${name}`,
        onclick: () => show(open === name ? '' : name),
      },
      title,
    ),
  );
  const list = byId('tabs');
  list.append(...buttons);
  list.addEventListener('keydown', ({ key }) => {
    const index = buttons.indexOf(/** @type {HTMLButtonElement} */ (document.activeElement));
    const next = key === 'ArrowRight' ? index + 1 : key === 'ArrowLeft' ? index - 1 : index;
    buttons[(next + buttons.length) % buttons.length]?.focus();
  });
  for (const { name, title, element } of tabs) {
    Object.assign(element, { id: `panel-${name}`, hidden: true });
    element.setAttribute('role', 'tabpanel');
    element.setAttribute('aria-labelledby', `tab-${name}`);
    element.prepend(
      h(
        'header',
        {},
        h('h2', {}, title),
        h('button', { type: 'button', class: 'quiet', 'aria-label': `Close ${title}`, onclick: () => show('') }, '×'),
      ),
    );
    panel.append(element);
  }

  /** @param {string} name empty closes the panel */
  function show(name) {
    for (const tab of tabs) {
      const isShown = tab.name === name;
      if (tab.element.hidden === isShown) tab.shown(isShown);
      tab.element.hidden = !isShown;
    }
    for (const [index, button] of buttons.entries()) {
      const isSelected = tabs[index]?.name === name;
      button.setAttribute('aria-selected', String(isSelected));
      button.tabIndex = isSelected || (name === '' && index === 0) ? 0 : -1;
    }
    panel.hidden = name === '';
    open = name;
    localStorage.setItem('panel', name);
  }
  const remembered = localStorage.getItem('panel') ?? (innerWidth > 1000 ? 'members' : '');
  show(tabs.some(({ name }) => name === remembered) ? remembered : '');
}

const everyMs = 1_000;

/** Calls again and again while a tab is shown, one call at a time; what fails is tried again. @param {() => Promise<unknown>} act */
export function whileShown(act) {
  let timer = 0;
  let isShown = false;
  const tick = async () => {
    await act().catch(() => {});
    if (isShown) timer = setTimeout(() => void tick(), everyMs);
  };
  return (/** @type {boolean} */ shown) => {
    isShown = shown;
    clearTimeout(timer);
    if (shown) void tick();
  };
}
