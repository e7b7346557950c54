import { byId, h } from './dom.js';

const shownMs = 8_000;

/** Says for a moment what went wrong. @param {unknown} problem */
export function notice(problem) {
  const text = problem instanceof Error ? problem.message : String(problem);
  const box = h(
    'div',
    { class: 'notice' },
    h('span', {}, text),
    h('button', { type: 'button', class: 'quiet', 'aria-label': 'Dismiss', onclick: () => box.remove() }, '×'),
  );
  byId('notices').append(box);
  setTimeout(() => box.remove(), shownMs);
}

/**
 * Does something for a person; what goes wrong is said, and the answer is then undefined.
 * @template T @param {() => Promise<T>} action @returns {Promise<T | undefined>}
 */
export async function attempt(action) {
  try {
    return await action();
  } catch (problem) {
    notice(problem);
    return undefined;
  }
}
