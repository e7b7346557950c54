import { type Browser, chromium, type Page } from 'playwright-core';
import type { Emulator } from '../../src/emulator/index.ts';

const quiet = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** @throws Error when there is no browser: these tests are never skipped */
export function openBrowser(): Promise<Browser> {
  const executablePath = process.env['DROAS_TEST_CHROMIUM'];
  if (!executablePath)
    throw new Error('DROAS_TEST_CHROMIUM names no browser: run `npm run test:system`, or set it to a Chromium');
  return chromium.launch({ executablePath, args: quiet });
}

/** The page of an emulator in a fresh profile, and what went wrong in it. */
export type OpenPage = { readonly page: Page; readonly problems: string[]; [Symbol.asyncDispose](): Promise<void> };

export async function openPage(
  browser: Browser,
  emulator: Emulator,
  options: { readonly theme?: 'light' | 'dark'; readonly panel?: string } = {},
): Promise<OpenPage> {
  const { theme = 'light', panel = '' } = options;
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, colorScheme: theme });
  context.setDefaultTimeout(10_000);
  const page = await context.newPage();
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(message.text());
  });
  page.on('dialog', (dialog) => {
    problems.push(`a script opened a dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  await page.addInitScript((name) => localStorage.setItem('panel', localStorage.getItem('panel') ?? name), panel);
  await page.goto(emulator.pageUrl);
  await page.locator('#channel h2').waitFor();
  return { page, problems, [Symbol.asyncDispose]: () => context.close() };
}
