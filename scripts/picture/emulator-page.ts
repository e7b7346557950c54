import type { Page } from 'playwright-core';
import { createEmulator } from '../../src/emulator/index.ts';
import { startBot } from '../../test/system/page-bot.ts';
import { openBrowser, openPage } from '../../test/system/page-browser.ts';

/** The emulator's page with a real bot on it, the ledger beside the chat; needs the browser of `npm run test:system`. */
export async function takeEmulatorPicture(file: string): Promise<void> {
  await using emulator = await createEmulator({ identifyWindowMs: 1 });
  const { world } = emulator;
  const people = ['you', 'ada', 'grace'].map((name) => world.person(name));
  const guild = world.createGuild({ name: 'Dragon Keep', owner: world.person('you'), members: people });
  for (const name of ['dice', 'stories']) world.createChannel(guild, { name });
  const application = emulator.createApplication({ name: 'greeter', guilds: 0, privilegedIntents: 32_768 });
  world.addMember(guild, application.bot);
  const bot = await startBot(emulator, application);
  const browser = await openBrowser();
  try {
    await using open = await openPage(browser, emulator, { theme: 'dark', panel: 'ledger' });
    await talk(open.page);
    await open.page.getByRole('cell', { name: 'c1 · INTERACTION_CREATE' }).waitFor();
    await open.page.screenshot({ path: file });
  } finally {
    await browser.close();
    await bot.destroy();
  }
}

async function talk(page: Page): Promise<void> {
  const field = page.locator('#message-field');
  const last = page.locator('#messages .message').last();
  await page.getByLabel('You are').selectOption('ada');
  await field.fill('hello everybody');
  await page.keyboard.press('Enter');
  await last.getByText('Hello ada!').waitFor();
  await page.getByLabel('You are').selectOption('you');
  await field.focus();
  await page.keyboard.type('/throw');
  await page.getByRole('option', { name: '/throw' }).waitFor();
  await page.keyboard.press('Enter');
  await page.keyboard.type('20');
  await page.keyboard.press('Enter');
  await last.getByText('It has 20 sides.').waitFor();
}
