import { byId } from './dom.js';

const names = { light: '☀ Light', dark: '☾ Dark' };

/** Light or dark as the system has it, until somebody chooses; the choice is kept. */
export function startTheme() {
  const button = byId('theme');
  const system = matchMedia('(prefers-color-scheme: dark)');
  /** @returns {'light' | 'dark'} */
  const shown = () => {
    const chosen = localStorage.getItem('theme');
    return chosen === 'light' || chosen === 'dark' ? chosen : system.matches ? 'dark' : 'light';
  };
  const apply = () => {
    const theme = shown();
    document.documentElement.dataset['theme'] = theme;
    const other = theme === 'dark' ? 'light' : 'dark';
    button.textContent = names[other];
    button.setAttribute('aria-label', `Use the ${other} theme`);
  };
  button.addEventListener('click', () => {
    localStorage.setItem('theme', shown() === 'dark' ? 'light' : 'dark');
    apply();
  });
  system.addEventListener('change', apply);
  apply();
}
